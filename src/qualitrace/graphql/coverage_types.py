"""``coverage``: verdicts with their first missing link, counted, grouped and compared (floor 4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import strawberry

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.node import LANGUAGE, Node, Ref, described, node_field, text_field
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.verdict_types import Judged
from qualitrace.text import Text
from qualitrace.tracing import compared, find_way
from qualitrace.tracing.model import CoverageGroup, CoverageTable, Way

MAX_WAYS = 4  # ways of one cross table
MAX_GROUPS = 5000


@strawberry.type(name="CoverageKey", description="分组的一项依据 / One of the things a group is grouped by")
class KeyAnswer:
    """A way of grouping and what it leads to; no ``node`` stands for "leads to nothing"."""

    node_ref: strawberry.Private[Ref]
    text: strawberry.Private[Text]
    by: str = strawberry.field(description="所问的依据 / What was asked")
    fields: list[str] = strawberry.field(description="经由哪些字段 / The fields that were followed")
    node: Node | None = node_field("node_ref", "所属；空为不属任何组 / What it leads to; none: nothing")
    label: str | None = text_field("text", "依据的名称 / Name of what was asked")


@strawberry.type(name="CoverageGroup", description="一组对象的结论 / Verdicts of one group of nodes")
class GroupAnswer(Judged):
    """Counts of the nodes that lead to the same nodes."""

    node_ref: strawberry.Private[Ref]
    keys: list[KeyAnswer] = strawberry.field(description="各项依据，依所问次序 / By what, in the order asked")
    node: Node | None = node_field(
        "node_ref", "第一项依据所属；空为不属任何组 / What the first leads to; none: nothing"
    )


@strawberry.type(name="Coverage", description="齐全程度 / How many nodes have whole chains")
class CoverageAnswer(Judged):
    """Mirrors :class:`qualitrace.tracing.model.CoverageTable`."""

    tables: strawberry.Private[tuple[CoverageTable, CoverageTable | None]]
    then: strawberry.Private[Reading | None]
    class_text: strawberry.Private[Text]
    of: str = strawberry.field(description="所问的类 / The class asked about")
    as_of: dt.date
    since: dt.date | None = strawberry.field(description="与哪一天比较 / The date it is compared with")
    since_known: str | None = strawberry.field(
        description="与登记库何时所知比较 / The moment of recorded time it is compared with"
    )

    @described("所问的类的名称 / The name of the class asked about")
    def of_label(self, language: str | None = LANGUAGE) -> str | None:
        """Return the class's label."""
        return self.class_text.best(language or LANGUAGE) or None

    @described(
        "分组计数，可交叉：by 为类、概念表、字段（多级用点连接）或 steward（责任单位）；"
        "属于几组的对象在每组都计 / "
        "Counts by group, crossed when several are given: by classes, concept schemes, fields (joined by "
        "dots) or steward (the unit that must act); a node in several groups counts in each"
    )
    def groups(self, info: strawberry.Info[Any, Any], by: list[str]) -> list[GroupAnswer]:
        """Count verdicts by what ways lead to. Raises QueryError or LimitError."""
        context = context_of(info)
        _check("by", len(by), MAX_WAYS)
        now, earlier = self.tables
        ways = [find_way(context.reading.profile, now.of, name, shown=context.model.shown) for name in by]
        found = context.reading.grouped(now, ways)
        if self.then is not None and earlier is not None:
            found = compared(found, self.then.grouped(earlier, ways), self.since_known or "")
        groups = found.groups
        _check("groups", len(groups), MAX_GROUPS)
        pools = [
            tuple(dict.fromkeys(node.iri for group in groups if (node := group.keys[at])))
            for at in range(len(ways))
        ]
        return [_group(group, ways, pools) for group in groups]


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """What ``coverage`` asks: a class (IRI), a date (today when None), and what to compare with."""

    of: str
    as_of: dt.date | None
    since: dt.date | None
    since_known: str | None


def coverage_answer(asked: CoverageQuestion, context: Context, then: Reading | None) -> CoverageAnswer:
    """Show a coverage. ``then`` is what was known in the moment to compare with. Raises QueryError."""
    if then is None:
        now = table = context.reading.coverage_by(asked.of, as_of=asked.as_of, since=asked.since)
        earlier = None
    else:
        now = context.reading.coverage_by(asked.of, as_of=asked.as_of)
        earlier = then.coverage_by(asked.of, as_of=asked.since or dt.date.fromisoformat(now.as_of))
        table = compared(now, earlier, asked.since_known or "")
    model = context.reading.profile.classes.get(table.of)
    return CoverageAnswer(
        tables=(now, earlier),
        then=then,
        class_text=model.labels if model else Text(),
        of=model.name if model else table.of,
        as_of=dt.date.fromisoformat(table.as_of),
        since=dt.date.fromisoformat(table.since) if table.since else None,
        since_known=asked.since_known,
        **_counts(table.whole),
    )


def _counts(group: CoverageGroup) -> dict[str, Any]:
    return {"group": group, "total": group.total, "complete": group.complete, "broken": group.broken}


def _group(group: CoverageGroup, ways: list[Way], pools: list[tuple[str, ...]]) -> GroupAnswer:
    refs = [Ref("" if node is None else node.iri, pool) for node, pool in zip(group.keys, pools, strict=True)]
    return GroupAnswer(
        node_ref=refs[0] if refs else Ref("", ()),
        keys=[
            KeyAnswer(node_ref=ref, text=way.label, by=way.name, fields=list(way.fields))
            for ref, way in zip(refs, ways, strict=True)
        ],
        **_counts(group),
    )


def _check(name: str, found: int, allowed: int) -> None:
    if found > allowed:
        raise LimitError(
            Text(
                zh=f"{name} 有 {found} 项，至多 {allowed} 项。",
                en=f"{name} has {found} entries; at most {allowed} are allowed.",
            ),
            where=name,
            hint=Text(zh="请按更少或更粗的依据分组。", en="Group by fewer or coarser things."),
        )
