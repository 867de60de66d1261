"""What was found in a network (floor 2). Nodes are IRIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A link between two nodes. ``by`` is the property that makes it, ``""`` when nothing says so."""

    source: str
    target: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: the nodes in each role, its numbers, and the links that show it.

    The first node of the first role is what it is mostly about.
    """

    nodes: Mapping[str, tuple[str, ...]]
    figures: Mapping[str, float]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found, the worst first, in a network of so many nodes and links.

    ``checked`` counts what was looked at: with none the question checked nothing. ``ranking`` is how all that
    was looked at stands, whether it was found fault with or not, as far as there is an order.
    """

    findings: tuple[Finding, ...] = ()
    checked: int = 0
    links: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    ranking: tuple[tuple[str, float], ...] = ()
