"""``qualitrace bench soak``, for a moment; and the line its memory is judged by."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rich.console import Console

from qualitrace.bench.generated import read_demonstration, write_journal
from qualitrace.bench.soak import MOST_GROWTH, WARMING, commit, growth, met, run
from qualitrace.profile import load_profile


def test_a_server_answers_many_clients_while_others_commit(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        result = run(5_000, 15 / 60, 6, Console(file=out), settings={"QUALITRACE_LIMITS_SECONDS": "300"})
    told = (tmp_path / "out").read_text(encoding="utf-8")
    assert result["errors"] == {}, (result["problems"], result["logged"])
    assert result["logged"] == []
    assert result["commits"] > 0
    assert result["refused"] == 0
    assert 0 <= result["told"] <= result["commits"]  # how soon the stream opens depends on the machine
    assert result["stopped"] == 0
    assert abs(result["facts after"] - result["facts"]) < 50  # what is committed is taken back
    assert result["requests"] == sum(one["requests"] for one in result["operations"].values())
    assert {"/readyz", "findings"} & set(result["operations"])
    assert all(one["p50"] <= one["p99"] <= one["most"] for one in result["operations"].values())
    assert [size for _, size in result["samples"] if size < 50_000_000] == []
    assert f"{result['requests']:,}" in told


def line(percent: float, noise: float = 0.0) -> list[tuple[float, int]]:
    """An hour of samples of a memory that grows by so many percent after it has warmed up."""
    chance = random.Random(1)
    warm, first = 3600 * WARMING, 400e6
    samples = []
    for at in range(0, 3600, 10):
        grown = first * (1 + percent / 100 * max(0.0, at - warm) / (3590 - warm))
        size = grown * (1 + chance.uniform(-noise, noise)) if at >= warm else first * at / warm
        samples.append((float(at), int(size)))
    return samples


@pytest.mark.parametrize("percent", [-10.0, 0.0, 4.0, 5.5, 100.0])
def test_growth_is_that_of_the_line_after_warming_up(percent: float) -> None:
    assert growth(line(percent), 3600) == pytest.approx(percent, abs=0.01)
    assert growth(line(percent, noise=0.02), 3600) == pytest.approx(percent, abs=1)


def test_growth_of_nothing_is_none() -> None:
    assert growth([], 60) == 0
    assert growth([(50.0, 1)], 60) == 0


def test_a_bound_that_is_broken_is_told() -> None:
    good = {"errors": {}, "refused": 0, "commits": 3, "told": 3, "stopped": 0, "growth": MOST_GROWTH}
    assert met(good)
    bad = {"errors": {"x": 1}, "refused": 1, "commits": 0, "told": 0, "stopped": 1, "growth": 5.1}
    for name, value in bad.items():
        assert not met({**good, name: value})


def test_what_a_rule_forbids_is_no_refusal(tmp_path: Path) -> None:
    profile = load_profile()
    location = tmp_path / "registry.db"
    write_journal(read_demonstration(profile), 5_000, location, profile)
    committed = commit(str(location), None, 600, 0, most=220)
    assert committed["refused"] == 0
    assert committed["forbidden"] > 0
    assert committed["commits"] + committed["forbidden"] == 220
