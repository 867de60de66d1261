"""Diff, blame and changes: what a person is told about what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.graphql import build_schema
from qualitrace.registry import Registry
from qualitrace.registry.blaming import blame
from qualitrace.registry.differing import Fate, difference
from qualitrace.registry.model import Change
from qualitrace.registry.trying import trial
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, iri, literal
from tests.graphql.asking import ask
from tests.graphql.kitchens import FACTS, TERMS, name
from tests.history.conftest import STAFF, UNITS, Program, write
from tests.history.kitchen import commit, profile, statement

CONTROLLED = Fact(name("hazard/H1"), TERMS + "controlledBy", iri(name("point/P1")))
LABEL = Fact(name("hazard/H1"), RDFS_LABEL, literal("冷藏温度过高", language="zh"))
RENAMED = LABEL._replace(object=literal("冷藏过热", language="zh"))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """#1 the kitchen, #2 another name, #3 a hazard loses its control point."""
    made = Registry.create(tmp_path / "r.db", profile())
    commit(made, map(statement, FACTS))
    commit(made, [statement(RENAMED, "b.csv", 7)], [statement(LABEL)], author="示例乙")
    commit(made, (), [statement(CONTROLLED)], author="示例丙")
    yield made
    made.close()


def test_a_lost_link_is_told_by_the_names_of_things(registry: Registry) -> None:
    found = difference(registry.at(2), registry)
    (change,) = found.nodes
    assert change.node.iri == name("hazard/H1")
    assert change.fate is Fate.CHANGED
    (value,) = change.values
    link = registry.profile.trace.properties[CONTROLLED.predicate].labels
    for language, point in (("zh", "冷藏"), ("en", "冷藏")):
        assert "冷藏过热" in value.sentence[language]
        assert point in value.sentence[language]
    assert link["en"] in value.sentence["en"]
    assert "lost" in value.sentence["en"]
    assert (value.added, value.removed) == ((), (CONTROLLED.object,))


def test_a_chain_that_breaks_says_where_and_what_stood_there(registry: Registry) -> None:
    before, after = registry.at(2), registry
    found = difference(before, after)
    now = {v.node.iri: v for v in after.coverage("Hazard").verdicts}
    then = {v.node.iri: v for v in before.coverage("Hazard").verdicts}
    changed = {node for node in now if now[node].complete != then[node].complete}
    assert {one.node.iri for one in found.verdicts} == changed
    back = difference(after, before)
    assert {one.node.iri for one in back.verdicts if not one.broken} == {
        one.node.iri for one in found.verdicts if one.broken
    }
    assert set(back.appeared) >= set()
    assert [value.added for change in back.nodes for value in change.values] == [
        value.removed for change in found.nodes for value in change.values
    ]


def test_over_several_changesets_only_the_net_effect_counts(registry: Registry) -> None:
    found = difference(registry.at(1), registry)
    (change,) = found.nodes
    by_property = {value.property: value for value in change.values}
    assert by_property[RDFS_LABEL].removed == (LABEL.object,)
    assert by_property[RDFS_LABEL].added == (RENAMED.object,)
    assert "改为" in by_property[RDFS_LABEL].sentence["zh"]
    assert difference(registry, registry).empty
    everything = difference(registry.at(0), registry)
    assert {change.fate for change in everything.nodes} == {Fate.ADDED}
    assert {change.node.iri for change in everything.nodes} == {
        fact.subject for fact in registry.engine.facts(STATED)
    }


def test_a_change_can_be_compared_before_it_is_made(registry: Registry) -> None:
    facts, position = set(registry.engine.facts(STATED)), registry.position
    gone = [statement(fact) for fact in FACTS if fact.subject == name("hazard/H2")]
    tried = trial(registry, Change((), (), tuple(gone)))
    found = difference(registry, tried)
    assert [(change.node.iri, change.fate) for change in found.nodes] == [(name("hazard/H2"), Fate.REMOVED)]
    assert (set(registry.engine.facts(STATED)), registry.position) == (facts, position)
    commit(registry, (), gone)
    committed = difference(registry.at(position), registry)
    assert (committed.nodes, committed.verdicts) == (found.nodes, found.verdicts)


def test_blame_names_who_said_each_thing_and_who_removed_it(registry: Registry) -> None:
    now = blame(registry, "hazard/H1")
    assert {one.entry.fact for one in now if not one.incoming} == set(
        registry.engine.facts(STATED, subject=name("hazard/H1"))
    )
    (renamed,) = [one for one in now if one.entry.fact == RENAMED]
    assert (renamed.stated.author, renamed.stated.position) == ("示例乙", 2)
    assert renamed.entry.source.place() == "b.csv › 7 › A1"
    assert all(one.removed is None for one in now)
    every = blame(registry, "hazard/H1", everything=True)
    removed = {one.entry.fact: one.removed.author for one in every if one.removed}
    assert removed == {LABEL: "示例乙", CONTROLLED: "示例丙"}
    assert {one.entry.fact for one in blame(registry.at(1), "hazard/H1") if not one.incoming} == {
        fact for fact in FACTS if fact.subject == name("hazard/H1")
    }


def test_links_to_a_node_are_blamed_too(registry: Registry) -> None:
    incoming = [one.entry.fact for one in blame(registry, "point/P2") if one.incoming]
    assert incoming == list(registry.engine.facts(STATED, object=iri(name("point/P2"))))
    assert incoming


def test_a_node_that_is_gone_is_still_blamed_by_its_identifier(registry: Registry) -> None:
    gone = [fact for fact in FACTS if fact.subject == name("hazard/H2")]
    commit(registry, (), map(statement, gone), author="示例丁")
    for named in ("hazard/H2", name("hazard/H2")):
        found = blame(registry, named, everything=True)
        assert {one.entry.fact for one in found} == set(gone)
        assert {one.removed.author for one in found if one.removed} == {"示例丁"}


def test_diff_on_the_command_line(loaded: Program, tmp_path: Path) -> None:
    result = loaded("diff", "2", "3")
    assert result.exit_code == 0, result.stderr
    assert "示例甲" in result.stdout
    assert "示例乙" in result.stdout
    found = json.loads(loaded("diff", "2", "3", "--json").stdout)
    fates = {change["node"]["label"][""]: change["fate"] for change in found["nodes"]}
    assert (fates["示例甲"], fates["示例乙"]) == ("removed", "added")
    assert all("示例处" in found["units"][change["unit"]]["label"][""] for change in found["verdicts"])


def test_diff_with_a_document_about_to_be_loaded(loaded: Program, tmp_path: Path) -> None:
    staff = write(tmp_path / "staff.csv", STAFF, "S3,示例丙,示例处,综合科,处长,,2022-01-01,")
    found = json.loads(loaded("diff", "now", staff, "--json").stdout)
    fates = {change["node"]["label"][""]: change["fate"] for change in found["nodes"]}
    assert (fates["示例乙"], fates["示例丙"]) == ("removed", "added")
    assert len(json.loads(loaded("history", "--json").stdout)) == 3
    more = write(tmp_path / "more.csv", UNITS, "另一处,职能部门,资源建设,")
    found = json.loads(loaded("diff", "0", more, "--json").stdout)
    assert {"示例处", "另一处"} <= {change["node"]["label"].get("") for change in found["nodes"]}


def test_blame_and_changes_on_the_command_line(loaded: Program) -> None:
    found = json.loads(loaded("blame", "person/S2", "--json").stdout)
    (label,) = [one for one in found if one["predicate"] == RDFS_LABEL]
    assert label["source"]["place"] == "staff.csv › 2 › 姓名"
    assert (label["stated"]["position"], label["stated"]["author"]) == (3, "示例员")
    assert "示例乙" in loaded("blame", "person/S2").stdout
    gone = json.loads(loaded("blame", "person/S1", "--all", "--json").stdout)
    assert {one["removed"]["position"] for one in gone} == {3}
    for options, positions in (
        ((), [3, 2, 1]),
        (("--by", "示例员"), [3, 1]),
        (("--node", "person/S2"), [3]),
        (("--since", "2001-01-01"), [3, 2, 1]),
        (("--until", "2001-01-01"), []),
        (("--known-at", "2"), [2, 1]),
    ):
        result = loaded("changes", "--json", *options)
        assert [one["position"] for one in json.loads(result.stdout)] == positions


def test_changes_diff_and_blame_in_the_api(registry: Registry) -> None:
    schema = build_schema(registry)
    answer = ask(
        schema,
        """{
          changes(first: 2) { totalCount nodes { position author added removed } pageInfo { endCursor } }
          about: changes(node: "hazard/H1", author: "示例乙") { nodes { position } }
          then: changes(knownAt: 1) { totalCount }
          diff(before: 2) {
            before after
            nodes { node { id label classLabel } fate unit { label } sentence
                    values { property { iri } added removed sentence } }
            verdicts { node { id } broken lost { id } sentence(language: "en") unit { id } }
            appeared { node { id } message } gone { rule }
          }
          blame(node: "hazard/H1", removed: true) {
            value incoming source { place } stated { author position } removed { author position }
          }
        }""",
    )
    assert answer["changes"]["totalCount"] == 3
    assert [one["position"] for one in answer["changes"]["nodes"]] == [3, 2]
    assert (answer["changes"]["nodes"][1]["added"], answer["changes"]["nodes"][1]["removed"]) == (1, 1)
    assert [one["position"] for one in answer["about"]["nodes"]] == [2]
    assert answer["then"]["totalCount"] == 1
    found = difference(registry.at(2), registry)
    (node,) = answer["diff"]["nodes"]
    assert node["node"]["label"] == "冷藏过热"
    assert node["fate"] == "CHANGED"
    assert [value["removed"] for value in node["values"]] == [["冷藏"]]
    assert [one["node"]["id"] for one in answer["diff"]["verdicts"]] == [
        one.node.iri.removeprefix(registry.base) for one in found.verdicts
    ]
    assert len(answer["diff"]["appeared"]) == len(found.appeared)
    told = {one["value"]: one for one in answer["blame"]}
    assert told["冷藏温度过高"]["removed"] == {"author": "示例乙", "position": 2}
    assert told["冷藏过热"]["stated"] == {"author": "示例乙", "position": 2}
    more = ask(
        schema,
        "query($after: String) { changes(first: 2, after: $after) { nodes { position } } }",
        {"after": answer["changes"]["pageInfo"]["endCursor"]},
    )
    assert [one["position"] for one in more["changes"]["nodes"]] == [1]


def test_a_schema_for_outsiders_tells_nothing_of_the_past(registry: Registry) -> None:
    shown = build_schema(registry, protected=False).as_str()
    for field in ("changes(", "diff(", "blame("):
        assert field not in shown
        assert field in build_schema(registry).as_str()
