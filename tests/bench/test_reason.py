"""``qualitrace bench reason``: every engine concludes the same, on the smallest registry there is."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from qualitrace.bench import reason

MODULES = {"reasonable": "reasonable", "pyshifty": "shifty", "owlrl": "owlrl"}


@pytest.fixture(scope="module")
def measured(repo_root: Path) -> tuple[list[dict[str, Any]], str]:
    text = io.StringIO()
    kitchen = repo_root / "tests" / "profiles" / "kitchen"
    return reason.run([1], Console(file=text, width=160), kitchen), text.getvalue()


def test_every_engine_that_is_installed_concludes_the_same(
    measured: tuple[list[dict[str, Any]], str],
) -> None:
    rows, _ = measured
    engines = rows[0]["engines"]
    assert engines["qualitrace"]["concluded"] > 0
    for name, module in MODULES.items():
        if find_spec(module):
            assert engines[name]["compared"] > 0 and engines[name]["differ"] == 0, name
        else:
            assert "failed" in engines[name]
    assert reason.agreed(rows)
    engines["owlrl"]["differ"] = 1
    assert not reason.agreed(rows)


def test_a_change_is_timed_both_ways(measured: tuple[list[dict[str, Any]], str]) -> None:
    rows, text = measured
    for kind in ("read", "any"):
        for way in ("added", "removed"):
            assert 0 < rows[0]["changes"][kind][way]["median"] <= rows[0]["changes"][kind][way]["p95"]
    assert "qualitrace" in text and "×1.00" in text
