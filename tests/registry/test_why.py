"""Why: every conclusion of the demonstration is explained down to documents, cells and the ontology."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.exporting.why import because_lines, why_diagram, why_mermaid, why_svg
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.explaining import Because, Ground, Why, leaves, why
from qualitrace.store import INFERRED, PROFILE, STATED
from qualitrace.terms import Fact, is_iri


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    registry = demonstration.build(load_profile(), tmp_path_factory.mktemp("why") / "demo.db")
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def one_of_each(college: Registry) -> list[Fact]:
    """Of each property that something follows for, some facts."""
    by_property: dict[str, list[Fact]] = {}
    for fact in sorted(college.engine.facts(INFERRED)):
        by_property.setdefault(fact.predicate, []).append(fact)
    return [fact for facts in by_property.values() for fact in facts[:: max(1, len(facts) // 4)]]


def explained(college: Registry, fact: Fact) -> Because:
    value = fact.object[1:-1] if is_iri(fact.object) else fact.object
    found = why(college, fact.subject, fact.predicate, value)
    return next(one for one in found.facts if one.fact == fact)


def held(college: Registry, graph: str, fact: Fact) -> bool:
    found = college.engine.facts(graph, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return any(True for _ in found)


def test_every_kind_of_conclusion_rests_on_what_is_stated(college: Registry, one_of_each: list[Fact]) -> None:
    assert len({fact.predicate for fact in one_of_each}) >= 3
    for fact in one_of_each:
        told = explained(college, fact)
        assert told.ground is Ground.INFERRED and told.parts
        assert told.rule["zh"] and told.rule["en"]
        for leaf in leaves(told):
            graph = STATED if leaf.ground is Ground.STATED else PROFILE
            assert held(college, graph, leaf.fact)
            assert set(leaf.sources) == set(college.sources([leaf.fact]).get(leaf.fact, ()))
            assert bool(leaf.sources) == (leaf.ground is Ground.STATED)


def test_a_rule_is_told_in_its_own_words(college: Registry) -> None:
    rules = {rule.name: rule for rule in college.profile.rules}
    fact = next(
        one for one in sorted(college.engine.facts(INFERRED)) if explained(college, one).step in rules
    )
    told = explained(college, fact)
    rule = rules[told.step]
    assert (told.rule, told.says) == (rule.titles, rule.says)
    lines = list(because_lines(told, "zh"))
    assert rule.says["zh"] in "\n".join(lines)
    assert all(source.place() in "\n".join(lines) for leaf in leaves(told) for source in leaf.sources)


def test_a_stated_fact_names_its_cell(college: Registry) -> None:
    fact = next(
        leaf.fact
        for one in sorted(college.engine.facts(INFERRED))
        for leaf in leaves(explained(college, one))
        if leaf.ground is Ground.STATED
    )
    told = explained(college, fact)
    assert told.ground is Ground.STATED and told.sources and not told.parts


def test_without_a_property_all_that_follows_is_explained(college: Registry) -> None:
    node = next(iter(sorted(college.engine.facts(INFERRED)))).subject
    about = {
        *college.engine.facts(INFERRED, subject=node),
        *college.engine.facts(INFERRED, object=f"<{node}>"),
    }
    assert {one.fact for one in why(college, node, most=len(about)).facts} == about
    cut = why(college, node, most=1)
    assert (len(cut.facts), cut.more) == (1, len(about) - 1)


def test_the_pictures_show_every_fact_once(college: Registry, one_of_each: list[Fact]) -> None:
    found = Why(tuple(explained(college, fact) for fact in one_of_each[:4]))

    def facts(one: Because) -> set[Fact]:
        return {one.fact}.union(*(facts(part) for part in one.parts))

    shown = set().union(*(facts(one) for one in found.facts))
    for language in ("zh", "en"):
        assert {box.key for box in why_diagram(found, language).boxes} == {f.ntriples() for f in shown}
        root = ET.fromstring(why_svg(found, college.profile, language))
        boxes = [
            g for g in root.iter("{http://www.w3.org/2000/svg}g") if g.get("class", "").startswith("box")
        ]
        assert len(boxes) == len(shown)
        assert why_mermaid(found, language).startswith("flowchart")


def test_what_is_not_there_is_not_explained(college: Registry, tmp_path: Path) -> None:
    node = next(iter(sorted(college.engine.facts(INFERRED)))).subject
    with pytest.raises(UnknownNodeError):
        why(college, "no/such/node")
    with pytest.raises(QueryError, match="no property"):
        why(college, node, "noSuchProperty")
    with pytest.raises(QueryError, match="no such fact"):
        why(college, node, "rdfs:label", "no such text")
