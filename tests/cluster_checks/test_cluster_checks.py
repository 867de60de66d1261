"""Shapes as Cypher on a real Neo4j find what the same shapes find at home."""

from __future__ import annotations

from collections import Counter

import rdflib

from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.terms import XSD, Fact
from qualitrace.validation import compile_shapes, validate
from qualitrace.validation.cluster import ClusterReport, ClusterShapes, check_cluster
from tests.cluster_checks.small import SCHEME, at_home, college, published, told_apart

SHAPES = "https://w3id.org/qualitrace/shapes#"
KINDS = {
    "class", "datatype", "in", "nodeKind", "minCount", "maxCount", "qualifiedMaxCount", "uniqueLang", "or",
    "lessThanOrEquals", "disjoint", "minLength", "pattern",
}  # fmt: skip
CLASSES = {"DepartmentShape", "PostShape", "AppointmentShape"}


def test_most_shipped_shapes_have_a_statement_and_the_others_a_reason(everything: ClusterShapes) -> None:
    assert len(everything.checks) >= 860
    assert {one.check.constraint.label for one in everything.checks} >= KINDS
    without = {one.check for one in everything.refused}
    assert len(everything.checks) + len(without) == len(everything.shapes.checks)
    queries = {check.name for check in everything.shapes.checks if check.constraint.label == "sparql"}
    assert queries <= without
    assert all(one.reason.best("zh") and one.reason.best("en") for one in everything.refused)


def test_what_is_said_by_facts_and_shapes_is_a_parameter(everything: ClusterShapes) -> None:
    # The datatypes of XML Schema are no facts: how their values compare is written into a statement.
    said = [one.statement.replace(XSD, "") for one in everything.checks]
    assert not any("http" in statement for statement in said)


def three(names: list[str], profile: Profile) -> dict[str, list[Fact]]:
    points = {str(node) for node in profile.ontology.subjects() if str(node).startswith(SCHEME + "point-")}
    adopted = sorted(node.removeprefix(SCHEME) for node in points)
    assert len(adopted) == 37
    return {
        names[0]: college(1, adopted=adopted),
        names[1]: college(2, code="4199090001", adopted=adopted[:-2]),
        names[2]: college(3, programme="护理学", adopted=adopted),
    }


def test_colleges_are_compared_as_in_one_graph(
    neo4j_database: Server, names: list[str], profile: Profile, across: ClusterShapes
) -> None:
    data = three(names, profile)
    for name, facts in data.items():
        published(neo4j_database, profile, name, facts)
    report = check_cluster(neo4j_database, across, only=names)
    assert report.registries == tuple(sorted(names))
    assert not report.partial
    assert not report.refused
    together = told_apart(profile, data)
    home = validate(together, profile, compiled=compile_shapes(profile.shapes, everywhere=True))
    ours = {one.check.name for one in across.checks}
    adoption = "concept-adopted"  # a concept is a node of its own in each registry, and one in one graph
    expected = {
        (one.rule, one.focus, one.value)
        for one in home.findings
        if one.check in ours and not one.rule.endswith(adoption)
    }
    found = {
        (one.finding.rule, f"urn:x-{one.registry}:{one.finding.focus}", one.finding.value)
        for one in report.findings
        if not one.finding.rule.endswith(adoption)
    }
    assert found == expected
    assert len(found) == 2 + 3  # one code at two colleges; one of three names is another
    check_planted(report, names)


def check_planted(report: ClusterReport, names: list[str]) -> None:
    codes = {one.registry for one in report.findings if one.finding.rule.endswith("college-code-used-once")}
    assert codes == set(names[:2])
    missing = Counter(one.registry for one in report.findings if one.finding.rule.endswith("concept-adopted"))
    assert missing[names[1]] - missing[names[0]] == 2
    assert missing[names[2]] == missing[names[0]]
    line = next(one for one in report.rules if one.rule.rule.endswith("concept-adopted"))
    assert {count.targeted for count in line.counts} == {52}
    assert {count.registry: count.failed for count in line.counts} == dict(missing)
    assert report.plain.findings[0].focus_label.best("zh").startswith("test-")


def test_one_registry_names_what_is_checked_elsewhere(profile: Profile) -> None:
    report = validate(at_home(profile, college(1)), profile)
    notice = next(one for one in report.notices if "validate --neo4j" in one.best("en"))
    shapes = compile_shapes(profile.shapes).shapes
    for name in ("college-code-unique", "national-programme", "national-point", "scheme-adopted"):
        label = shapes.shape(rdflib.URIRef(SHAPES + name)).labels
        assert label.best("zh") in notice.best("zh")
        assert label.best("en") in notice.best("en")
    assert not any(one.rule.endswith("concept-adopted") for one in report.rules)
