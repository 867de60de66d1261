"""Every shipped rule across registries on a small example of two: it fires on what is wrong, on nothing else.

``rules/<rule>.trig`` holds the graphs of two registries. Those that must be found are named ``bad/it``;
where the rule speaks of concepts, they are worked out from what the example adopts.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import rdflib
from rdflib import SKOS, Dataset, Literal, URIRef

from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.terms import QT, SH, Fact
from qualitrace.validation.cluster import ClusterReport, ClusterShapes, check_cluster
from qualitrace.validation.vocabulary import ntriples
from tests.cluster_checks.small import published
from tests.profile_college.reading import QA, QS, ROOT, read, rules

EXAMPLES = Path(__file__).parent / "rules"
BASE = "https://college.example/id/"
ADOPTED = "concept-adopted"
ACROSS = read(ROOT / "shapes" / "across.ttl")
RULES = sorted(rule.removeprefix(str(QS)) for rule in rules(ACROSS))


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.trig")) == RULES


def examples(rule: str) -> dict[str, rdflib.Graph]:
    """The two registries of an example, by the end of their name."""
    read_ = Dataset().parse(EXAMPLES / f"{rule}.trig", format="trig", publicID=BASE)
    graphs = {str(one.identifier): one for one in read_.graphs() if len(one)}
    assert set(graphs) == {"urn:x-registry:a", "urn:x-registry:b"}
    return {name[-1]: graph for name, graph in sorted(graphs.items())}


def wrong(rule: str, graph: rdflib.Graph, profile: Profile) -> set[str]:
    """What must be found in one registry."""
    if rule == ADOPTED:
        concepts = set(profile.ontology.subjects(SKOS.broader))
        return {str(one) for one in concepts - set(graph.objects(None, QA.conformsToConcept))}
    return {str(one) for one in graph.subjects() if str(one).startswith(BASE + "bad/it")}


def checked(
    server: Server, profile: Profile, across: ClusterShapes, names: list[str], rule: str
) -> ClusterReport:
    for name, graph in zip(names, examples(rule).values(), strict=False):
        facts = [Fact(str(s), str(p), ntriples(o)) for s, p, o in graph]
        published(server, profile, name, facts)
    chosen = [one for one in across.checks if one.check.shape.name == QS + rule]
    return check_cluster(server, replace(across, checks=tuple(chosen)), only=names)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fires_on_the_bad_nodes_alone(
    rule: str, neo4j_database: Server, profile: Profile, across: ClusterShapes, names: list[str]
) -> None:
    report = checked(neo4j_database, profile, across, names, rule)
    found = {(one.registry, one.finding.focus) for one in report.findings}
    graphs = dict(zip(names, examples(rule).values(), strict=False))
    expected = {(name, node) for name, graph in graphs.items() for node in wrong(rule, graph, profile)}
    assert expected
    assert found == expected
    (looked,) = report.looked
    assert set(dict(looked.nodes)) == set(names[:2])
    assert all(number > 0 for _, number in looked.nodes)
    assert looked.total > (0 if rule == ADOPTED else len(found))
    message, remedy = texts(rule, SH + "message"), texts(rule, QT + "remedy")
    for one in report.findings:
        assert one.finding.rule == QS + rule
        assert dict(one.finding.message) == message
        assert dict(one.finding.fix) == remedy
        assert one.finding.unit or one.finding.unit_label == profile.steward


def texts(rule: str, predicate: str) -> dict[str, str]:
    found = ACROSS.objects(QS[rule], URIRef(predicate))
    return {str(one.language): str(one) for one in found if isinstance(one, Literal)}


def test_who_answers_for_the_rest_of_an_element_answers_for_what_is_missing(
    neo4j_database: Server, profile: Profile, across: ClusterShapes, names: list[str]
) -> None:
    report = checked(neo4j_database, profile, across, names, ADOPTED)
    missing = "https://w3id.org/qualitrace/scheme/point-1.1.2"
    units = {one.registry: one.finding.unit for one in report.findings if one.finding.focus == missing}
    assert units == {names[1]: BASE + "unit/1"}
