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

    ``capacity`` qualifies who is reached through the target (acting, …); dates are ISO or "".
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
    broken_branches: int = 0


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
