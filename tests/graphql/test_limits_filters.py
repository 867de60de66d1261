"""Filters asked condition by condition find what they find in one query."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest

from qualitrace.graphql import filters
from qualitrace.graphql.derive import derive
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.sources import SparqlSource
from tests.graphql.kitchens import Kitchen

LEAVES: list[dict[str, Any]] = [
    {"code": {"eq": "H1"}},
    {"code": {"startsWith": "H"}},
    {"code": {"in": ["H1", "H2", "x"]}},
    {"label": {"contains": "a"}},
    {"label": {"exists": True}},
    {"label": {"exists": False}},
    {"controlledBy": {"some": {"label": {"exists": True}}}},
    {"controlledBy": {"none": {"code": {"eq": "P1"}}}},
    {"controlledBy": {"none": {"code": {"eq": "P1"}}, "exists": True}},
    {"controlledBy": {"exists": False}},
    {"code": {"in": ["H1", "H2"], "startsWith": "H"}},
    {"code": None},
    {},
]


def made(chance: Random, depth: int) -> dict[str, Any]:
    kind = chance.choice(("leaf", "and", "or", "not")) if depth else "leaf"
    if kind == "leaf":
        return chance.choice(LEAVES)
    if kind == "not":
        return {"not": made(chance, depth - 1)}
    return {kind: [made(chance, depth - 1) for _ in range(chance.randrange(4))], **chance.choice(LEAVES)}


@pytest.mark.parametrize("seed", range(60))
def test_both_ways_find_the_same(kitchen: Kitchen, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    where = made(Random(seed), 3)
    model = derive(kitchen.profile, protected=True)
    source = SparqlSource(kitchen.engine, model, kitchen.base)
    apart = set(source._combined("Hazard", where))
    group = filters.Filters(model, kitchen.base).nodes("Hazard", where, "?n")
    together = set(source._listed(f"SELECT DISTINCT ?n WHERE {{ {group} }}"))
    assert apart == together, where
    assert set(source.matching("Hazard", where)) == together


def test_they_find_something_and_not_everything(kitchen: Kitchen) -> None:
    fetcher = Fetcher(kitchen.engine, derive(kitchen.profile, protected=True), kitchen.base, 10**9)
    every = len(fetcher.matching("Hazard", None))
    sizes = {len(fetcher.matching("Hazard", leaf)) for leaf in LEAVES}
    assert len(sizes) > 2 and max(sizes) == every > min(sizes)


def test_a_long_list_is_asked_in_parts(kitchen: Kitchen) -> None:
    fetcher = Fetcher(kitchen.engine, derive(kitchen.profile, protected=True), kitchen.base, 10**9)
    codes = [f"H{n}" for n in itertools.chain(range(900, 1700), range(5))]
    short = {"code": {"in": [f"H{n}" for n in range(5)]}}
    assert filters.apart({"code": {"in": codes}})
    assert not filters.apart(short)
    assert set(fetcher.matching("Hazard", {"code": {"in": codes}})) == set(fetcher.matching("Hazard", short))
