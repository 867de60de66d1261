"""Commands about who may ask: token make, list, revoke (floor 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from qualitrace.access.book import AccessBook
from qualitrace.access.grants import read_grant, write_grants
from qualitrace.access.model import Role
from qualitrace.access.tokens import DAYS, Token
from qualitrace.cli import access_hooks, access_reads
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AuthorOption,
    JsonOption,
    ProfileOption,
    RegistryOption,
    day,
    default_author,
    guarded,
    open_registry,
    out,
    print_json,
)
from qualitrace.errors import QueryError
from qualitrace.text import Text

_tokens = typer.Typer(name="token", help="谁可以访问:令牌 / who may ask: tokens", no_args_is_help=True)

_ROLES = {
    Role.READER: Text(zh="读者", en="reader"),
    Role.AUDITOR: Text(zh="审核员", en="auditor"),
    Role.STEWARD: Text(zh="单位负责人", en="unit steward"),
    Role.OFFICE: Text(zh="质量管理部门", en="quality office"),
    Role.SYSTEM: Text(zh="其他系统", en="another system"),
}
_STATES = {
    "valid": Text(zh="有效", en="valid"),
    "expired": Text(zh="已过期", en="expired"),
    "revoked": Text(zh="已撤销", en="revoked"),
}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_tokens)
    access_reads.register(app)
    access_hooks.register(app)


@contextmanager
def open_book(registry: str, *, alone: bool = False) -> Iterator[AccessBook]:
    """Open what is kept of access beside a registry, or (``alone``) where none is. Raises RegistryError."""
    book = AccessBook.open(registry, alone=alone)
    try:
        yield book
    finally:
        book.close()


@_tokens.command("make")
def make(
    name: Annotated[str, typer.Option("--name", help="给谁用,记录中这样称呼 / whose it is, as it is logged")],
    role: Annotated[
        list[Role], typer.Option("--role", help="角色,可有几个 / role; may be given several times")
    ],
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", help="负责的单位:名称、编码或标识 / a steward's unit; may be given several times"
        ),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            "--grant",
            help="跨库查询时在某个登记库里的角色:库名=角色,或 库名=steward@单位标识 / "
            "a role in one registry of many: name=role, or name=steward@unit",
        ),
    ] = None,
    expires: Annotated[
        str, typer.Option("--expires", help="有效至哪一天(含,UTC) / valid through this day (UTC)")
    ] = "",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help=f"有效几天(默认 {DAYS}) / valid for so many days")
    ] = None,
    never_expires: Annotated[
        bool, typer.Option("--never-expires", help="长期有效,直到撤销 / valid until it is revoked")
    ] = False,
    across: Annotated[
        bool,
        typer.Option(
            "--across",
            help="用于跨库服务:--registry 处不必有登记库 / for a server across registries: there need be no "
            "registry at --registry",
        ),
    ] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """发放令牌,只显示一次 / make a token; it is shown once."""

    def action() -> None:
        until = _until(expires, days, never_expires)
        units = _resolved(unit or [], registry, profile)
        grants = [read_grant(one) for one in grant or []]
        with open_book(registry, alone=across) as book:
            made, secret = book.tokens.make(
                name, role, units=units, expires=until, by=default_author(author), grants=grants
            )
        if as_json:
            print_json({**_json(made), "token": secret})
            return
        console = out()
        console.print(secret, style="bold", highlight=False, soft_wrap=True)
        console.print(_told(made), highlight=False, soft_wrap=True)
        console.print("请立即保存,不会再次显示 / keep it now: it is not shown again", highlight=False)

    guarded(action)


def _told(token: Token) -> str:
    roles = ", ".join(_ROLES[role].both() for role in sorted(token.roles))
    parts = [
        token.id,
        escape(token.name),
        roles,
        *map(escape, sorted(token.units)),
        *map(escape, _granted(token)),
    ]
    return " · ".join([*parts, _expiry(token)])


def _granted(token: Token) -> list[str]:
    return sorted(one for grant in token.grants for one in write_grants(grant))


def _expiry(token: Token) -> str:
    return f"→ {_shown(token.expires)}" if token.expires else "长期有效 / never expires"


def _until(expires: str, days: int | None, never: bool) -> dt.datetime | None:
    """Work out when a token expires; None for never. Raises QueryError."""
    given = [
        option for option, on in (("--expires", expires), ("--days", days), ("--never-expires", never)) if on
    ]
    if len(given) > 1:
        raise QueryError(
            Text(zh="有效期只能写一种。", en="Say in one way only how long it is valid."),
            where=" ".join(given),
        )
    if never:
        return None
    if expires:
        following = day(expires, "--expires") + dt.timedelta(days=1)
        return dt.datetime.combine(following, dt.time(), dt.UTC)
    try:
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=days or DAYS)
    except OverflowError as error:
        raise QueryError(Text(zh="天数太多。", en="Too many days."), where=f"--days {days}") from error


def _resolved(units: list[str], registry: str, profile: Any) -> list[str]:
    """Return the IRIs of units. Raises UnknownNodeError."""
    if not units:
        return []
    opened = open_registry(registry, profile)
    try:
        return [opened.resolve(unit) for unit in units]
    finally:
        opened.close()


@_tokens.command("list")
def list_command(
    every: Annotated[
        bool, typer.Option("--all", help="也列出过期和撤销的 / those too that are expired or revoked")
    ] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    as_json: JsonOption = False,
) -> None:
    """列出令牌及其最近使用时间 / list tokens, with when each was used last."""

    def action() -> None:
        with open_book(registry) as book:
            tokens = [token for token in book.tokens.all() if every or token.state() == "valid"]
        if as_json:
            print_json([_json(token) for token in tokens])
            return
        _show(tokens)

    guarded(action)


def _show(tokens: list[Token]) -> None:
    table = Table(title="令牌 / tokens", title_justify="left")
    for heading in (
        "编号 id",
        "名称 name",
        "角色 role",
        "单位 units",
        "状态 state",
        "失效 expires",
        "最近使用 used",
    ):
        table.add_column(heading, overflow="fold")
    for token in tokens:
        table.add_row(
            token.id,
            escape(token.name),
            ", ".join(sorted(token.roles)),
            "\n".join([*map(escape, sorted(token.units)), *map(escape, _granted(token))]),
            _STATES[token.state()].both(),
            _shown(token.expires) if token.expires else "—",
            _shown(token.used_at) if token.used_at else "—",
        )
    if tokens:
        out().print(table)
    else:
        out().print("没有令牌 / no tokens", highlight=False)


@_tokens.command("revoke")
def revoke(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="编号,见 token list / its id, see token list")
    ],
    registry: RegistryOption = DEFAULT_REGISTRY,
    author: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """撤销令牌,所有服务一秒内生效 / end a token: within a second, in every running server."""

    def action() -> None:
        with open_book(registry) as book:
            ended = book.tokens.revoke(identifier, by=default_author(author))
        if as_json:
            print_json(_json(ended))
            return
        out().print(f"已撤销 / revoked: {ended.id} {escape(ended.name)}", highlight=False)

    guarded(action)


def _json(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "roles": sorted(token.roles),
        "units": sorted(token.units),
        "grants": _granted(token),
        "state": token.state(),
        "madeAt": token.made_at,
        "madeBy": token.made_by,
        "expires": token.expires,
        "revokedAt": token.revoked_at,
        "revokedBy": token.revoked_by,
        "usedAt": token.used_at,
    }


def _shown(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%MZ")
