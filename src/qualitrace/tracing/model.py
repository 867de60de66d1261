"""What tracing answers: paths with their basis, and verdicts (floor 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qualitrace.journal.model import Basis, Source
from qualitrace.text import Text


class Ending(StrEnum):
    """How a path ends."""

    REACHED = "reached"  # at a node of the asked class
    ABSENT = "absent"  # at a node whose next link is missing on that date (vacant, no post, …)


@dataclass(frozen=True, slots=True)
class Node:
    """A node on a path: IRI, its classes (IRIs, most specific), label, code."""

    iri: str
    classes: tuple[str, ...]
    label: Text
    code: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a path, from ``source`` to ``target`` (IRIs) in the tracing direction.

    On a backwards trace too: there the first step's target is the start. ``capacity`` qualifies who is
    reached through the target (acting, …); the dates are the target's validity, ISO or "" when open.
    """

    source: str
    property: str
    target: str
    basis: Basis
    sources: tuple[Source, ...] = ()
    capacity: Text = Text()
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """One path from the start node. ``basis`` is the weakest basis of its steps.

    ``absence`` names what is missing when ``ending`` is ABSENT (the property's ``qt:absence``);
    ``steward`` is then the IRI of the unit that must repair it, or "".
    """

    steps: tuple[Step, ...]
    ending: Ending
    basis: Basis
    capacity: Text = Text()
    absence: Text = Text()
    missing: str = ""  # property IRI whose value is missing
    steward: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer to a trace question. ``partial`` is true when a bound cut the answer short."""

    start: str
    to: str  # class IRI
    as_of: str  # ISO date
    backwards: bool
    paths: tuple[Path, ...]
    nodes: dict[str, Node]  # every node on the paths
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether every chain of a node is whole, else its first missing link."""

    node: Node
    complete: bool
    missing: str = ""  # property IRI of the first missing link
    absence: Text = Text()
    at: Node | None = None  # the node where the chain breaks
    steward: Node | None = None  # the unit that must repair it
    broken_branches: int = 0  # distinct places (node and link) where a chain breaks


@dataclass(frozen=True, slots=True)
class Coverage:
    """Verdicts for all nodes of a class on a date."""

    of: str  # class IRI
    as_of: str
    verdicts: tuple[Verdict, ...]

    @property
    def complete(self) -> int:
        """How many nodes are complete."""
        return sum(verdict.complete for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """Verdicts of nodes that share what they were grouped by; None stands for "leads to nothing"."""

    keys: tuple[Node | None, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def total(self) -> int:
        """How many nodes were judged."""
        return len(self.verdicts)

    @property
    def complete(self) -> int:
        """How many of them are complete."""
        return sum(verdict.complete for verdict in self.verdicts)

    @property
    def broken(self) -> int:
        """How many of them are broken."""
        return self.total - self.complete
