"""Commands about whom to tell: webhook add, list, remove, rotate, test, resume (floor 5)."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from qualitrace.access.book import AccessBook
from qualitrace.access.database import now, stamp
from qualitrace.access.hooks import Hook, HookEvent
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_FAILED,
    AuthorOption,
    JsonOption,
    RegistryOption,
    default_author,
    guarded,
    out,
    print_json,
)
from qualitrace.errors import QueryError
from qualitrace.journal import Journal
from qualitrace.text import Text

_hooks = typer.Typer(
    name="webhook", help="把变更告知其他系统 / tell other systems of changes", no_args_is_help=True
)
HookArgument = Annotated[
    str, typer.Argument(metavar="ID", help="编号,见 webhook list / its id, see webhook list")
]
_TEST_SECONDS = 15.0


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_hooks)


@_hooks.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https 地址 / an https address")],
    secret_file: Annotated[
        Path, typer.Option("--secret-file", help="签名密钥所在的文件 / the file with the signing secret")
    ],
    events: Annotated[
        str, typer.Option("--events", help="changes,proposals,findings(逗号分隔) / separated by commas")
    ] = "changes",
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="允许内部网络的地址和 http / private networks and http may be"),
    ] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    author: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """增加回调,从现在起告知 / tell an address of what happens from now on."""

    def action() -> None:
        from qualitrace.web.hooks.connecting import checked_url
        from qualitrace.web.hooks.messages import start

        wanted, secret = _events(events), _secret(secret_file)
        address = checked_url(url, private=allow_private)
        journal = Journal.open(registry)
        book = AccessBook.open(registry)
        try:
            told = start(journal)
            made = book.hooks.add(
                address, secret, wanted, told, private=allow_private, by=default_author(author)
            )
        finally:
            book.close()
            journal.close()
        if as_json:
            print_json(_json(made))
            return
        out().print(f"{made.id} {escape(made.url)}", highlight=False, soft_wrap=True)

    guarded(action)


def _events(text: str) -> list[HookEvent]:
    """Read the kinds of events. Raises QueryError."""
    named = [name.strip() for name in text.split(",") if name.strip()]
    known = set(HookEvent)
    wrong = [name for name in named if name not in known]
    if wrong or not named:
        raise QueryError(
            Text(zh="没有这种事件。", en="There is no such kind of event."),
            where="--events " + ",".join(wrong),
            hint=Text(zh=f"可选:{'、'.join(HookEvent)}。", en=f"Choose from: {', '.join(HookEvent)}."),
        )
    return [HookEvent(name) for name in named]


def _secret(path: Path) -> bytes:
    """Read the secret. Raises QueryError."""
    from qualitrace.web.hooks.signing import secret_of

    try:
        return secret_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise QueryError(
            Text(zh="密钥文件无法读取。", en="The file with the secret cannot be read."),
            where=f"{path}: {reason}",
            hint=Text(zh="可用 openssl rand -hex 32 产生密钥。", en="openssl rand -hex 32 makes a secret."),
        ) from error


@_hooks.command("list")
def list_command(registry: RegistryOption = DEFAULT_REGISTRY, as_json: JsonOption = False) -> None:
    """列出回调、进度和失败原因 / list webhooks: how far they were told, and what failed."""

    def action() -> None:
        book = AccessBook.open(registry)
        try:
            hooks = book.hooks.all()
        finally:
            book.close()
        if as_json:
            print_json([_json(hook) for hook in hooks])
        else:
            _show(hooks)

    guarded(action)


@_hooks.command("remove")
def remove(identifier: HookArgument, registry: RegistryOption = DEFAULT_REGISTRY) -> None:
    """删除回调 / remove a webhook."""

    def action() -> None:
        book = AccessBook.open(registry)
        try:
            gone = book.hooks.remove(identifier)
        finally:
            book.close()
        out().print(f"已删除 / removed: {gone.id} {escape(gone.url)}", highlight=False, soft_wrap=True)

    guarded(action)


@_hooks.command("resume")
def resume(identifier: HookArgument, registry: RegistryOption = DEFAULT_REGISTRY) -> None:
    """让停用的回调从停下处继续 / let a dead webhook go on from where it stopped."""

    def action() -> None:
        book = AccessBook.open(registry)
        try:
            found = book.hooks.resume(identifier)
        finally:
            book.close()
        out().print(f"继续 / goes on: {found.id} #{found.told.position + 1}", highlight=False)

    guarded(action)


@_hooks.command("rotate")
def rotate(
    identifier: HookArgument,
    secret_file: Annotated[
        Path, typer.Option("--secret-file", help="新密钥所在的文件 / the file with the new secret")
    ],
    overlap: Annotated[
        float,
        typer.Option(
            "--overlap",
            min=0,
            max=24 * 90,
            help="新旧密钥同时签名几小时;0 为立即停用旧密钥 / hours of signing with the old secret, too",
        ),
    ] = 24.0,
    registry: RegistryOption = DEFAULT_REGISTRY,
) -> None:
    """更换签名密钥,过渡期内新旧密钥都签名 / change the signing secret; for a while both sign."""

    def action() -> None:
        secret = _secret(secret_file)
        book = AccessBook.open(registry)
        try:
            found = book.hooks.rotate(identifier, secret, overlap * 3600)
        finally:
            book.close()
        out().print(
            f"已更换密钥 / secret changed: {found.id} ({overlap:g} h)", highlight=False, soft_wrap=True
        )

    guarded(action)


@_hooks.command("test")
def try_command(
    identifier: HookArgument, registry: RegistryOption = DEFAULT_REGISTRY, as_json: JsonOption = False
) -> None:
    """发送一条试验消息,进度不变 / send a message that says nothing; what is to be told stays."""

    def action() -> int | None:
        from qualitrace.web.hooks.deliverer import attempt
        from qualitrace.web.hooks.messages import trial

        book = AccessBook.open(registry)
        try:
            hook = book.hooks.one(identifier)
            message = trial(stamp(now()), f"test_{secrets.token_hex(8)}")
            came = attempt(hook, book.hooks.secrets(hook), message, seconds=_TEST_SECONDS)
        finally:
            book.close()
        if as_json:
            print_json({"id": message.id, "delivered": not came.problem, "problem": came.problem})
        else:
            out().print(
                f"✗ {escape(came.problem)}" if came.problem else "✓ 已送达 / delivered", highlight=False
            )
        return EXIT_FAILED if came.problem else None

    guarded(action)


def _show(hooks: list[Hook]) -> None:
    if not hooks:
        out().print("没有回调 / no webhooks", highlight=False)
        return
    table = Table(title="回调 / webhooks", title_justify="left")
    for heading in (
        "编号 id",
        "地址 address",
        "事件 events",
        "状态 state",
        "已告知 told",
        "送达 sent",
        "问题 problem",
    ):
        table.add_column(heading, overflow="fold")
    for hook in hooks:
        table.add_row(
            hook.id,
            escape(hook.url),
            "\n".join(sorted(hook.events)),
            "[bold red]停用 dead[/]" if hook.dead else "使用中 active",
            f"#{hook.told.position}",
            str(hook.delivered),
            escape(f"{hook.problem} ({hook.failures})" if hook.problem else ""),
        )
    out().print(table)


def _json(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.id,
        "url": hook.url,
        "events": sorted(hook.events),
        "private": hook.private,
        "madeAt": hook.made_at,
        "madeBy": hook.made_by,
        "state": "dead" if hook.dead else "active",
        "position": hook.told.position,
        "event": hook.told.event,
        "delivered": hook.delivered,
        "deliveredAt": hook.delivered_at,
        "failures": hook.failures,
        "nextAttempt": hook.next_at or None,
        "problem": hook.problem,
    }
