"""The root fields ``why`` and ``conclusions`` (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.errors import UnavailableError
from qualitrace.graphql.concluded_types import ConcludedAnswer, concluded_answer
from qualitrace.graphql.context import Context, context_of, raw
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.node import given
from qualitrace.graphql.reading import at_home
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.why_types import AskedFact, WhyAnswer, why_answer
from qualitrace.registry.concluding import conclude
from qualitrace.registry.explaining import MOST, why
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.registry.telling import Asked
from qualitrace.text import Text

Info = strawberry.Info[Any, Any]

WHY_PAGE = 20
MOST_DEPTH = 32


def why_fields() -> dict[str, Any]:
    """Return the root fields about what follows."""
    return {
        "why": strawberry.field(
            _why,
            description="一条事实为什么成立：规则、所用的事实，直到单元格 / Why a fact holds: the rule, the "
            f"facts it used, down to documents and cells. first: at most {MOST} facts, depth: at most "
            f"{MOST_DEPTH} steps",
        ),
        "conclusions": strawberry.field(
            _conclusions,
            description="某日的状态：逾期、预警、应由谁处理 / What rules conclude on a date: overdue, whose "
            "turn; of a node, by some rules",
        ),
    }


def _why(
    info: Info,
    fact: AskedFact,
    as_of: dt.date | None = UNSET,
    known_at: Moment | None = UNSET,
    first: int = WHY_PAGE,
    depth: int = 16,
) -> WhyAnswer | None:
    if not 1 <= first <= MOST or not 0 <= depth <= MOST_DEPTH:
        raise LimitError(
            Text(
                zh=f"first 为 1 至 {MOST}，depth 为 0 至 {MOST_DEPTH}。",
                en=f"first is 1 to {MOST}, depth 0 to {MOST_DEPTH}.",
            ),
            where=f"first: {first}, depth: {depth}",
        )
    context = context_of(info).known(raw(info), given(known_at))
    state = asked_of(context)
    with state.reading():
        found = why(
            state, fact.subject, fact.property or "", fact.object or "", as_of=given(as_of), most=first
        )
        return why_answer(found, context, depth)


def _conclusions(
    info: Info,
    of: str | None = UNSET,
    rule: list[str] | None = UNSET,
    as_of: dt.date | None = UNSET,
    known_at: Moment | None = UNSET,
) -> list[ConcludedAnswer] | None:
    context = context_of(info).known(raw(info), given(known_at))
    found = conclude(asked_of(context), given(rule) or (), as_of=given(as_of), node=given(of) or "")
    return [concluded_answer(one) for one in found]


def asked_of(context: Context) -> Asked:
    """Return what a request sees of a registry. Raises UnavailableError when something else answers."""
    reading = at_home(context.reading)
    if not isinstance(reading, Registry | Past | Seen):
        raise UnavailableError(Text(zh="这里没有推理。", en="Nothing is reasoned here."))
    return reading
