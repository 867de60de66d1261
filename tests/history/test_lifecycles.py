"""Lifecycles: undeclared changes are refused; what was superseded answers for its own time."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.errors import NotConformingError
from qualitrace.graphql import build_schema
from qualitrace.profile import Profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.proposals import Actor
from qualitrace.registry.proposing import approve, propose, removal, review
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, XSD, Fact, iri, iri_of, language_text, literal
from qualitrace.text import Text
from tests.graphql.asking import ask
from tests.history.conftest import Program, copied
from tests.history.kitchen import commit, statement

STATES = ("draft", "in-force", "superseded", "withdrawn")
DECLARED = {
    ("draft", "in-force"),
    ("draft", "withdrawn"),
    ("in-force", "superseded"),
    ("in-force", "withdrawn"),
}


@pytest.fixture
def registry(tmp_path: Path, college: Profile) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", college)
    yield made
    made.close()


def state(registry: Registry, node: str, name: str) -> Fact:
    expand = registry.profile.expand
    return Fact(node, expand("qa:lifecycle"), iri(expand(f"qas:lifecycle-{name}")))


def made(registry: Registry, name: str, code: str) -> str:
    """A standard in a state."""
    node = registry.base + f"standard/示例处/{code}"
    facts = [
        Fact(node, RDF_TYPE, iri(registry.profile.expand("qa:WorkStandard"))),
        Fact(node, RDFS_LABEL, literal("每学期检查两次")),
        state(registry, node, name),
    ]
    commit(registry, map(statement, facts))
    return node


def test_a_state_follows_another_as_declared(registry: Registry) -> None:
    for before, after in itertools.permutations(STATES, 2):
        node = made(registry, before, f"{before}-{after}")
        change = [statement(state(registry, node, after))], [statement(state(registry, node, before))]
        if (before, after) in DECLARED:
            commit(registry, *change)
            continue
        position = registry.position
        with pytest.raises(NotConformingError) as refused:
            commit(registry, *change)
        (finding,) = refused.value.findings
        assert finding.focus == node
        assert finding.fix["zh"]
        assert registry.position == position


def test_the_gate_of_proposals_says_so_before_anybody_approves(registry: Registry) -> None:
    node = made(registry, "withdrawn", "S1")
    change = Change(
        (), (statement(state(registry, node, "draft")),), (statement(state(registry, node, "withdrawn")),)
    )
    found = propose(registry, change, "改", Actor("示例甲"))
    assert [one.focus for one in found.rejected] == [node]


def test_a_state_is_not_taken_back_but_goes_with_its_node(registry: Registry) -> None:
    node = made(registry, "in-force", "S1")
    with pytest.raises(NotConformingError):
        commit(registry, (), [statement(state(registry, node, "in-force"))])
    propose(registry, removal(registry, [node]), "删除", Actor("示例甲"))
    assert review(registry, 1).acceptable
    assert approve(registry, 1, Actor("示例乙", "auditor")).changeset is not None


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory, college: Profile) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    demonstration.build(college, path).close()
    return path


def test_a_superseded_standard_answers_for_its_own_time(
    demo_file: Path, tmp_path: Path, college: Profile
) -> None:
    """Of a whole duty of the demonstration, one standard ends and another takes its place a month later."""
    registry = Registry.open(copied(demo_file, tmp_path / "r.db"), college)
    expand = college.expand
    today, applies = dt.date(2025, 3, 1), expand("qa:appliesTo")
    whole = {v.node.iri for v in registry.coverage("Duty", as_of=today).verdicts if v.complete}
    old, work, duty = next(
        (standard.subject, standard.object, link.subject)
        for standard in sorted(registry.engine.facts(predicate=applies))
        for link in registry.engine.facts(predicate=expand("qa:realisedBy"), object=standard.object)
        if link.subject in whole
        and len(list(registry.engine.facts(predicate=applies, object=standard.object))) == 1
    )
    new = old + "-2"

    def day(text: str) -> str:
        return literal(text, datatype=XSD + "date")

    first = [
        state(registry, old, "in-force"),
        Fact(old, expand("qa:effectiveFrom"), day("2020-01-01")),
    ]
    commit(registry, map(statement, first))
    later = [
        Fact(old, expand("qa:effectiveTo"), day("2024-12-31")),
        state(registry, old, "superseded"),
        Fact(new, RDF_TYPE, iri(expand("qa:WorkStandard"))),
        Fact(new, RDFS_LABEL, literal("每学期检查三次,次次有记录")),
        Fact(new, applies, work),
        Fact(new, expand("qa:supersedes"), iri(old)),
        Fact(new, expand("qa:effectiveFrom"), day("2025-02-01")),
        state(registry, new, "in-force"),
    ]
    commit(registry, map(statement, later), [statement(first[0])])

    def answer(on: str) -> tuple[bool, set[str]]:
        """Whether the duty is whole on a day, and which standards lead to the one who does the work."""
        when = dt.date.fromisoformat(on)
        verdicts = {v.node.iri: v.complete for v in registry.coverage("Duty", as_of=when).verdicts}
        standing = {one for one in (old, new) if registry.trace(one, "Person", as_of=when).paths}
        return verdicts[duty], standing

    assert answer("2024-06-01")[1] == {old}
    assert answer("2025-01-15") == (False, set())
    assert answer("2025-03-01") == (True, {new})
    before = registry.at(2)  # when only the old one was known, it still stood
    assert before.trace(old, "Person", as_of=today).paths
    registry.close()


def label_of(registry: Registry, node: str) -> Text:
    return language_text([fact.object for fact in registry.engine.facts(subject=node, predicate=RDFS_LABEL)])


def test_a_text_counts_on_the_days_its_state_and_its_dates_say(
    demo_file: Path, registry_file: Path, program: Program, college: Profile
) -> None:
    """One standard of a whole duty, through its states; what is missing says that only a draft is there."""
    registry = Registry.open(copied(demo_file, registry_file), college)
    schema = build_schema(registry)
    expand, today = college.expand, dt.date(2025, 3, 1)
    applies, first, last = (expand(f"qa:{name}") for name in ("appliesTo", "effectiveFrom", "effectiveTo"))
    whole = {v.node.iri for v in registry.coverage("Duty", as_of=today).verdicts if v.complete}
    standard, duty, work = next(
        (fact.subject, link.subject, iri_of(fact.object))
        for fact in sorted(registry.engine.facts(predicate=applies))
        for link in registry.engine.facts(predicate=expand("qa:realisedBy"), object=fact.object)
        if link.subject in whole
        and len(list(registry.engine.facts(predicate=applies, object=fact.object))) == 1
    )

    def counts(on: str) -> bool:
        """Whether the standard leads to a person; the duty must be whole on the same days."""
        day = dt.date.fromisoformat(on)
        verdict = registry.verdict(duty, as_of=day)
        assert verdict is not None
        followed = bool(registry.trace(standard, "Person", as_of=day).paths)
        assert followed == verdict.complete
        assert bool(why(on)) != followed
        assert followed or (verdict.at is not None and verdict.at.iri == work)
        return followed

    def why(on: str) -> Text:
        """Why nothing leads on from the standard, on the command line and over GraphQL alike."""
        told = registry.trace(standard, "Person", as_of=dt.date.fromisoformat(on)).uncounted
        asked = f'{{ trace(node: "{standard}", to: Person, asOf: "{on}") {{ {{}} }} }}'
        words = 'zh: uncounted(language: "zh") en: uncounted(language: "en")'
        found = ask(schema, asked.replace("{}", words))["trace"]
        assert found == {language: told.best(language) or None for language in ("zh", "en")}
        return told

    def said(on: str) -> str:
        verdict = registry.verdict(duty, as_of=dt.date.fromisoformat(on))
        assert verdict is not None
        return verdict.absence.best("en")

    def dated(predicate: str, day: str) -> Fact:
        return Fact(standard, predicate, literal(day, datatype=XSD + "date"))

    assert counts("2025-03-01")
    steps = [state(registry, standard, name) for name in ("draft", "in-force", "withdrawn")]
    commit(registry, map(statement, steps[:1]))
    assert not counts("2025-03-01")
    draft, withdrawn = (label_of(registry, iri_of(step.object)) for step in (steps[0], steps[2]))
    for language in ("zh", "en"):
        assert draft.best(language) in why("2025-03-01").best(language)
    shown = program("trace", standard, "--to", "Person", "--as-of", "2025-03-01")
    assert why("2025-03-01").best("zh") in shown.stdout
    written = json.loads(
        program("trace", standard, "--to", "Person", "--as-of", "2025-03-01", "--json").stdout
    )
    assert written["uncounted"] == dict(why("2025-03-01"))
    assert "Draft" in said("2025-03-01")
    commit(registry, [statement(dated(first, "2025-02-01"))])
    assert counts("2025-03-01") and not counts("2025-01-31")
    assert "2025-02-01" in why("2025-01-31")["en"] and draft.best("zh") in why("2025-01-31")["zh"]
    commit(registry, [statement(steps[1])], [statement(steps[0])])
    assert counts("2025-03-01")
    commit(registry, [statement(steps[2])], [statement(steps[1])])
    assert not counts("2025-03-01") and "Withdrawn" in said("2025-03-01")
    assert withdrawn.best("en") in why("2025-03-01")["en"]
    commit(registry, [statement(dated(last, "2025-02-28"))])
    assert counts("2025-02-28") and not counts("2025-03-01")
    assert "Withdrawn" not in said("2025-03-01")  # it ended, as anything may
    assert "2025-02-28" in why("2025-03-01")["zh"]
    assert registry.at(3).coverage("Duty", as_of=today) != registry.coverage("Duty", as_of=today)
    registry.close()
