"""Questions at random, by every role and of every engine: answered alike, and nothing leaves that is hidden.

Half of the texts and nodes that they ask by are of people, most of them hidden from who asks.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from graphql import GraphQLInputType, GraphQLSchema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.authorisation.world import Visitor, World
from tests.contract.visiting import ENGINES, Asking, asking, clients, engine, who, world
from tests.graphql.generated import Operations

__all__ = ["asking", "clients", "engine", "who", "world"]

EXAMPLES = 25  # questions of each role to each engine
answered: Counter[tuple[str, str]] = Counter()


class Prying(Operations):
    """Operations that ask by what is marked; ``named`` are the marks they hold."""

    def __init__(self, schema: GraphQLSchema, chance: Random, judged: list[str], world: World) -> None:
        super().__init__(schema, chance, judged)
        self._world = world
        self._marks = sorted(world.marks.about)
        self.named: set[str] = set()

    def _mark(self) -> str:
        mark = self._chance.choice(self._marks)
        self.named.add(mark)
        return mark

    def _special(self, name: str) -> str | None:
        if name in ("node", "id") and self._chance.random() < 0.5:
            return f'"{self._chance.choice((*self._world.people, self._mark()))}"'
        return super()._special(name)

    def _value(self, type_: GraphQLInputType, depth: int) -> str:
        if str(type_).strip("!") == "String" and self._chance.random() < 0.5:
            return f'"{self._mark()}"'
        return super()._value(type_, depth)


def judged(world: World) -> list[str]:
    return [one.name for one in world.registry.profile.classes.values() if one.chains]


@pytest.mark.parametrize("engine", ENGINES[1:], indirect=True, scope="module")
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_questions_at_random(asking: Asking, who: Visitor, engine: str, seed: int) -> None:
    prying = Prying(
        asking.schema(who, {}).schema, Random(f"{who.name} {seed}"), judged(asking.world), asking.world
    )
    text = prying.operation()
    answer: dict[str, Any] = asking.told(who, text, *prying.named, **prying.variables)
    answered[engine, "with data" if answer.get("data") else "refused"] += 1


@pytest.mark.parametrize("one", ENGINES[1:])
def test_most_questions_had_an_answer(one: str) -> None:
    assert answered[one, "with data"] > 3 * EXAMPLES, answered
    assert answered[one, "with data"] > answered[one, "refused"], answered
