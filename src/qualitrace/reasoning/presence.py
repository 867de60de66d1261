"""Whether a fact is there, as queries see it (floor 2).

A store may keep a literal in another form than it was written in (``"2.50"`` as ``"2.5"``). Rules see what
the store keeps, and so does the inferred graph.
"""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.store import SparqlEngine
from qualitrace.terms import QT, Fact, iri

LEAVING = QT + "leaving"  # what was there before a change, while it is asked what rested on it


def held(engine: SparqlEngine, graph: str | None, fact: Fact) -> bool:
    """Tell whether a fact is in a graph, or (None) in any."""
    found = engine.facts(graph, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    if next(found, None) is not None:
        return True
    if "^^" not in fact.object:
        return False
    pattern = f"{iri(fact.subject)} {iri(fact.predicate)} {fact.object}"
    if graph is not None:
        pattern = f"GRAPH {iri(graph)} {{ {pattern} }}"
    return bool(engine.select(f"SELECT (1 AS ?any) WHERE {{ {pattern} }} LIMIT 1"))


def as_kept(engine: SparqlEngine, facts: Iterable[Fact]) -> set[Fact]:
    """Return facts in the form in which the store keeps them."""
    given = set(facts)
    written = {fact for fact in given if "^^" in fact.object}
    if not written:
        return given
    engine.change(LEAVING, written, ())
    try:
        kept = engine.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri(LEAVING)} {{ ?s ?p ?o }} }}")
    finally:
        engine.change(LEAVING, (), written)
    return (given - written).union(kept)
