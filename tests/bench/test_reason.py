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


def test_what_is_wanted_is_three_times_as_fast_and_a_change_that_costs_the_same() -> None:
    def row(facts: int, reasonable: dict[str, float], change: float) -> dict[str, Any]:
        own = {"reason": 2.0, "seconds": 4.0}
        kinds = {kind: {"mean": change} for kind in ("added", "removed")}
        engines = {reason.OWN: own, reason.OWN_AXIOMS: own, "reasonable": reasonable, "pyshifty": {}}
        return {"facts": facts, "engines": engines, "changes": {"read": kinds, "any": kinds}}

    slow, whole, quick = ({"reason": a, "seconds": b} for a, b in ((6.0, 12.0), (9.0, 11.0), (5.0, 20.0)))
    small = row(40_000, quick, 1.0)  # only at a million facts does it have to be three times
    assert reason.met([small, row(940_000, slow, 1.5)])
    assert not reason.met([small, row(940_000, whole, 1.0)])
    assert not reason.met([small, row(940_000, quick, 1.0)])
    assert not reason.met([small, row(940_000, slow, 1.6)])
    only_whole = row(940_000, slow, 1.0)
    only_whole["engines"]["pyshifty"] = {"seconds": 11.0}
    assert not reason.met([only_whole])
    assert reason.times(only_whole["engines"], "pyshifty", "reason") == 11.0 / 4.0
