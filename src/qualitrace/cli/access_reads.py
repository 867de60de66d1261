"""The command that asks who read personal data: reads (floor 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from qualitrace.access.book import AccessBook
from qualitrace.access.noting import READ
from qualitrace.access.reads import MOST, Asked, Logged
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
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

_FEW = 5  # nodes of a note that a table shows


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("reads")(reads_command)


def reads_command(
    who: Annotated[str, typer.Option("--who", help="谁 / who")] = "",
    node: Annotated[str, typer.Option("--node", help="读了谁:标识 / whose data: an identifier")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="目的中的字 / part of the stated purpose")] = "",
    since: Annotated[
        str, typer.Option("--since", help="从何时起:日期或时刻(UTC) / from a date or time on (UTC)")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", help="至何时:日期(含)或时刻 / through a date, or until a time (UTC)")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="最多几条,最新的在前 / at most, newest first")
    ] = 100,
    forget_before: Annotated[
        str,
        typer.Option(
            "--forget-before",
            help="删除这一天以前的记录;删除本身会记下 / delete older notes; this is noted itself",
        ),
    ] = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    author: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """谁、为何读了谁的个人信息 / who read whose personal data, and why."""

    def action() -> None:
        book = AccessBook.open(registry)
        try:
            if forget_before:
                _forget(book, _time(forget_before, "--forget-before"), default_author(author), as_json)
                return
            whose = node if "://" in node or not node else _base(registry) + node
            asked = Asked(who, whose, purpose, _time(since, "--since"), _time(until, "--until", through=True))
            found = list(_pages(book, asked, limit))
        finally:
            book.close()
        if as_json:
            print_json([read_json(one) for one in found])
        else:
            _show(found)

    guarded(action)


def _base(registry: str) -> str:
    """Return what identifiers of a registry begin with."""
    journal = Journal.open(registry)
    try:
        return journal.settings()["base"]
    finally:
        journal.close()


def _pages(book: AccessBook, asked: Asked, limit: int) -> Iterator[Logged]:
    before: int | None = None
    while limit > 0:
        size = min(limit, MOST)
        page = book.reads(
            Asked(asked.who, asked.node, asked.purpose, asked.since, asked.until, before=before, limit=size)
        )
        yield from page
        if len(page) < size:
            return
        before, limit = page[-1].id, limit - size


def _forget(book: AccessBook, before: dt.datetime | None, author: str, as_json: bool) -> None:
    assert before is not None
    count = book.forget_reads(before, by=author)
    if as_json:
        print_json({"forgotten": count, "before": before})
        return
    out().print(f"已删除 / deleted: {count}", highlight=False)


def _time(text: str, option: str, *, through: bool = False) -> dt.datetime | None:
    """Read a date or a time (UTC when it names no zone); ``through``: a date counts whole.

    Raises QueryError.
    """
    if not text:
        return None
    try:
        read = dt.datetime.fromisoformat(text)
        if through and len(text.strip()) <= len("2025-03-01"):
            read += dt.timedelta(days=1)
        return read if read.tzinfo else read.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            Text(zh=f"“{text}”不是日期或时刻。", en=f"“{text}” is neither a date nor a time."),
            where=option,
            hint=Text(
                zh="请写成 2025-03-01 或 2025-03-01T12:00:00Z。",
                en="Write it like 2025-03-01 or 2025-03-01T12:00:00Z.",
            ),
        ) from error


def read_json(one: Logged) -> dict[str, Any]:
    """Return a note of the log as JSON."""
    read = one.read
    return {
        "id": one.id,
        "kind": one.kind,
        "at": read.at,
        "who": read.who,
        "token": read.token,
        "purpose": read.purpose,
        "route": read.route,
        "nodes": list(read.nodes),
        "count": read.count,
        "cut": one.cut,
        "address": read.address,
    }


def _show(found: list[Logged]) -> None:
    if not found:
        out().print("没有记录 / nothing was read", highlight=False)
        return
    table = Table(title="读取记录 / reads", title_justify="left")
    for heading in ("时间 at", "谁 who", "目的 purpose", "途径 route", "人数 count", "对象 nodes"):
        table.add_column(heading, overflow="fold")
    for one in found:
        read = one.read
        told = "" if one.kind == READ else "已删除旧记录 / older notes deleted"
        nodes = "\n".join([*read.nodes[:_FEW], *(["…"] if read.count > _FEW else [])])
        table.add_row(
            read.at.strftime("%Y-%m-%d %H:%M:%SZ"),
            escape(f"{read.who} {read.token}".strip()),
            escape(told or read.purpose),
            escape(read.route),
            str(read.count),
            escape(nodes or (read.purpose if told else "")),
        )
    out().print(table)
