"""The queries of the shipped shapes, one file for each shape with a target, to be read and reviewed.

``QUALITRACE_GOLDEN=write pytest tests/validation/test_golden_shipped.py`` writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from rdflib.namespace import RDFS

from qualitrace.profile import load_profile
from qualitrace.validation import CompiledShapes, compile_shapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.shapes import Shape
from qualitrace.validation.vocabulary import local_name

GOLDEN = Path(__file__).parent / "golden" / "shipped"
PROFILE = load_profile()
COMPILED = compile_shapes(PROFILE.shapes)
CLASSES = Hierarchy(
    frozenset((str(sub), str(above)) for sub, above in PROFILE.ontology.subject_objects(RDFS.subClassOf))
)
ROOTS = [(root, list(checks)) for root, checks in groupby(COMPILED.checks, key=lambda check: check.root)]


def golden_text(compiled: CompiledShapes, root: Shape, checks: list[Check]) -> str:
    """The queries of a shape, one for each constraint of it and of the shapes it refers to."""
    bodies = [_parted(compiled.query(check, CLASSES)) for check in checks]
    prefixes = sorted({prefix for body in bodies for prefix in body[0]})
    parts = ["\n".join([f"# {root.name}", f"# {root.labels.both()}", *prefixes])]
    for check, (_, body) in zip(checks, bodies, strict=True):
        parts.append("\n".join([*(f"# {line}" for line in _comment(check)), body]))
    return "\n\n".join(parts) + "\n"


def _parted(query: str) -> tuple[list[str], str]:
    lines = query.splitlines()
    prefixes = [line for line in lines if line.startswith("PREFIX ")]
    return prefixes, "\n".join(lines[len(prefixes) :])


def _comment(check: Check) -> Iterator[str]:
    """The constraint, the shapes it is reached by, and what is said of a node that breaks it."""
    yield check.name
    yield " > ".join(local_name(shape.name) for shape in check.shapes if shape.is_named) + (
        f": sh:{local_name(check.constraint.component)}"
    )
    message = check.constraint.messages or check.shape.messages or check.constraint.default
    yield from (f"{language}: {' '.join(words.split())}" for language, words in message.items())


def test_every_check_has_its_place() -> None:
    names = [root.name for root, _ in ROOTS]
    assert len(names) == len(set(names))  # the checks of a shape stand together
    assert sum(len(checks) for _, checks in ROOTS) == len(COMPILED.checks)


@pytest.mark.parametrize(("root", "checks"), ROOTS, ids=lambda part: local_name(getattr(part, "name", "")))
def test_golden(root: Shape, checks: list[Check]) -> None:
    file, text = GOLDEN / f"{local_name(root.name)}.rq", golden_text(COMPILED, root, checks)
    if os.environ.get("QUALITRACE_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_no_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.rq")} == {local_name(root.name) for root, _ in ROOTS}
