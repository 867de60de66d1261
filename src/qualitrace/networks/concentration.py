"""Concentration: whether a whole's items lie with few of its parts (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualitrace.networks.model import Analysis, Finding, Link
from qualitrace.networks.rows import Row


def concentration(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find the wholes with ``least`` items or more whose Herfindahl index is at least ``bound``.

    The index is the sum of the squared shares of the parts: 1 when one part has all, 1/n when n parts have
    the same. A ``?part`` without an ``?item`` has none. An item of two parts counts for each.
    """
    held: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        if "whole" in row and "part" in row:
            items = held.setdefault(row["whole"], {}).setdefault(row["part"], set())
            if "item" in row:
                items.add(row["item"])
    indices = {whole: index for whole, parts in held.items() if (index := herfindahl(_counts(parts)))}
    found = [
        _finding(whole, held[whole], index)
        for whole, index in indices.items()
        if index >= settings["bound"] and sum(_counts(held[whole])) >= settings["least"]
    ]
    found.sort(key=lambda one: (-one.figures["index"], one.nodes["whole"]))
    mean = sum(indices.values()) / len(indices) if indices else 0.0
    figures = {"mean": round(mean, 3), "highest": round(max(indices.values(), default=0.0), 3)}
    ranking = sorted(indices.items(), key=lambda pair: (-pair[1], pair[0]))
    count = sum(sum(_counts(parts)) for parts in held.values())
    return Analysis(tuple(found), len(indices), count, figures, tuple((w, round(i, 3)) for w, i in ranking))


def herfindahl(counts: Sequence[int]) -> float:
    """Return the Herfindahl index of counts; 0 of nothing."""
    total = sum(counts)
    return sum((count / total) ** 2 for count in counts) if total else 0.0


def _counts(parts: Mapping[str, set[str]]) -> list[int]:
    return [len(items) for items in parts.values()]


def _finding(whole: str, parts: Mapping[str, set[str]], index: float) -> Finding:
    order = sorted((part for part in parts if parts[part]), key=lambda part: (-len(parts[part]), part))
    total = sum(_counts(parts))
    figures = {
        "index": round(index, 3),
        "items": total,
        "parts": len(order),
        "idle": len(parts) - len(order),
        "share": round(100 * len(parts[order[0]]) / total, 1),
    }
    shown = tuple(Link(whole, part) for part in order) + tuple(
        Link(order[0], item) for item in sorted(parts[order[0]])
    )
    return Finding({"whole": (whole,), "part": tuple(order)}, figures, shown)
