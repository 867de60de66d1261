"""What questions across registries answer (floor 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qualitrace.text import Text
from qualitrace.tracing.model import Ending, Gap, Node, Trace


class State(StrEnum):
    """Whether a registry can be asked."""

    READY = "ready"
    WRITING = "writing"  # only a part of a change is there
    OTHER = "other"  # written with another profile, or by another version of the program


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a registry is in the database.

    ``position`` and ``changeset`` (identifier) are of its journal; ``at`` is when it was written (UTC, ISO).
    ``toward`` is the position that a change on its way leads to, -1 for none. ``stated`` and ``inferred``
    count facts. ``told_apart``: it says who may see what.
    """

    name: str
    position: int
    changeset: str
    at: str
    toward: int
    stated: int
    inferred: int
    state: State
    told_apart: bool = False

    @property
    def behind(self) -> int:
        """How many changesets of those that are being written are not there yet."""
        return max(0, self.toward - self.position)


class Reason(StrEnum):
    """Why a registry is left out."""

    WRITING = "writing"  # a change was being written
    OTHER = "other"  # written with another profile, or by another version of the program
    UNMARKED = "unmarked"  # it does not say who may see what
    TIME = "time"  # no time was left
    AWAY = "away"  # it could not be asked


@dataclass(frozen=True, slots=True)
class Left:
    """A registry that an answer leaves out, and why."""

    registry: str
    why: Text
    reason: Reason


@dataclass(frozen=True, slots=True)
class Counted:
    """The nodes of a class that exist on the day. ``complete`` is None where nothing judges the class."""

    total: int
    complete: int | None
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def sum(cls, parts: Sequence[Counted], *, judged: bool) -> Counted:
        """Add counts up."""
        found: Counter[tuple[str, Text]] = Counter()
        for part in parts:
            for gap in part.gaps:
                found[gap.missing, gap.absence] += gap.count
        gaps = [Gap(missing, absence, count) for (missing, absence), count in found.items()]
        gaps.sort(key=lambda gap: (-gap.count, gap.missing, gap.absence.best()))
        complete = sum(part.complete or 0 for part in parts) if judged else None
        return cls(sum(part.total for part in parts), complete, tuple(gaps))


@dataclass(frozen=True, slots=True)
class CoverageAcross:
    """Counts of a class (IRI) on a day, by registry and in total; what is ``left`` is not in the total.

    ``asked`` says how far each registry was that answered, when the question came.
    """

    of: str
    as_of: str
    registries: Mapping[str, Counted]
    total: Counted
    left: tuple[Left, ...] = ()
    asked: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A value of a shared key: the property (IRI), and a code, or the IRI of a concept with its label."""

    property: str
    value: str
    label: Text = Text()
    links: bool = False  # the value is a concept


@dataclass(frozen=True, slots=True)
class Adopted:
    """A node that has the key, and what it leads to. ``trace`` is None when no class was asked for."""

    node: Node
    trace: Trace | None = None

    @property
    def reached(self) -> tuple[Node, ...]:
        """Return the nodes of the asked class that it leads to: by code or label, then identifier."""
        if self.trace is None:
            return ()
        whole = (path for path in self.trace.paths if path.steps and path.ending is Ending.REACHED)
        ends = {path.steps[-1].target for path in whole}
        found = (self.trace.nodes[end] for end in ends)
        return tuple(sorted(found, key=lambda node: (node.code or node.label.best(), node.iri)))


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who has a shared key: by registry its nodes; ``without`` are registries that have none.

    ``left`` were not asked: nothing is known of them; ``asked`` says how far the others were. ``to`` is the
    class (IRI) that was traced to, or "".
    """

    keys: tuple[Key, ...]
    as_of: str
    to: str
    registries: Mapping[str, tuple[Adopted, ...]]
    without: tuple[str, ...]
    left: tuple[Left, ...] = ()
    asked: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A node of a registry."""

    registry: str
    node: Node


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that several nodes have: of one class in one registry, or (``across``) in several registries."""

    key: Key
    nodes: tuple[Kept, ...]
    across: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Keys that are there twice on a day. ``left`` are registries that were not asked.

    ``asked`` says how far the others were.
    """

    as_of: str
    found: tuple[Duplicate, ...]
    left: tuple[Left, ...] = ()
    asked: tuple[Standing, ...] = ()
