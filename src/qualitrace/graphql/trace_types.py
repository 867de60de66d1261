"""``trace``: paths with their basis, sources, holders and gaps (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import strawberry

from qualitrace.budget import look
from qualitrace.errors import QualitraceError
from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.node import Node, Ref, described, node_field, text_field
from qualitrace.graphql.paging import MAX_PAGE, check_size
from qualitrace.graphql.shared_types import FactBasis, FactSource, PropertyName
from qualitrace.graphql.verdict_types import VerdictAnswer, verdict_answers
from qualitrace.terms import OWL_THING
from qualitrace.text import Text
from qualitrace.tracing import MAX_DEPTH
from qualitrace.tracing.model import Path, Step, Trace


@strawberry.enum(description="路径的终点 / How a path ends")
class TraceEnding(Enum):
    """Mirrors :class:`qualitrace.tracing.model.Ending`."""

    REACHED = strawberry.enum_value("reached", description="到达所问的类 / At a node of the asked class")
    ABSENT = strawberry.enum_value("absent", description="下一环缺失 / At a node whose next link is missing")


MAX_TRACES = 200  # nodes traced from at one place of a request
TRACE_PAGE = 100
TRACE_STEPS = MAX_DEPTH
MAX_STEPS = 32
TRACE_ABOUT = (
    f"追溯到一类对象，在某日有效；first 为路径数上限（至多 {MAX_PAGE}），maxSteps 为步数上限（{MAX_STEPS}）；"
    "有路径因此略去时 partial 为真 / "
    f"All paths to a class, valid on a date; first bounds the number of paths, at most {MAX_PAGE}, maxSteps "
    f"their length, at most {MAX_STEPS}; partial is true when a bound may have left some out"
)
# Strongest first: a holder named in so many words outweighs one who answers for a whole unit.
_STRENGTH = {basis: number for number, basis in enumerate(FactBasis)}


@strawberry.type(name="TraceStep", description="路径的一步 / One step of a path")
class TraceStepAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Step`."""

    source_ref: strawberry.Private[Ref]
    target_ref: strawberry.Private[Ref]
    capacity_text: strawberry.Private[Text]
    property: PropertyName
    basis: FactBasis
    sources: list[FactSource]
    valid_from: dt.date | None = strawberry.field(description="起 / Valid from")
    valid_to: dt.date | None = strawberry.field(description="止 / Valid to")
    suspect: bool = strawberry.field(
        description="原文已改，关系待确认 / What the link was made against has changed; it is to be confirmed"
    )
    source: Node | None = node_field("source_ref", "从 / From")
    target: Node | None = node_field("target_ref", "到 / To")
    capacity: str | None = text_field("capacity_text", "以何身份（如代理）/ In what capacity (acting, …)")


@strawberry.type(name="TracePath", description="一条责任路径 / One path of responsibility")
class TracePathAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Path`."""

    end_ref: strawberry.Private[Ref]
    steward_ref: strawberry.Private[Ref]
    capacity_text: strawberry.Private[Text]
    absence_text: strawberry.Private[Text]
    ending: TraceEnding
    basis: FactBasis = strawberry.field(description="各步中最弱的依据 / The weakest basis of its steps")
    missing: PropertyName | None = strawberry.field(description="缺失的关系 / The link that is missing")
    steps: list[TraceStepAnswer]
    end: Node | None = node_field("end_ref", "最后的对象 / The last node")
    capacity: str | None = text_field("capacity_text", "以何身份 / In what capacity")
    absence: str | None = text_field("absence_text", "缺失之称（如空缺）/ What the gap is called")
    steward: Node | None = node_field("steward_ref", "应负责补正的部门 / The unit that must repair it")


@strawberry.type(
    name="TraceEnd", description="谁负责，或哪里空缺：各路径终点归并 / Who answers or what is vacant"
)
class TraceEndAnswer:
    """The distinct ends of the paths, each with its strongest basis."""

    node_ref: strawberry.Private[Ref]
    steward_ref: strawberry.Private[Ref]
    capacity_text: strawberry.Private[Text]
    absence_text: strawberry.Private[Text]
    ending: TraceEnding
    basis: FactBasis = strawberry.field(description="最强的依据 / The strongest basis of its paths")
    paths: int = strawberry.field(description="路径数 / How many paths end so")
    missing: PropertyName | None = strawberry.field(description="缺失的关系 / The link that is missing")
    valid_from: dt.date | None = strawberry.field(description="最后一个有期限的环节起 / Since when")
    valid_to: dt.date | None = strawberry.field(description="止 / Until when")
    node: Node | None = node_field(
        "node_ref", "到达的对象，或链条中断处 / What is reached, or where it breaks"
    )
    capacity: str | None = text_field("capacity_text", "以何身份 / In what capacity")
    absence: str | None = text_field("absence_text", "缺失之称 / What the gap is called")
    steward: Node | None = node_field("steward_ref", "应负责补正的部门 / The unit that must repair it")


@strawberry.type(name="Trace", description="追溯的答案 / The answer to a trace")
class TraceAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Trace`."""

    start_ref: strawberry.Private[Ref]
    to: str | None = strawberry.field(
        description="所问的类；问一切时为空 / The class asked for; none: everything"
    )
    as_of: dt.date
    backwards: bool
    partial: bool = strawberry.field(
        description="答案被截短 / A bound cut the answer short: there are more paths"
    )
    paths: list[TracePathAnswer]
    ends: list[TraceEndAnswer]
    start: Node | None = node_field("start_ref", "起点 / Where it starts")
    uncounted_text: strawberry.Private[Text]
    uncounted: str | None = text_field(
        "uncounted_text",
        "起点这一天不起作用的缘由(状态、日期);起作用则空 / "
        "Why the start does not count on the date (its state, its dates); none when it does",
    )

    @described(
        "起点的链条在该日是否齐全；所属类没有规定链条则空 / "
        "Whether the chains of its start are whole on the date; none where its class has none"
    )
    def verdict(self, info: strawberry.Info[Any, Any]) -> VerdictAnswer | None:
        """Judge the node the trace starts from."""
        context = context_of(info)
        found = context.reading.verdict(self.start_ref.iri, as_of=self.as_of)
        return None if found is None else verdict_answers([found], context)[0]


def traced(context: Context, node: str, arguments: Mapping[str, Any]) -> Trace:
    """Ask for a trace as the arguments of a ``trace`` field say. Raises UnknownNodeError or LimitError."""
    check_size("first", arguments["first"])
    if arguments["maxSteps"] > MAX_STEPS:
        raise LimitError(
            Text(zh=f"路径至多 {MAX_STEPS} 步。", en=f"A path has at most {MAX_STEPS} steps."),
            where=f"maxSteps: {arguments['maxSteps']}",
        )
    return context.reading.trace(
        node,
        OWL_THING if arguments.get("to") is None else arguments["to"].value,
        as_of=arguments.get("asOf"),
        backwards=arguments["backwards"],
        shortest=arguments["shortest"],
        limit=max(arguments["first"], 1),
        max_depth=arguments["maxSteps"],
    )


def trace_many(context: Context, iris: Sequence[str], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Trace from many nodes. Their answers share one pool, so what they show is fetched together."""
    if len(iris) > MAX_TRACES:
        raise LimitError(
            Text(
                zh=f"一次请求最多追溯 {MAX_TRACES} 个对象。",
                en=f"One request may trace from at most {MAX_TRACES} nodes.",
            ),
            hint=Text(zh="请用 first 或 where 缩小范围。", en="Narrow it with first or where."),
        )
    found: dict[str, Any] = {}
    for iri in iris:
        try:
            look("trace")
            found[iri] = traced(context, iri, arguments)
        except QualitraceError as error:
            found[iri] = error
    traces = [trace for trace in found.values() if isinstance(trace, Trace)]
    pool = tuple(dict.fromkeys(iri for trace in traces for iri in (trace.start, *trace.nodes)))
    return {
        iri: trace_answer(trace, context, pool) if isinstance(trace, Trace) else trace
        for iri, trace in found.items()
    }


def trace_answer(trace: Trace, context: Context, pool: Sequence[str] | None = None) -> TraceAnswer:
    """Show a trace. ``pool`` holds the nodes of all traces that stand at the same place."""
    writer = _Writer(trace, context, tuple(trace.nodes) if pool is None else pool)
    paths = [writer.path(path) for path in trace.paths]
    model = context.reading.profile.classes.get(trace.to)
    return TraceAnswer(
        start_ref=Ref(trace.start, (trace.start,) if pool is None else pool),
        to=None if model is None else model.name,
        as_of=dt.date.fromisoformat(trace.as_of),
        backwards=trace.backwards,
        partial=trace.partial,
        paths=paths,
        ends=writer.ends(zip(trace.paths, paths, strict=True)),
        uncounted_text=trace.uncounted,
    )


class _Writer:
    def __init__(self, trace: Trace, context: Context, pool: Sequence[str]) -> None:
        self._trace = trace
        self._context = context
        self._pool = pool
        self._names: dict[str, PropertyName] = {}

    def path(self, path: Path) -> TracePathAnswer:
        return TracePathAnswer(
            end_ref=self._ref(self._last(path)),
            steward_ref=self._ref(path.steward),
            capacity_text=path.capacity,
            absence_text=path.absence,
            ending=TraceEnding(path.ending.value),
            basis=FactBasis(path.basis.value),
            missing=self._property(path.missing) if path.missing else None,
            steps=[self._step(step) for step in path.steps],
        )

    def ends(self, paths: Iterable[tuple[Path, TracePathAnswer]]) -> list[TraceEndAnswer]:
        """Gather paths by where they end, strongest basis first; the order of paths settles the rest."""
        gathered: dict[tuple[object, ...], list[tuple[Path, TracePathAnswer]]] = {}
        for path, shown in paths:
            since, until = path_dates(path)
            key = (shown.end_ref.iri, path.missing, path.capacity, since, until)
            gathered.setdefault(key, []).append((path, shown))
        ends = [self._end(members) for members in gathered.values()]
        return sorted(ends, key=lambda end: (end.ending is TraceEnding.ABSENT, _STRENGTH[end.basis]))

    def _end(self, members: Sequence[tuple[Path, TracePathAnswer]]) -> TraceEndAnswer:
        path, shown = members[0]
        since, until = path_dates(path)
        return TraceEndAnswer(
            node_ref=shown.end_ref,
            steward_ref=shown.steward_ref,
            capacity_text=path.capacity,
            absence_text=path.absence,
            ending=TraceEnding(path.ending.value),
            basis=min((one.basis for _, one in members), key=_STRENGTH.__getitem__),
            paths=len(members),
            missing=shown.missing,
            valid_from=_date(since),
            valid_to=_date(until),
        )

    def _step(self, step: Step) -> TraceStepAnswer:
        return TraceStepAnswer(
            source_ref=self._ref(step.source),
            target_ref=self._ref(step.target),
            capacity_text=step.capacity,
            property=self._property(step.property),
            basis=FactBasis(step.basis.value),
            sources=[FactSource.of(source) for source in step.sources],
            valid_from=_date(step.valid_from),
            valid_to=_date(step.valid_to),
            suspect=step.suspect,
        )

    def _last(self, path: Path) -> str:
        if not path.steps:
            return self._trace.start
        last = path.steps[-1]
        return last.source if self._trace.backwards else last.target

    def _ref(self, iri: str) -> Ref:
        return Ref(iri, self._pool)

    def _property(self, iri: str) -> PropertyName:
        if iri not in self._names:
            self._names[iri] = PropertyName(iri=iri, text=self._context.term_text(iri))
        return self._names[iri]


def path_dates(path: Path) -> tuple[str, str]:
    """Return the validity of the last dated link of a path; "" for an open end."""
    dated = (step for step in reversed(path.steps) if step.valid_from or step.valid_to)
    last = next(dated, None)
    return ("", "") if last is None else (last.valid_from, last.valid_to)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None


def trace_annotations(info: Any) -> dict[str, Any]:
    """Return the annotations of a ``trace`` field's resolver, without the node it starts from."""
    return {
        "info": info,
        "to": "NodeClass | None",
        "as_of": dt.date | None,
        "backwards": bool,
        "shortest": bool,
        "first": int,
        "max_steps": int,
        "return": "Trace | None",
    }
