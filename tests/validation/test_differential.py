"""The same results as pySHACL, result by result, on random shapes and data."""

from __future__ import annotations

from collections import Counter

import pytest
import rdflib
from hypothesis import HealthCheck, Phase, assume, given, settings
from pyshacl.errors import ReportableRuntimeError

from qualitrace.terms import SH
from qualitrace.validation import compile_shapes, validate_store
from tests.validation.differential import (
    PARAMETERS,
    our_results,
    reference_results,
    store_of,
    worlds,
)

RANDOM = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.explicit],
)
World = tuple[rdflib.Graph, rdflib.Graph]


def compared(world: World) -> Counter[str]:
    """Validate with both, compare, and count the results by component."""
    shapes, data = world
    try:
        expected = reference_results(data, shapes)
    except ReportableRuntimeError:  # it does not compare blank nodes; SHACL calls them incomparable
        assume(False)
    report = validate_store(store_of(data), compile_shapes(shapes))
    assert our_results(report) == expected, f"{shapes.serialize()}\n# data\n{data.serialize()}"
    return Counter(finding.component.removeprefix(SH) for finding in report.findings)


@settings(RANDOM, max_examples=200)
@given(worlds())
def test_random_shapes_on_random_data(world: World) -> None:
    compared(world)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_each_parameter_on_random_data(parameter: str) -> None:
    met: Counter[str] = Counter()

    @settings(RANDOM, max_examples=20)
    @given(worlds(parameter))
    def run(world: World) -> None:
        met.update(compared(world))

    run()
    # The parameter was really broken somewhere, else the comparison says nothing about it.
    names = {"qualifiedValueShape": ["QualifiedMinCount", "QualifiedMaxCount"]}
    broken = names.get(parameter, [parameter[0].upper() + parameter[1:]])
    if parameter != "property":  # its results are those of the shape it leads to
        assert sum(met[f"{name}ConstraintComponent"] for name in broken) > 0
