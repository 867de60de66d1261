"""A few colleges, small enough to be looked at, and the shapes that are checked on them."""

from __future__ import annotations

import random
from collections.abc import Iterable

import rdflib

from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.store.neo4j import Changes, Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, iri_of, is_iri, literal

QA = "https://w3id.org/qualitrace/qa#"
SCHEME = "https://w3id.org/qualitrace/scheme/"
ID = "https://college.example/id/"
START, END, LEVEL = QA + "startDate", QA + "endDate", QA + "level"


def college(
    number: int, *, code: str = "", programme: str = "护理", adopted: Iterable[str] = ()
) -> list[Fact]:
    """State a college with one programme, and the points (local names) of the national scheme it adopted.

    The nodes are called the same in every college.
    """
    facts = [
        Fact(ID + "college", RDF_TYPE, iri(QA + "College")),
        Fact(ID + "college", RDFS_LABEL, literal(f"示例学院{number}", language="zh")),
        Fact(ID + "college", QA + "collegeCode", literal(code or f"419909{number:04}")),
        Fact(ID + "programme", RDF_TYPE, iri(QA + "Programme")),
        Fact(ID + "programme", RDFS_LABEL, literal(programme, language="zh")),
        Fact(ID + "programme", QA + "nationalCode", literal("520201")),
    ]
    for name in adopted:
        point = f"{ID}point/{name}"
        facts += [
            Fact(point, RDF_TYPE, iri(QA + "DiagnosisPoint")),
            Fact(point, SKOS_NOTATION, literal(name.removeprefix("point-"))),
            Fact(point, QA + "conformsToConcept", iri(SCHEME + name)),
        ]
    return facts


def units(number: int) -> list[Fact]:
    """State some departments, posts and appointments, with what shapes ask of them."""
    facts = []
    for name in (f"{ID}unit/{n}" for n in range(number)):
        post = name.replace("unit", "post")
        given = name.replace("unit", "appointment")
        facts += [
            Fact(name, RDF_TYPE, iri(QA + "Department")),
            Fact(name, RDFS_LABEL, literal("示例处", language="zh")),
            Fact(name, QA + "headPost", iri(post)),
            Fact(name, START, literal("2020-01-01", datatype=XSD + "date")),
            Fact(name, END, literal("2030-01-01", datatype=XSD + "date")),
            Fact(post, RDF_TYPE, iri(QA + "Post")),
            Fact(post, RDFS_LABEL, literal("示例岗", language="zh")),
            Fact(post, QA + "postOf", iri(name)),
            Fact(post, QA + "hasAppointment", iri(given)),
            Fact(given, RDF_TYPE, iri(QA + "Appointment")),
            Fact(given, START, literal("2021-02-01", datatype=XSD + "date")),
        ]
    return facts


def damaged(facts: list[Fact], seed: int) -> list[Fact]:
    """Take facts away, and add values, links and classes that do not belong: as people err."""
    chance = random.Random(seed)
    kept = [fact for fact in facts if chance.random() > 0.15]
    nodes = sorted({fact.subject for fact in facts})
    predicates = sorted({fact.predicate for fact in facts} - {RDF_TYPE})
    wrong = [
        literal("2021-02-30", datatype=XSD + "date"),
        literal("2031-05-06", datatype=XSD + "date"),
        literal("明年", datatype=XSD + "date"),
        literal('a "quoted" \\ text\nof two lines'),
        literal("示例", language="zh"),
        literal("Example", language="en"),
        literal("07", datatype=XSD + "integer"),
        literal(""),
        *(iri(node) for node in nodes[:4]),
        iri(SCHEME + "level-none"),
    ]
    for _ in range(len(facts) // 2):
        kept.append(Fact(chance.choice(nodes), chance.choice(predicates), chance.choice(wrong)))
    kept += [Fact(node, RDF_TYPE, iri(QA + "Section")) for node in chance.sample(nodes, 2)]
    return sorted(set(kept))


def at_home(profile: Profile, facts: Iterable[Fact], inferred: Iterable[Fact] = ()) -> OxigraphEngine:
    """Return a store of a registry with these facts."""
    engine = OxigraphEngine()
    engine.load(PROFILE, profile.ontology.serialize(format="nt"))
    engine.change(STATED, list(facts), ())
    engine.change(INFERRED, list(inferred), ())
    return engine


def published(server: Server, profile: Profile, name: str, facts: Iterable[Fact]) -> Neo4jEngine:
    """Put a registry with these facts, and the profile's concepts, into Neo4j."""
    engine = Neo4jEngine.of(server, profile, name)
    engine.put(Changes(list(dict.fromkeys([*facts, *engine.concept_links()]))))
    return engine


def told_apart(profile: Profile, colleges: dict[str, list[Fact]]) -> OxigraphEngine:
    """Return one store with all colleges, in which their nodes have names of their own."""
    concepts = {str(node) for node in profile.ontology.subjects() if isinstance(node, rdflib.URIRef)}

    def own(name: str, term: str) -> str:
        node = iri_of(term)
        return term if node in concepts else iri(f"urn:x-{name}:{node}")

    facts = []
    for name, said in colleges.items():
        for fact in said:
            value = own(name, fact.object) if is_iri(fact.object) else fact.object
            value = fact.object if fact.predicate == RDF_TYPE else value
            facts.append(Fact(f"urn:x-{name}:{fact.subject}", fact.predicate, value))
    return at_home(profile, facts)
