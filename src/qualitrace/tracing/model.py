"""What tracing answers: paths with their basis, and verdicts (floor 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qualitrace.journal.model import Basis, Source
from qualitrace.profile.model import PathStep
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
    suspect: bool = False  # what the link was made against has changed since; filled in above


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
    """The answer to a trace question. ``partial`` is true when a bound cut the answer short.

    ``uncounted`` says why the start does not count on the date, when it does not: there are then no paths.
    """

    start: str
    to: str  # class IRI
    as_of: str  # ISO date
    backwards: bool
    paths: tuple[Path, ...]
    nodes: dict[str, Node]  # every node on the paths
    partial: bool = False
    uncounted: Text = Text()  # filled in above


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
class Gap:
    """A link that is missing, and how many nodes break there first."""

    missing: str  # property IRI
    absence: Text
    count: int


def gaps(verdicts: Iterable[Verdict]) -> tuple[Gap, ...]:
    """Count the first missing links of verdicts, most frequent first, then by property."""
    counts = Counter((v.missing, v.absence) for v in verdicts if not v.complete)
    found = [Gap(missing, absence, count) for (missing, absence), count in counts.items()]
    return tuple(sorted(found, key=lambda gap: (-gap.count, gap.missing, gap.absence.best())))


@dataclass(frozen=True, slots=True)
class Way:
    """What nodes are grouped by: all that its routes lead to from a node (or its steward).

    Routes that are ``inherited`` count where the others lead to nothing, as in a trace. Where
    ``classes`` or ``concepts`` are given, only ends of these classes, or of these concepts, count.
    ``fields`` names the routes as the API does, links joined by dots.
    """

    name: str  # as it was asked
    label: Text
    routes: tuple[tuple[PathStep, ...], ...] = ()
    inherited: tuple[tuple[PathStep, ...], ...] = ()
    fields: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    steward: bool = False


class Became(StrEnum):
    """What became of a node between two dates."""

    MENDED = "mended"  # it was broken and is complete
    BROKE = "broke"  # it was complete and is broken
    ENTERED = "entered"  # it was not there (or not in the group)
    LEFT = "left"  # it is no longer there (or no longer in the group)


def change_between(earlier: Verdict | None, later: Verdict | None) -> Became | None:
    """Return what became of a node, from its verdicts on two dates; None when nothing changed."""
    if later is None:
        return None if earlier is None else Became.LEFT
    if earlier is None:
        return Became.ENTERED
    if earlier.complete == later.complete:
        return None
    return Became.MENDED if later.complete else Became.BROKE


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """Verdicts of nodes that share what they were grouped by; None stands for "leads to nothing".

    ``earlier`` holds the verdicts of those that shared it on the earlier date, when one was asked.
    """

    keys: tuple[Node | None, ...]
    verdicts: tuple[Verdict, ...]
    earlier: tuple[Verdict, ...] | None = None

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

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Where they break."""
        return gaps(self.verdicts)

    @property
    def changes(self) -> Mapping[str, Became]:
        """What became of each node (IRI) that changed since the earlier date."""
        before = {verdict.node.iri: verdict for verdict in self.earlier or ()}
        after = {verdict.node.iri: verdict for verdict in self.verdicts}
        if self.earlier is None:
            return {}
        found = {iri: change_between(before.get(iri), after.get(iri)) for iri in {**after, **before}}
        return {iri: change for iri, change in found.items() if change is not None}


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Verdicts counted by one or several ways, on a date and (``since``, ISO or "") on an earlier one.

    With ``since_known`` the earlier verdicts are those of what was known in that moment of recorded time.

    ``whole`` is the group of all nodes, each once; a node that leads to several nodes counts in the
    group of each, so that the groups may add up to more.
    """

    of: str  # class IRI
    as_of: str
    since: str
    by: tuple[Way, ...]
    whole: CoverageGroup
    groups: tuple[CoverageGroup, ...]
    since_known: str = ""
