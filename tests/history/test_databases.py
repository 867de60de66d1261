"""History on both databases: moments, differences, blame, proposals and suspect links read the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.journal.lookup import find_changes, net_change, positions_of
from qualitrace.journal.values import changed_values, values_at
from qualitrace.registry import Change, Registry
from qualitrace.registry.blaming import blame
from qualitrace.registry.differing import difference
from qualitrace.registry.proposals import Actor, ProposalState, proposals
from qualitrace.registry.proposing import approve, propose, removal, review
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, literal
from tests.graphql.kitchens import FACTS, name
from tests.history.kitchen import commit, profile, statement

NODE = name("hazard/H1")


def label(text: str) -> Fact:
    return Fact(NODE, RDFS_LABEL, literal(text, language="zh"))


@pytest.fixture
def registry(location: str | Path) -> Iterator[Registry]:
    made = Registry.create(location, profile())
    commit(made, map(statement, FACTS))
    yield made
    made.close()


def test_history_reads_the_same_on_both(registry: Registry) -> None:
    first, second, third = label("冷藏温度过高"), label("第2名"), label("第3名")
    commit(registry, [statement(second)], [statement(first)], author="示例乙")
    propose(registry, Change((), (statement(third, "c.csv"),), (statement(second),)), "改", Actor("示例丙"))
    assert review(registry, 1).acceptable
    done = approve(registry, 1, Actor("示例丁", "auditor"))
    assert done.changeset is not None
    propose(registry, removal(registry, ["H2"]), "删", Actor("示例丙"))

    at = [changeset.at for changeset in registry.changesets()]
    for position, (moment, text) in enumerate(zip(at, ("冷藏温度过高", "第2名", "第3名"), strict=True), 1):
        view = registry.at(moment)
        assert view.position == position
        assert set(view.engine.facts(STATED, subject=NODE, predicate=RDFS_LABEL)) == {label(text)}
        assert set(view.sources([label(text)])) == {label(text)}
    assert positions_of(registry.journal, done.changeset.id[:12]) == [3]
    assert net_change(registry.journal, 1, 3) == ([third], [first])
    assert net_change(registry.journal, 3, 1) == ([first], [third])
    assert [one.position for one in find_changes(registry.journal, subject=NODE)] == [3, 2, 1]
    assert [one.position for one in find_changes(registry.journal, author="示例丙", since=at[1])] == [3]
    assert [(one.added, one.removed) for one in find_changes(registry.journal, until=at[1])] == [
        (1, 1),
        (len(FACTS), 0),
    ]
    told = {one.entry.fact: one for one in blame(registry, "hazard/H1", everything=True)}
    assert told[second].stated.author == "示例乙"
    assert told[second].removed is not None
    assert told[second].removed.author == "示例丙"
    (change,) = difference(registry.at(1), registry).nodes
    assert change.node.iri == NODE
    (events,) = changed_values(registry.journal, [RDFS_LABEL]).values()
    assert [values_at(events, position) for position in (1, 2, 3)] == [
        frozenset({(RDFS_LABEL, fact.object)}) for fact in (first, second, third)
    ]
    assert changed_values(registry.journal.at(1), [RDFS_LABEL]) == {}
    assert [(one.number, one.state) for one in proposals(registry.journal)] == [
        (2, ProposalState.OPEN),
        (1, ProposalState.APPROVED),
    ]
