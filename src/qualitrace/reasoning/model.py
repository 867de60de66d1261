"""What reasoning is made of: steps compiled from axioms and rules, and what a run answers (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.terms import RDF_TYPE, Fact

# What a step reads or writes: a predicate IRI; for rdf:type with a known class, both, separated by a
# space; ANYTHING where the predicate is a variable.
Key = str
ANYTHING: Key = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One SPARQL CONSTRUCT that adds what follows from one axiom or one rule.

    ``settled`` are the keys that must be complete before the step runs, because it negates them,
    counts them or asks whether they are missing. ``closed``: one run sees its own conclusions.
    ``fresh``: the query leaves out what is already known.
    """

    name: str
    query: str
    reads: frozenset[Key]
    writes: frozenset[Key]
    settled: frozenset[Key] = frozenset()
    closed: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in the order they run: groups that feed on themselves are repeated until nothing is new."""

    strata: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """The inferred facts that appeared and disappeared, and how many there are now."""

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    total: int = 0


def type_key(class_iri: str) -> Key:
    """Return the key of "being of this class"."""
    return f"{RDF_TYPE} {class_iri}"


def meet(some: Iterable[Key], others: frozenset[Key]) -> bool:
    """Tell whether a fact can fall under keys of both sides."""
    if not others:
        return False
    for key in some:
        if key == ANYTHING or key in others or ANYTHING in others:
            return True
        if key == RDF_TYPE and any(other.startswith(RDF_TYPE + " ") for other in others):
            return True
        if key.startswith(RDF_TYPE + " ") and RDF_TYPE in others:
            return True
    return False
