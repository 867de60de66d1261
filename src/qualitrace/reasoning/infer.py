"""Run the profile's rules and axioms to a fixpoint (floor 2)."""

from __future__ import annotations

from dataclasses import dataclass

import rdflib
from rdflib.namespace import OWL, RDF

from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import Fact


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """The inferred facts that appeared and disappeared."""

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]


def infer(engine: Engine, profile: Profile) -> InferenceResult:
    """Recompute the inferred graph; it never holds a stated fact. Raises QueryError."""
    before = set(engine.facts(INFERRED))
    engine.change(INFERRED, (), before)
    queries = [*_axioms(profile), *(rule.query for rule in profile.rules)]
    held: set[Fact] = set()
    while True:
        new = {fact for query in queries for fact in engine.construct(query)} - held
        new = {fact for fact in new if not _stated(engine, fact)}
        if not new:
            break
        engine.change(INFERRED, new, ())
        held |= new
    return InferenceResult(tuple(sorted(held - before)), tuple(sorted(before - held)))


def _stated(engine: Engine, fact: Fact) -> bool:
    found = engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return any(True for _ in found)


def _axioms(profile: Profile) -> list[str]:
    queries = []
    for one, other in profile.ontology.subject_objects(OWL.inverseOf):
        if isinstance(one, rdflib.URIRef) and isinstance(other, rdflib.URIRef):
            for a, b in ((one, other), (other, one)):
                queries.append(f"CONSTRUCT {{ ?o <{b}> ?s }} WHERE {{ ?s <{a}> ?o }}")
    for p in profile.ontology.subjects(RDF.type, OWL.SymmetricProperty):
        queries.append(f"CONSTRUCT {{ ?o <{p}> ?s }} WHERE {{ ?s <{p}> ?o }}")
    for p in profile.ontology.subjects(RDF.type, OWL.TransitiveProperty):
        queries.append(f"CONSTRUCT {{ ?a <{p}> ?c }} WHERE {{ ?a <{p}> ?b . ?b <{p}> ?c }}")
    return queries
