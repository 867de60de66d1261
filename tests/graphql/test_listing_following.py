"""Sorted lists follow changes: after any of them they are as if they were made anew."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

import pytest

from qualitrace.graphql import listing
from qualitrace.graphql.derive import derive
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.listing import node_listing
from qualitrace.graphql.model import ApiModel, Kind
from qualitrace.graphql.paging import Listing
from qualitrace.graphql.plans.columns import Columns
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.profile.model import PathStep, Profile
from qualitrace.store import INFERRED, STATED, Engine, EngineView, OxigraphEngine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS, Fact, iri, literal
from tests.graphql.generated import facts
from tests.graphql.kitchens import BASE
from tests.graphql.kitchens import profile as kitchen_profile


class Way(Enum):
    ASC = "ASC"
    DESC = "DESC"


ORDERS: tuple[list[dict[str, Way]], ...] = ([], [{"label": Way.DESC}], [{"id": Way.ASC}])


@pytest.fixture(scope="module")
def profile() -> Profile:
    return kitchen_profile()


@pytest.fixture(scope="module")
def model(profile: Profile) -> ApiModel:
    return derive(profile)


class Asked:
    """An engine whose lists are kept, as requests one after another would ask for them."""

    def __init__(self, engine: Engine, model: ApiModel) -> None:
        self.engine, self.model = engine, model
        self.fetcher = Fetcher(engine, model, BASE, 10**9)
        self.snapshot = Snapshot(engine, 0, Columns(self.fetcher))

    def moves_on(self) -> None:
        position = self.snapshot.position + 1
        self.snapshot = Snapshot(self.engine, position, Columns(self.fetcher), before=self.snapshot)

    def lists(self, *, kept: bool) -> Iterator[Listing[str]]:
        types = sorted(one.name for one in self.model.types.values() if one.root)
        snapshot = self.snapshot if kept else None
        for name in types:
            fields = self.model.types[name].fields.values()
            sorted_by = [one.name for one in fields if not one.many and one.kind is not Kind.LINK]
            for order in [*ORDERS, *([{field: Way.DESC}] for field in sorted_by)]:
                yield node_listing(self.fetcher, self.model, name, order_by=order, snapshot=snapshot)


def changes(engine: OxigraphEngine, profile: Profile, chance: random.Random) -> tuple[list[Fact], list[Fact]]:
    """Some facts come, some go: names and codes, classes, whatever else nodes have."""
    held = sorted(engine.facts(STATED))
    nodes = sorted({fact.subject for fact in held})
    text = literal(f"{chance.choice('甲乙丙')}{chance.randrange(100)}")
    name = Fact(
        chance.choice(nodes), chance.choice([RDFS_LABEL, SKOS + "prefLabel", SKOS + "notation"]), text
    )
    class_ = chance.choice(sorted(profile.classes))
    kind = Fact(chance.choice([*nodes, f"{BASE}new"]), RDF_TYPE, iri(class_))
    came = [one for one in (name, kind, *chance.sample(facts(profile, chance), 2)) if chance.random() < 0.4]
    return came, chance.sample(held, chance.randrange(3))


@pytest.mark.parametrize("seed", range(4))
def test_lists_that_followed_changes_are_as_made_anew(
    profile: Profile, model: ApiModel, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_FEW", seed % 2)  # 0: however many moved, the rest is not sorted anew
    chance = random.Random(seed)
    engine = OxigraphEngine()
    for _ in range(4):
        engine.change(STATED, facts(profile, chance), ())
    whole = Asked(engine, model)
    part = Asked(EngineView(engine, {STATED: (STATED,), INFERRED: ()}), model)
    same = 0
    for _ in range(40):
        before = list(whole.lists(kept=True))
        graph = chance.choice([STATED, STATED, INFERRED])
        came, went = changes(engine, profile, chance)
        engine.change(graph, came, went)
        for one in (whole, part):
            one.moves_on()
            assert list(one.lists(kept=True)) == list(one.lists(kept=False))
        same += sum(now is then for now, then in zip(whole.lists(kept=True), before, strict=True))
    assert same > 40  # what nothing touched was kept


def test_a_graph_that_was_loaded_may_hold_anything(profile: Profile, model: ApiModel) -> None:
    engine = OxigraphEngine()
    asked = Asked(engine, model)
    assert {len(one.entries) for one in asked.lists(kept=True)} == {0}
    held = facts(profile, random.Random(1))
    engine.load(STATED, "".join(f"<{f.subject}> <{f.predicate}> {f.object} .\n" for f in held))
    asked.moves_on()
    assert list(asked.lists(kept=True)) == list(asked.lists(kept=False))
    assert max(len(one.entries) for one in asked.lists(kept=True)) > 0


def test_what_lies_farther_away_counts_whoever_changes(profile: Profile, model: ApiModel) -> None:
    """Where nodes are sorted by something of another node, that one's change moves them."""
    type_, field = next(
        (type_, field)
        for type_ in model.types.values()
        for field in type_.fields.values()
        if type_.root and field.scalar == "String" and field.kind is Kind.SCALAR
    )
    link = f"{BASE}terms/made-by"
    far = replace(field, path=((PathStep(link), PathStep(RDFS_LABEL)),))
    other = replace(type_, fields={**type_.fields, field.name: far})
    engine = OxigraphEngine()
    asked = Asked(engine, replace(model, types={**model.types, type_.name: other}))
    nodes, makers = [f"{BASE}{n}" for n in "abc"], [f"{BASE}maker/{n}" for n in "abc"]
    held = [Fact(node, RDF_TYPE, iri(type_.iri)) for node in nodes]
    held += [Fact(node, link, iri(maker)) for node, maker in zip(nodes, makers, strict=True)]
    engine.change(STATED, [*held, *(Fact(one, RDFS_LABEL, literal(one[-1])) for one in makers)], ())

    def listed() -> list[str]:
        order = [{field.name: Way.ASC}]
        found = node_listing(asked.fetcher, asked.model, type_.name, order_by=order, snapshot=asked.snapshot)
        return [one.item for one in found.entries]

    assert listed() == nodes
    renamed = Fact(makers[0], RDFS_LABEL, literal("z"))
    engine.change(STATED, [renamed], [Fact(makers[0], RDFS_LABEL, literal("a"))])
    asked.moves_on()
    assert listed() == [nodes[1], nodes[2], nodes[0]]
