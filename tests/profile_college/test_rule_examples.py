"""Every rule on a small example: it fires on what is wrong there, and on nothing else.

``rules/<rule>.ttl`` holds records below ``good/`` and ``bad/``; those that must be found are the ones
named ``bad/it…``. A rule without an example fails, and so does an example without a rule.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal
from rdflib.term import URIRef

from qualitrace.validation.compiled import compile_shapes
from qualitrace.validation.validate import validate_store
from tests.profile_college.reading import (
    QS,
    SH,
    SHAPES_AT_HOME,
    background,
    only,
    read,
    results,
    rules,
    targets,
)

EXAMPLES = Path(__file__).parent / "rules"
BASE = "https://college.example/id/"
RULES = sorted(str(rule) for rule in rules(read(*SHAPES_AT_HOME)))


@pytest.fixture(scope="module")
def judged_against(ontology: Graph) -> Graph:
    return background(ontology)


def test_no_example_is_left_over() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.ttl")} <= {rule.removeprefix(str(QS)) for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.removeprefix(str(QS)))
def test_a_rule_fires_on_the_bad_record_alone(rule: str, shapes: Graph, judged_against: Graph) -> None:
    path = EXAMPLES / f"{rule.removeprefix(str(QS))}.ttl"
    assert path.is_file(), f"no example for {rule}"
    example = Graph().parse(path, publicID=BASE)
    records = {s for s in example.subjects() if isinstance(s, URIRef)}
    expected = {s for s in records if s.startswith(BASE + "bad/it")}
    assert expected
    part = only(shapes, URIRef(rule))
    data = judged_against + example
    asked = targets(data, part)
    assert expected <= asked
    assert URIRef(BASE + "good/it") in asked
    found = results(data, part)
    assert {source for _, source, _ in found} == {URIRef(rule)}
    assert {focus for focus, _, _ in found} == expected


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.removeprefix(str(QS)))
def test_the_compiled_rule_finds_the_same(rule: str, shapes: Graph, judged_against: Graph) -> None:
    """The validator that runs, on Oxigraph, agrees with pySHACL about the example."""
    example = Graph().parse(EXAMPLES / f"{rule.removeprefix(str(QS))}.ttl", publicID=BASE)
    part, data = only(shapes, URIRef(rule)), judged_against + example
    store = ox.Store()
    store.load(data.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    report = validate_store(store, compile_shapes(part))
    message = {
        str(m.language): str(m) for m in shapes.objects(URIRef(rule), SH.message) if isinstance(m, Literal)
    }
    for finding in report.findings:
        assert finding.rule == rule
        assert dict(finding.message) == message
        assert set(finding.fix) == {"zh", "en"}
    found = sorted((f.focus, f.value.strip("<>").startswith("http")) for f in report.findings)
    expected = sorted((str(focus), isinstance(value, URIRef)) for focus, _, value in results(data, part))
    assert found == expected
