"""Load: who has far more than the others (floor 2)."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from qualitrace.networks.model import Analysis, Finding, Link
from qualitrace.networks.rows import Row, pairs_of


def load(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find who has at least ``least`` items and ``bound`` standard deviations more than the mean.

    The deviation is that of the whole (not of a sample). ``?who`` without an ``?item`` has none, and counts.
    """
    items = pairs_of(rows, "who", "item")
    counts = {who: len(some) for who, some in items.items()}
    numbers = list(counts.values())
    mean = statistics.fmean(numbers) if numbers else 0.0
    spread = statistics.pstdev(numbers) if numbers else 0.0
    found = []
    for who, count in counts.items():
        score = (count - mean) / spread if spread else 0.0
        if count >= settings["least"] and spread and score >= settings["bound"]:
            has = tuple(sorted(items[who]))
            figures = {"items": count, "score": round(score, 2), "times": round(count / mean, 2)}
            shown = tuple(Link(who, item) for item in has)
            found.append(Finding({"who": (who,), "item": has}, figures, shown))
    found.sort(key=lambda one: (-one.figures["items"], one.nodes["who"]))
    figures = {
        "mean": round(mean, 2),
        "deviation": round(spread, 2),
        "most": max(numbers, default=0),
        "gini": round(gini(numbers), 3),
    }
    ranking = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Analysis(
        tuple(found), len(counts), sum(numbers), figures, tuple((who, float(count)) for who, count in ranking)
    )


def gini(numbers: Sequence[float]) -> float:
    """Return Gini's coefficient: 0 when all have the same, towards 1 when one has all."""
    total, count = sum(numbers), len(numbers)
    if not total:
        return 0.0
    weighted = sum(place * number for place, number in enumerate(sorted(numbers), start=1))
    return 2 * weighted / (count * total) - (count + 1) / count
