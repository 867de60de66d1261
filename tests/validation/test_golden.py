"""The compiled queries, kept as files that a person can read.

``QUALITRACE_GOLDEN=write pytest tests/validation/test_golden.py`` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.validation import CompiledShapes, compile_shapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.hierarchy import Hierarchy

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
EX = "http://example.org/"
# One class has a subclass, so that membership is seen in both its forms.
CLASSES = Hierarchy(frozenset({(EX + "Author", EX + "Person")}))


def compiled_features() -> CompiledShapes:
    return compile_shapes(rdflib.Graph().parse(HERE / "shapes" / "features.ttl"))


def golden_text(compiled: CompiledShapes, check: Check) -> str:
    return f"# {check.root.name}\n# {check.constraint.component}\n{compiled.query(check, CLASSES)}\n"


COMPILED = compiled_features()


@pytest.mark.parametrize("check", COMPILED.checks, ids=lambda check: check.name)
def test_golden(check: Check) -> None:
    file = GOLDEN / f"{check.name}.rq"
    text = golden_text(COMPILED, check)
    if os.environ.get("QUALITRACE_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("check", COMPILED.checks, ids=lambda check: check.name)
def test_every_query_runs(check: Check) -> None:
    solutions = ox.Store().query(COMPILED.query(check, CLASSES))
    assert isinstance(solutions, ox.QuerySolutions)
    names = tuple(f"?{variable.value}" for variable in solutions.variables)
    assert names == (*check.nodes, *check.variables)


def test_no_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.rq")} == {check.name for check in COMPILED.checks}


def test_compiling_twice_gives_the_same_queries() -> None:
    again = compiled_features()
    assert [golden_text(again, check) for check in again.checks] == [
        golden_text(COMPILED, check) for check in COMPILED.checks
    ]
