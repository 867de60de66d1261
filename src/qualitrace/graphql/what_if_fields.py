"""The root fields ``scenarios`` and ``whatIf``, for those who may propose (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.history_types import registry_of
from qualitrace.graphql.node import given
from qualitrace.graphql.reading import at_home
from qualitrace.graphql.seen_registry import seen_registry
from qualitrace.graphql.what_if_types import AskedScenario, ScenarioAnswer, WhatIfAnswer, what_if_answer
from qualitrace.registry.model import Change
from qualitrace.registry.registry import Registry
from qualitrace.registry.scenarios import Asked, asked, change_of
from qualitrace.registry.seen import Seen
from qualitrace.registry.what_if import what_if

Info = strawberry.Info[Any, Any]


def what_if_fields() -> dict[str, Any]:
    """Return the root fields about scenarios."""
    return {
        "scenarios": strawberry.field(
            _scenarios, description="可以试算的情景 / The scenarios that can be tried out"
        ),
        "what_if": strawberry.field(
            _what_if,
            description="如果这样改，会断什么、补齐什么；只试算，propose 可留作提议 / What a scenario would "
            "break and mend: a dry run; propose keeps it as a proposal",
        ),
    }


def _scenarios(info: Info) -> list[ScenarioAnswer]:
    profile = context_of(info).reading.profile
    return [ScenarioAnswer.of(one, profile) for one in profile.scenarios]


def _what_if(info: Info, scenario: AskedScenario, as_of: dt.date | None = UNSET) -> WhatIfAnswer | None:
    context = context_of(info)
    registry, seen = _registry(context), at_home(context.reading)
    one, change = scenario_change(registry, context, scenario)
    found = what_if(registry, one, change, as_of=given(as_of), seen=seen if isinstance(seen, Seen) else None)
    return what_if_answer(found, seen if isinstance(seen, Seen) else registry)


def scenario_change(registry: Registry, context: Context, scenario: AskedScenario) -> tuple[Asked, Change]:
    """Work out what a scenario changes, from what the caller sees. Raises QueryError, UnknownNodeError."""
    maker = seen_registry(registry, at_home(context.reading))
    one = asked(maker, scenario.name, scenario.nodes, scenario.since)
    return one, change_of(maker, one)


def _registry(context: Context) -> Registry:
    found = context.whole
    if not isinstance(found, Registry):
        registry_of(context)  # which says that something else answers
    assert isinstance(found, Registry)
    return found
