"""Conflicts: two things that must not be in one hand and are (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualitrace.networks.model import Analysis, Finding, Link
from qualitrace.networks.rows import Row, pairs_of


def conflicts(rows: Sequence[Row], settings: Mapping[str, float]) -> Analysis:
    """Find the pairs (``?first``, ``?second``, which must be apart) that one ``?who`` holds both of.

    ``?because`` says what keeps them apart. A thing need not be apart from itself.
    """
    holders = pairs_of(rows, "holds", "who")
    because: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if "first" in row and "second" in row and row["first"] != row["second"]:
            pair = (min(row["first"], row["second"]), max(row["first"], row["second"]))
            because.setdefault(pair, set()).update({row["because"]} if "because" in row else ())
    found = [
        _finding(pair, who, reasons)
        for pair, reasons in sorted(because.items())
        for who in sorted(holders.get(pair[0], set()) & holders.get(pair[1], set()))
    ]
    found.sort(key=lambda one: (-one.figures["reasons"], one.nodes["who"], one.nodes["pair"]))
    figures = {"pairs": len(because), "conflicts": len(found)}
    return Analysis(tuple(found), len(because), sum(map(len, holders.values())), figures)


def _finding(pair: tuple[str, str], who: str, reasons: set[str]) -> Finding:
    why = tuple(sorted(reasons))
    shown = [Link(one, who) for one in pair]
    shown += [Link(reason, one) for reason in why for one in pair]
    return Finding({"who": (who,), "pair": pair, "because": why}, {"reasons": len(why)}, tuple(sorted(shown)))
