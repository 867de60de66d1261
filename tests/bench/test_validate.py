"""``qualitrace bench validate``: what it answers, on the smallest registry there is."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rich.console import Console

from qualitrace.bench import shapes_file, validate
from qualitrace.bench.engines import ENGINES, OURS, Engine
from qualitrace.bench.measuring import TookTooLongError, in_child
from qualitrace.errors import QueryError

PATHS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix e: <http://e/> .
e:plain sh:path e:p .
e:inverse sh:path [ sh:inversePath e:p ] .
e:choice sh:path [ sh:alternativePath ( e:p [ sh:inversePath e:q ] ) ] .
e:way sh:path ( e:p [ sh:alternativePath ( e:p e:q ) ] ) .
e:choiceOfWays sh:path [ sh:alternativePath ( ( e:p e:q ) e:r ) ] .
e:deeper sh:path ( e:p [ sh:inversePath [ sh:alternativePath ( e:r ( e:p e:q ) ) ] ] ) .
"""


def test_shapes_with_a_sequence_in_an_alternative_are_left_out() -> None:
    shapes = rdflib.Graph().parse(data=PATHS, format="turtle")
    left_out = shapes_file.unreadable(shapes)
    assert [str(shape) for shape in left_out] == ["http://e/choiceOfWays", "http://e/deeper"]
    assert not set(left_out) & set(shapes_file.without(shapes, left_out).subjects())


def test_an_unknown_engine_is_told() -> None:
    assert validate.chosen(None) == list(ENGINES.values())
    with pytest.raises(QueryError, match="shacl-rust"):
        validate.chosen(["no-such-engine"])


@pytest.fixture(scope="module")
def measured() -> tuple[list[dict[str, Any]], str]:
    """One copy of the demonstration, ours beside an engine that is not installed."""
    text = io.StringIO()
    absent = Engine("no-such-package", "rust_run")
    return validate.run([1], [absent], Console(file=text, width=120)), text.getvalue()


def test_rows_say_time_memory_and_results(measured: tuple[list[dict[str, Any]], str]) -> None:
    ours, other = measured[0]
    assert ours["engine"] == OURS and other["facts"] == ours["facts"]
    assert ours["results"] > 0
    assert 0 < ours["store"] < ours["file"]
    assert ours["peak"] > 1_000_000


def test_an_engine_that_is_not_there_is_told(measured: tuple[list[dict[str, Any]], str]) -> None:
    rows, text = measured
    assert rows[1]["results"] is None and rows[1]["times_file"] is None
    assert "no-such-package: 未安装 / not installed" in text


def test_work_is_stopped_at_its_limit(tmp_path: Path) -> None:
    with pytest.raises(TookTooLongError) as stopped:
        in_child("time:sleep", 60, timeout=1)
    assert stopped.value.peak is None or stopped.value.peak > 1_000_000
