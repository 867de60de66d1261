"""``reads``: who read personal data, for those who may ask (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.access.model import Right
from qualitrace.access.reads import MOST, Asked, Logged
from qualitrace.errors import ForbiddenError, QueryError, UnknownNodeError
from qualitrace.graphql.asking import asker
from qualitrace.graphql.context import raw
from qualitrace.graphql.node import given
from qualitrace.graphql.values import identifier
from qualitrace.text import Text

Info = strawberry.Info[Any, Any]
PAGE = 100


@strawberry.type(name="PersonalRead", description="一次个人信息查阅 / A reading of personal data")
class ReadAnswer:
    """Mirrors :class:`qualitrace.access.gate.PersonalRead`."""

    id: strawberry.ID
    kind: str = strawberry.field(description="read 或 forgotten（较早的记录已删）/ read, or forgotten")
    at: str = strawberry.field(description="何时（UTC）/ When (UTC)")
    who: str = strawberry.field(description="何人 / Who")
    token: str = strawberry.field(description="所用令牌的编号 / The identifier of the token")
    purpose: str = strawberry.field(description="为何 / Why")
    route: str = strawberry.field(description="经由何处 / By which route")
    address: str = strawberry.field(description="来自哪个地址 / From which address")
    nodes: list[strawberry.ID] = strawberry.field(description="谁的信息 / Whose data")
    count: int = strawberry.field(description="涉及几个对象 / How many nodes in all")
    cut: bool = strawberry.field(description="名单不全 / Whether not all are listed")

    @classmethod
    def of(cls, one: Logged, base: str) -> ReadAnswer:
        """Show a note."""
        read = one.read
        return cls(
            id=strawberry.ID(str(one.id)),
            kind=one.kind,
            at=read.at.isoformat(),
            who=read.who,
            token=read.token,
            purpose=read.purpose,
            route=read.route,
            address=read.address,
            nodes=[strawberry.ID(identifier(iri, base)) for iri in read.nodes],
            count=read.count,
            cut=one.cut,
        )


@strawberry.type(name="PersonalReads", description="查阅记录，新的在前 / Readings, newest first")
class ReadsAnswer:
    """A page of the log."""

    nodes: list[ReadAnswer]
    end_cursor: strawberry.ID | None = strawberry.field(
        description="下一页的 after；没有更多则为空 / after of the next page; null when there is none"
    )


KNOWN = (ReadAnswer, ReadsAnswer)


def read_log_fields() -> dict[str, Any]:
    """Return the root field about what was read."""
    return {
        "reads": strawberry.field(
            _reads, description="谁为何查阅了谁的个人信息 / Who read whose personal data, and why"
        )
    }


def _reads(
    info: Info,
    who: str | None = UNSET,
    node: str | None = UNSET,
    purpose: str | None = UNSET,
    since: dt.datetime | None = UNSET,
    until: dt.datetime | None = UNSET,
    first: int | None = PAGE,
    after: strawberry.ID | None = UNSET,
) -> ReadsAnswer | None:
    asking = asker()
    if Right.READ_LOG not in asking.caller.rights:
        raise ForbiddenError(Text(zh="您的角色不允许这样做。", en="Your role does not allow this."))
    if asking.access is None or not hasattr(asking.access, "reads"):
        raise QueryError(Text(zh="这里不记录查阅。", en="Nothing is noted here of what was read."))
    size = first if first is not None else PAGE
    if not 1 <= size <= MOST:
        raise QueryError(
            Text(zh=f"first 应在 1 与 {MOST} 之间。", en=f"first is from 1 to {MOST}."), where="first"
        )
    reading = info.context.below(raw(info)).reading
    found = asking.access.reads(
        Asked(
            who=given(who) or "",
            node=_iri(reading, node) if node else "",
            purpose=given(purpose) or "",
            since=_utc(given(since)),
            until=_utc(given(until)),
            before=_number(after),
            limit=size,
        )
    )
    base = reading.base
    last = strawberry.ID(str(found[-1].id)) if len(found) == size else None
    return ReadsAnswer(nodes=[ReadAnswer.of(one, base) for one in found], end_cursor=last)


def _iri(reading: Any, node: str) -> str:
    """The node that is meant, also when it is no longer in the registry."""
    try:
        return str(reading.resolve(node))
    except UnknownNodeError:
        return node if ":" in node else f"{reading.base}{node}"


def _number(after: Any) -> int | None:
    if not given(after):
        return None
    if not str(after).isdecimal():
        raise QueryError(Text(zh="after 不是游标。", en="after is no cursor."), where="after")
    return int(str(after))


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
