"""Turtle is written by Oxigraph, JSON-LD by PyLD; each is re-read by rdflib and by another parser."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from qualitrace import exporting
from qualitrace.errors import ProfileError
from qualitrace.journal.model import Source
from qualitrace.profile import Profile
from qualitrace.store import STATED, Engine, OxigraphEngine
from qualitrace.terms import DCTERMS, PROV, RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from tests.exporting.conftest import INFERRED_FACTS, QA, STATED_FACTS, node
from tools.write_context import context_text

Triples = set[tuple[str, str, str]]


def as_triples(facts: Iterable[Fact]) -> Triples:
    """Facts as pyoxigraph spells them."""
    text = "\n".join(fact.ntriples() for fact in facts)
    return {(str(t.subject), str(t.predicate), str(t.object)) for t in ox.parse(text, ox.RdfFormat.N_TRIPLES)}


def read_turtle(data: bytes) -> Triples:
    graph = rdflib.Graph().parse(data=data, format="turtle")
    return {(s.n3(), p.n3(), o.n3()) for s, p, o in graph}


def read_jsonld(data: bytes) -> Triples:
    quads = ox.parse(data, ox.RdfFormat.JSON_LD)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in quads}


def turtle(engine: Engine, profile: Profile, **options: object) -> bytes:
    stream = io.BytesIO()
    exporting.turtle(engine, profile, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def jsonld(engine: Engine, profile: Profile, **options: bool) -> bytes:
    stream = io.BytesIO()
    exporting.jsonld(engine, profile, stream, **options)
    return stream.getvalue()


def engine_of(facts: Iterable[Fact]) -> Engine:
    made = OxigraphEngine()
    made.change(STATED, facts, [])
    return made


def test_turtle_holds_the_stated_facts(engine: Engine, profile: Profile) -> None:
    expected = rdflib.Graph().parse(data="\n".join(f.ntriples() for f in STATED_FACTS), format="nt")
    assert read_turtle(turtle(engine, profile)) == {(s.n3(), p.n3(), o.n3()) for s, p, o in expected}


def test_jsonld_holds_the_stated_facts(engine: Engine, profile: Profile) -> None:
    assert read_jsonld(jsonld(engine, profile)) == as_triples(STATED_FACTS)


def test_rdflib_reads_the_jsonld_too(engine: Engine, profile: Profile) -> None:
    expected = rdflib.Graph().parse(data="\n".join(f.ntriples() for f in STATED_FACTS), format="nt")
    assert set(rdflib.Graph().parse(data=jsonld(engine, profile), format="json-ld")) == set(expected)


def test_inferred_facts_are_written_when_asked_for(engine: Engine, profile: Profile) -> None:
    everything = as_triples([*STATED_FACTS, *INFERRED_FACTS])
    assert read_jsonld(jsonld(engine, profile, inferred=True)) == everything
    assert len(read_turtle(turtle(engine, profile, inferred=True))) == len(everything)


def test_the_order_of_facts_does_not_matter(profile: Profile) -> None:
    shuffled = random.Random(7).sample(STATED_FACTS, len(STATED_FACTS))
    assert turtle(engine_of(shuffled), profile) == turtle(engine_of(STATED_FACTS), profile)
    assert jsonld(engine_of(shuffled), profile) == jsonld(engine_of(STATED_FACTS), profile)


def test_an_empty_registry_is_an_empty_document(profile: Profile) -> None:
    assert read_turtle(turtle(engine_of([]), profile)) == set()
    assert read_jsonld(jsonld(engine_of([]), profile)) == set()


def test_turtle_declares_the_prefixes_it_uses(engine: Engine, profile: Profile) -> None:
    text = turtle(engine, profile).decode()
    declared = {line.split()[1] for line in text.splitlines() if line.startswith("@prefix")}
    body = "".join(line for line in text.splitlines() if not line.startswith("@prefix"))
    assert declared == {prefix for prefix in declared if prefix in body or prefix == "rdf:"}
    assert f"<{QA}" not in body


TERMS = st.one_of(
    st.text().filter(lambda text: text.isprintable()).map(literal),
    st.text("质溯 a\\\"\n\r\t'<&").map(lambda text: literal(text, language="zh")),
    st.integers(0, 999).map(lambda n: literal(f"{n:05}", datatype=XSD + "integer")),
    st.decimals(allow_nan=False, allow_infinity=False).map(
        lambda n: literal(f"{n:f}", datatype=XSD + "decimal")
    ),
    st.dates().map(lambda day: literal(day.isoformat(), datatype=XSD + "date")),
    st.sampled_from(["unit/甲", "duty/甲/D1"]).map(lambda name: iri(node(name))),
)
PREDICATES = st.sampled_from(
    [RDFS_LABEL, SKOS_NOTATION, QA + "dutyOf", QA + "startDate", QA + "value", "urn:x:y"]
)


@given(st.sets(st.builds(Fact, st.sampled_from([node("a"), node("质/1")]), PREDICATES, TERMS), min_size=1))
def test_any_fact_comes_back_as_it_was(profile: Profile, facts: set[Fact]) -> None:
    engine = engine_of(facts)
    stored = as_triples(engine.facts(STATED))
    assert read_jsonld(jsonld(engine, profile)) == stored
    parsed = ox.parse(turtle(engine, profile), ox.RdfFormat.TURTLE)
    assert {(str(t.subject), str(t.predicate), str(t.object)) for t in parsed} == stored


# ---------------------------------------------------------------- the context


def test_jsonld_reads_like_plain_json(engine: Engine, profile: Profile) -> None:
    document = json.loads(jsonld(engine, profile))
    nodes = {one["id"]: one for one in document["@graph"]}
    assert list(nodes) == sorted(nodes)
    acting = nodes[node("acting")]
    assert acting["label"] == {"zh": "代理", "en": "acting"}
    appointment = nodes[node("appointment/1")]
    assert appointment["type"] == "Appointment"
    assert appointment["startDate"] == "2020-01-01"
    assert appointment["appointee"] == node("person/1")


def test_the_shipped_context_is_up_to_date(profile: Profile) -> None:
    written = (profile.directory / "exports" / "context.jsonld").read_text(encoding="utf-8")
    assert written == context_text(profile), "`make context` writes it anew"


@pytest.fixture
def own_profile(profile: Profile, tmp_path: Path) -> Profile:
    """The shipped profile with an exports folder that may be changed."""
    shutil.copytree(profile.directory / "exports", tmp_path / "exports")
    return dataclasses.replace(profile, directory=tmp_path)


def test_without_a_context_the_prefixes_serve(engine: Engine, own_profile: Profile) -> None:
    (own_profile.directory / "exports" / "context.jsonld").unlink()
    data = jsonld(engine, own_profile)
    assert read_jsonld(data) == as_triples(STATED_FACTS)
    assert "qa:Duty" in data.decode()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"@context": "far away"}', '{"@context": {"a": 5}}'])
def test_a_bad_context_says_which_file(engine: Engine, own_profile: Profile, text: str) -> None:
    (own_profile.directory / "exports" / "context.jsonld").write_text(text)
    with pytest.raises(ProfileError) as caught:
        jsonld(engine, own_profile)
    assert "context.jsonld" in caught.value.where
    assert caught.value.hint


# ---------------------------------------------------------------- provenance


def test_nodes_say_which_cells_they_come_from(
    engine: Engine, profile: Profile, sources: dict[Fact, tuple[Source, ...]]
) -> None:
    graph = rdflib.Graph().parse(data=turtle(engine, profile, sources=sources), format="turtle")
    derived, part_of = rdflib.URIRef(PROV + "wasDerivedFrom"), rdflib.URIRef(DCTERMS + "isPartOf")
    for fact, places in sources.items():
        cells = list(graph.objects(rdflib.URIRef(fact.subject), derived))
        labels = {str(label) for cell in cells for label in graph.objects(cell, rdflib.RDFS.label)}
        titles = {
            str(title)
            for cell in cells
            for document in (graph.value(cell, part_of, default=cell),)
            for title in graph.objects(document, rdflib.DCTERMS.title)
        }
        assert {place.place() for place in places if place.part} <= labels
        assert {place.document for place in places} <= titles


def test_provenance_adds_nothing_to_what_is_stated(
    engine: Engine, profile: Profile, sources: dict[Fact, tuple[Source, ...]]
) -> None:
    plain, sourced = (
        read_turtle(turtle(engine, profile)),
        read_turtle(turtle(engine, profile, sources=sources)),
    )
    added = sourced - plain
    assert plain < sourced
    cells = {f"<{profile.base}source/" in subject for subject, predicate, _ in added
             if predicate != f"<{PROV}wasDerivedFrom>"}  # fmt: skip
    assert cells == {True}
    assert {o for _, p, o in added if p == f"<{RDF_TYPE}>"} == {f"<{PROV}Entity>"}
