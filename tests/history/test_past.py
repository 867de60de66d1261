"""What the registry knew: the state at a position is that of a registry that had nothing later."""

from __future__ import annotations

import datetime as dt
import gc
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from qualitrace.access.model import PUBLIC, Caller, Principal
from qualitrace.errors import NotConformingError, QueryError, UnknownNodeError
from qualitrace.graphql import build_schema
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.graphql.plans.often import OFTEN
from qualitrace.journal import Changeset
from qualitrace.journal.lookup import net_change
from qualitrace.registry import Registry
from qualitrace.registry.moments import position_of
from qualitrace.registry.past import Past
from qualitrace.registry.recalled import Pasts
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, literal
from tests.graphql.asking import ask
from tests.graphql.kitchens import FACTS, name
from tests.history.kitchen import POOL, commit, copied, profile, statement

DAYS = (dt.date(2024, 6, 5), dt.date(2024, 6, 15))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", profile())
    yield made
    made.close()


def everything(view: Registry | Past) -> dict[str, object]:
    """All that can be asked of a state."""
    facts = set(view.engine.facts(STATED))
    nodes = sorted({fact.subject for fact in facts if fact.predicate == RDF_TYPE})
    return {
        "position": view.position,
        "stated": facts,
        "inferred": set(view.engine.facts(INFERRED)),
        "sources": {fact: set(places) for fact, places in view.sources(facts).items()},
        "traces": [view.trace(node, "Cook", as_of=day) for node in nodes for day in DAYS],
        "coverage": [view.coverage("Hazard", as_of=day) for day in DAYS],
        "findings": tuple(view.validate().findings),
        "changesets": list(view.changesets()),
    }


# Each example is a few seconds: the one that fails is shown as it is, not looked for anew.
@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(st.sets(st.sampled_from(range(len(POOL))), max_size=25), min_size=2, max_size=4), st.data())
def test_a_state_is_that_of_a_registry_with_nothing_later(
    commits: list[set[int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        registry = Registry.create(place / "r.db", profile())
        copies = [copied(place / "r.db", place / "0.db")]
        held: set[int] = set()
        for toggled in [set(range(0, len(POOL), 2)), *commits]:
            try:
                done = commit(
                    registry,
                    (POOL[number] for number in sorted(toggled - held)),
                    (POOL[number] for number in sorted(toggled & held)),
                )
            except NotConformingError:
                continue
            held ^= toggled
            if done.changeset:
                copies.append(copied(place / "r.db", place / f"{done.changeset.position}.db"))
        for position in data.draw(st.permutations(range(len(copies)))):
            alone = Registry.open(copies[position], profile())
            assert everything(registry.at(position)) == everything(alone)
            alone.close()
        registry.close()


def history(registry: Registry) -> list[str]:
    """A name that changes three times; when each was recorded."""
    label = Fact(name("hazard/H1"), RDFS_LABEL, literal("冷藏温度过高", language="zh"))
    others = [Fact(label.subject, label.predicate, literal(f"第{n}名", language="zh")) for n in (2, 3)]
    times = []
    for added, removed in (
        (map(statement, FACTS), ()),
        ([statement(others[0])], [statement(label)]),
        ([statement(others[1], "later.csv")], [statement(others[0])]),
    ):
        changeset = commit(registry, added, removed).changeset
        assert changeset is not None
        times.append(changeset.at)
    return times


def label_of(view: Registry | Past) -> str:
    return view.trace("hazard/H1", "Cook", as_of=DAYS[0]).nodes[name("hazard/H1")].label["zh"]


def test_a_moment_is_a_number_an_identifier_a_date_or_a_time(registry: Registry) -> None:
    times = history(registry)
    ids = [changeset.id for changeset in registry.changesets()]
    labels = ["冷藏温度过高", "第2名", "第3名"]
    for number, (at, identifier, label) in enumerate(zip(times, ids, labels, strict=True), start=1):
        for moment in (str(number), f"#{number}", identifier, identifier[:10].upper(), at):
            assert label_of(registry.at(moment)) == label, moment
    assert registry.at(3) is registry
    assert registry.at(times[0][:10]) is registry
    with pytest.raises(UnknownNodeError):
        registry.at("2001-01-01").resolve("hazard/H1")
    earlier = dt.datetime.fromisoformat(times[1]) - dt.timedelta(microseconds=1)
    assert registry.at(earlier.isoformat()).position == 1
    here = earlier.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert registry.at(here.isoformat()).position == 1
    assert registry.at(2).at(1).position == 1


@pytest.mark.parametrize("moment", ["4", "-1", "", "yesterday", "2024-13-01", "zz12", "ffff" * 16])
def test_what_is_no_moment_is_refused(registry: Registry, moment: str) -> None:
    history(registry)
    with pytest.raises(QueryError):
        registry.at(moment)


def test_several_changesets_that_begin_alike_are_named(registry: Registry) -> None:
    """With many changesets, four digits are not enough for some."""
    parent, ids = "", list[str]()
    for position in range(1, 2000):
        draft = Changeset(position, parent, "示例", "2024-06-15T00:00:00.000000Z", "", (), (), ())
        parent = draft.digest()
        registry.journal.append(replace(draft, id=parent))
        alike = [one for one in ids if one[:4] == parent[:4]]
        ids.append(parent)
        if alike and not parent[:4].isdigit():
            break
    with pytest.raises(QueryError) as several:
        position_of(registry.journal, parent[:4])
    assert several.value.where == f"#{ids.index(alike[0]) + 1}, #{len(ids)}"
    assert position_of(registry.journal, parent[:40]) == len(ids)


def test_a_commit_does_not_change_the_past(registry: Registry) -> None:
    history(registry)
    view = registry.at(2)
    before = everything(view)
    third, fourth = (Fact(name("hazard/H1"), RDFS_LABEL, literal(f"第{n}名", language="zh")) for n in (3, 4))
    commit(registry, [statement(fourth)], [statement(third, "later.csv")])
    assert everything(view) == before
    assert registry.at(2) is view
    assert label_of(registry.at(3)) == "第3名"


def test_states_are_let_go_when_they_hold_too_much(registry: Registry) -> None:
    history(registry)
    size = len(registry.engine.store)
    pasts = Pasts(registry.journal, registry._remade, most_facts=size)
    first = pasts.at(1, registry._projection)
    assert pasts.at(1, registry._projection) is first
    pasts.at(2, registry._projection)
    again = pasts.at(1, registry._projection)
    assert again is not first
    assert everything(again) == everything(first)


def test_a_state_that_is_let_go_is_gone_whoever_asked_for_it(registry: Registry) -> None:
    history(registry)
    schema = build_schema(registry)
    question = (
        '{ hazards(knownAt: 1) { nodes { label } } node: nodeAt(id: "hazard/H1", knownAt: 1) { label } }'
    )
    reader = Asker(Caller(Principal("示例", frozenset())), registry.seen_by(PUBLIC))
    for _ in range(OFTEN + 2):
        everyone = ask(schema, question)
        with on_behalf_of(reader):
            part = ask(schema, question)
    assert everyone["node"]["label"] == "冷藏温度过高"
    assert part["hazards"]["nodes"] == everyone["hazards"]["nodes"]
    states = [weakref.ref(registry.at(1)), weakref.ref(registry.at(1).seen_by(PUBLIC))]
    registry._pasts = None
    gc.collect()
    assert [state() for state in states] == [None, None]


def test_what_came_and_went_is_no_change(registry: Registry) -> None:
    history(registry)
    added, removed = net_change(registry.journal, 1, 3)
    assert [fact.object for fact in added] == ['"第3名"@zh']
    assert [fact.object for fact in removed] == ['"冷藏温度过高"@zh']
    assert net_change(registry.journal, 3, 1) == (removed, added)
    assert net_change(registry.journal, 2, 2) == ([], [])


def test_every_root_field_takes_a_moment_of_its_own(registry: Registry) -> None:
    times = history(registry)
    schema = build_schema(registry)
    answer = ask(
        schema,
        """query($then: Moment!) {
          first: nodeAt(id: "hazard/H1", knownAt: 1) { label ... on Hazard { controlledBy { label } } }
          second: nodeAt(id: "hazard/H1", knownAt: $then) { label }
          now: node(id: "hazard/H1") { label }
          hazards(knownAt: 2, where: {code: {eq: "H1"}}) { nodes { ...Named } }
          trace(node: "hazard/H1", to: Cook, knownAt: 1) { start { label } }
          none: hazards(knownAt: 0) { totalCount }
          coverage(of: Hazard, knownAt: 1) { verdicts { nodes { node { label } } } }
          findings(knownAt: 0) { totalCount }
        }
        fragment Named on Hazard { label trace(to: Cook) { start { label } } }""",
        {"then": times[1]},
    )
    assert [answer[key]["label"] for key in ("first", "second", "now")] == ["冷藏温度过高", "第2名", "第3名"]
    (hazard,) = answer["hazards"]["nodes"]
    assert hazard == {"label": "第2名", "trace": {"start": {"label": "第2名"}}}
    assert answer["trace"]["start"]["label"] == "冷藏温度过高"
    assert answer["none"]["totalCount"] == answer["findings"]["totalCount"] == 0
    assert "冷藏温度过高" in {v["node"]["label"] for v in answer["coverage"]["verdicts"]["nodes"]}
