"""Proposals: they wait, are discussed, and are approved by somebody else against today's registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.errors import ConflictError, NotConformingError, QueryError
from qualitrace.journal import Journal
from qualitrace.registry import Change, Registry
from qualitrace.registry.differing import Fate, difference
from qualitrace.registry.proposals import Actor, ProposalState, Step, decision, proposal, proposals
from qualitrace.registry.proposing import approve, comment, propose, reject, removal, review
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from tests.graphql.kitchens import FACTS, TERMS, name
from tests.history.conftest import STAFF, Program, write
from tests.history.kitchen import commit, profile, statement

A, B = Actor("示例甲"), Actor("示例乙", "auditor")
LABEL = Fact(name("hazard/H1"), RDFS_LABEL, literal("冷藏温度过高", language="zh"))


def renamed(text: str) -> Change:
    new = LABEL._replace(object=literal(text, language="zh"))
    return Change((), (statement(new, "b.csv"),), (statement(LABEL),))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", profile())
    commit(made, map(statement, FACTS))
    yield made
    made.close()


def facts(registry: Registry) -> set[Fact]:
    return set(registry.engine.facts(STATED))


def test_a_proposal_changes_nothing_until_another_person_approves_it(registry: Registry) -> None:
    before, change = facts(registry), renamed("冷藏过热")
    found = propose(registry, change, "更名", A)
    assert found.acceptable
    assert found.difference is not None
    assert found.report is not None
    assert [one.node.iri for one in found.difference.nodes] == [LABEL.subject]
    assert facts(registry) == before
    assert registry.position == 1
    with pytest.raises(QueryError):
        approve(registry, 1, A)
    with pytest.raises(QueryError):
        approve(registry, 1, Actor(" 示例甲 "))
    done = approve(registry, 1, B, "可以")
    assert done.changeset is not None
    assert facts(registry) == before - {LABEL} | {change.added[0].fact}
    assert done.changeset.author == A.name
    assert "示例乙" in done.changeset.message
    decided = proposal(registry.journal, 1)
    assert decided.state is ProposalState.APPROVED
    assert decided.changeset == done.changeset.id
    assert decided.decided is not None
    assert (decided.decided.by, decided.decided.role, decided.decided.text) == ("示例乙", "auditor", "可以")
    assert difference(registry.at(1), registry).nodes == found.difference.nodes
    for person in (A, B):
        with pytest.raises(QueryError):
            approve(registry, 1, person)


def test_nothing_about_a_proposal_is_lost(registry: Registry, tmp_path: Path) -> None:
    propose(registry, renamed("一"), "一", A)
    propose(registry, renamed("二"), "二", Actor(B.name, "steward"))
    comment(registry, 1, B, "为什么?")
    comment(registry, 1, A, "因为。")
    reject(registry, 1, B, "不合适")
    comment(registry, 1, A, "知道了")
    fresh = Registry.open(tmp_path / "r.db", profile())
    first, second = proposals(fresh.journal)[::-1]
    assert (first.number, first.title, first.author) == (1, "一", A.name)
    assert [said.text for said in first.comments] == ["为什么?", "因为。", "知道了"]
    assert first.state is ProposalState.REJECTED
    assert first.decided is not None
    assert first.decided.text == "不合适"
    assert first.change == Change((), renamed("一").added, renamed("一").removed, position=1)
    assert [one.number for one in proposals(fresh.journal, ProposalState.OPEN)] == [2] == [second.number]
    assert fresh.position == 1
    parent = ""
    for event in fresh.journal.events():
        assert event.digest() == event.id
        assert event.parent == parent
        parent = event.id
    fresh.close()


@pytest.mark.parametrize(
    "act",
    [
        lambda registry: propose(registry, renamed("一"), " ", A),
        lambda registry: propose(registry, renamed("一"), "一", Actor("")),
        lambda registry: propose(registry, Change((), (), ()), "空", A),
        lambda registry: comment(registry, 1, A, "  "),
        lambda registry: comment(registry, 9, A, "?"),
        lambda registry: reject(registry, 1, B, ""),
        lambda registry: reject(registry, 1, A, "自己"),
        lambda registry: review(registry, 7),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(registry: Registry, act: object) -> None:
    propose(registry, renamed("一"), "一", A)
    before = list(registry.journal.events())
    assert callable(act)
    with pytest.raises(QueryError):
        act(registry)
    assert list(registry.journal.events()) == before


def test_what_no_longer_applies_is_a_conflict_and_stays_open(registry: Registry) -> None:
    propose(registry, renamed("一"), "一", A)
    propose(registry, renamed("二"), "二", A)
    approve(registry, 1, B)
    found = review(registry, 2)
    assert found.conflict is not None
    assert not found.acceptable
    before = facts(registry)
    with pytest.raises(ConflictError) as conflict:
        approve(registry, 2, B)
    assert "冷藏温度过高" in conflict.value.where
    assert facts(registry) == before
    assert proposal(registry.journal, 2).state is ProposalState.OPEN


def test_what_would_now_break_a_rule_stays_open(registry: Registry) -> None:
    """The proposal gives a node its only shift; meanwhile it gets another worker: two are too many."""
    shift = name("shift/3")
    first = [Fact(shift, RDF_TYPE, iri(TERMS + "Shift")), Fact(shift, TERMS + "worker", iri(name("cook/1")))]
    proposed = propose(registry, Change((), tuple(map(statement, first)), ()), "排班", A)
    assert proposed.acceptable
    commit(
        registry, [statement(f, "c.csv") for f in (first[0], first[1]._replace(object=iri(name("cook/2"))))]
    )
    found = review(registry, 1)
    assert {finding.focus for finding in found.rejected} == {shift}
    assert not found.acceptable
    before = facts(registry)
    with pytest.raises(NotConformingError):
        approve(registry, 1, B)
    assert facts(registry) == before
    assert proposal(registry.journal, 1).state is ProposalState.OPEN


def test_deleting_goes_through_the_same_gate(registry: Registry) -> None:
    change = removal(registry, ["H2"])
    node = name("hazard/H2")
    assert {entry.fact for entry in change.removed} == {f for f in FACTS if f.subject == node}
    linked = removal(registry, ["point/P2"])
    assert Fact(node, TERMS + "controlledBy", iri(name("point/P2"))) in {e.fact for e in linked.removed}
    found = propose(registry, linked, "删除控制点", A)
    assert found.difference is not None
    assert {(one.node.iri, one.fate) for one in found.difference.nodes} == {
        (name("point/P2"), Fate.REMOVED),
        (node, Fate.CHANGED),
    }
    approve(registry, 1, B)
    assert not any(name("point/P2") in (fact.subject, fact.object[1:-1]) for fact in facts(registry))


def test_what_was_said_since_about_a_node_to_be_deleted_is_a_conflict(registry: Registry) -> None:
    propose(registry, removal(registry, ["H2"]), "删除", A)
    extra = Fact(name("hazard/H2"), TERMS + "arisesAt", iri(name("station/fish")))
    commit(registry, [statement(extra, "c.csv")])
    assert review(registry, 1).conflict is not None
    with pytest.raises(ConflictError):
        approve(registry, 1, B)
    assert extra in facts(registry)


def test_of_two_who_decide_at_once_one_is_told(registry: Registry, tmp_path: Path) -> None:
    propose(registry, renamed("一"), "一", A)
    seen = proposal(registry.journal, 1)
    reject(registry, 1, B, "不")
    before = (list(registry.journal.events()), registry.position, facts(registry))
    late = decision(seen, Step.APPROVED, Actor("示例丙", "auditor"), "")
    change = Change((), seen.change.added, seen.change.removed, notes=(late,))
    with pytest.raises(ConflictError):
        registry.commit(change, author=A.name, message="late")
    journal = Journal.open(tmp_path / "r.db")
    assert (list(journal.events()), journal.head()[0], facts(registry)) == before
    journal.close()


def test_proposals_on_the_command_line(loaded: Program, tmp_path: Path) -> None:
    # Proposal 1 let somebody go when the registry was made.
    staff = write(tmp_path / "staff.csv", STAFF, "S3,示例丙,示例处,综合科,处长,,2022-01-01,")
    result = loaded("propose", staff, "--title", "换人", "--author", "示例员")
    assert result.exit_code == 0, result.stderr
    assert "示例丙" in result.stdout
    shown = json.loads(loaded("proposal", "show", "2", "--json").stdout)
    assert shown["acceptable"]
    assert {one["fate"] for one in shown["difference"]["nodes"]} >= {"added", "removed"}
    assert "findings" in shown["report"]
    assert loaded("comment", "2", "请核对", "--author", "另一员").exit_code == 0
    assert loaded("approve", "2", "--author", "示例员").exit_code == 2
    assert loaded("approve", "2", "--author", "另一员", "--role", "auditor", "-m", "同意").exit_code == 0
    one, _ = json.loads(loaded("proposals", "--json").stdout)
    assert (one["state"], one["decided"]["by"]) == ("approved", "另一员")
    assert json.loads(loaded("history", "--json").stdout)[-1]["id"] == one["changeset"]
    assert loaded("propose", "--remove", "person/S3", "--title", "删除", "--author", "示例员").exit_code == 0
    assert (
        loaded("reject", "3", "--author", "另一员", "--role", "auditor", "--reason", "仍在职").exit_code == 0
    )
    states = {p["number"]: p["state"] for p in json.loads(loaded("proposals", "--json").stdout)}
    assert states == {1: "approved", 2: "approved", 3: "rejected"}
    assert loaded("propose", "--title", "空").exit_code == 2
