"""What reasoning is made of: steps compiled from axioms and rules, and what a run answers (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.reasoning.patterns import Group, Triple
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri

# What a step reads or writes: a predicate IRI; for rdf:type with a known class, both, separated by a
# space; ANYTHING where the predicate is a variable.
Key = str
ANYTHING: Key = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One SPARQL CONSTRUCT that adds what follows from one axiom or one rule.

    ``settled`` are the keys that must be complete before the step runs, because it negates them,
    counts them or asks whether they are missing. ``closed``: one run sees its own conclusions.
    ``fresh``: the query leaves out what is already known. ``unsteady``: what it concludes may change
    without a change of what it reads (it asks for the time, or for one graph). ``head`` and ``body`` say
    the same as the query where they are known from the start (one round of it, when ``closed``; ``proof``
    is then the whole of it); otherwise they are read off the query.
    """

    name: str
    query: str
    reads: frozenset[Key]
    writes: frozenset[Key]
    settled: frozenset[Key] = frozenset()
    closed: bool = False
    fresh: bool = False
    unsteady: bool = False
    head: tuple[Triple, ...] = ()
    body: Group | None = None
    proof: Group | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Steps in the order they run: groups that feed on themselves are repeated until nothing is new.

    It is known by identity, so that what is compiled from it is found at once at every commit.
    """

    strata: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """The inferred facts that appeared and disappeared, and how many there are now (None: not counted)."""

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    total: int | None = None


def type_key(class_iri: str) -> Key:
    """Return the key of "being of this class"."""
    return f"{RDF_TYPE} {class_iri}"


def fact_key(fact: Fact) -> Key:
    """Return the narrowest key that a fact falls under."""
    if fact.predicate == RDF_TYPE and is_iri(fact.object):
        return type_key(iri_of(fact.object))
    return fact.predicate


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
