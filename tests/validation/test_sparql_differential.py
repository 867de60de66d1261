"""SPARQL-based constraints and components: the same results as pySHACL on random data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, Phase, given, settings

from qualitrace.validation import CompiledShapes, compile_shapes, validate_store
from qualitrace.validation.enrich import rule_of
from tests.validation.differential import blurred, data_graphs, our_results, reference_results, store_of

FILE = Path(__file__).parent / "shapes" / "sparql.ttl"
RANDOM = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(FILE)


@pytest.fixture(scope="module")
def compiled(shapes: rdflib.Graph) -> CompiledShapes:
    return compile_shapes(shapes)


def test_all_compile(compiled: CompiledShapes) -> None:
    assert compiled.elsewhere == ()


def test_random_data(shapes: rdflib.Graph, compiled: CompiledShapes) -> None:
    met: Counter[str] = Counter()

    @settings(RANDOM, max_examples=100)
    @given(data_graphs("above zero") | data_graphs("above zero", dense=True))
    def run(data: rdflib.Graph) -> None:
        # A COUNT counts a fact once for each graph it is in, which the graphs of a registry rule out.
        report = validate_store(store_of(data, repeat=False), compiled)
        ours, theirs = blurred(our_results(report)), blurred(reference_results(data, shapes))
        assert ours == theirs, data.serialize()
        met.update(finding.rule for finding in report.findings)

    run()
    checked = {rule_of(check.shapes) for check in compiled.checks}
    assert set(met) == checked
