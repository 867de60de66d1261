"""The registry as RDF: Turtle and JSON-LD (floor 4).

Both are written in a fixed order, so that the same registry gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any
from urllib.parse import quote

import orjson
import pyoxigraph as ox
import rdflib

from qualitrace.errors import ProfileError
from qualitrace.journal.model import Source
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import DCTERMS, PROV, RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of, literal
from qualitrace.text import Text

CONTEXT_FILE = "context.jsonld"
ENTITY = PROV + "Entity"

Sources = Mapping[Fact, Sequence[Source]]


def turtle(
    engine: Engine,
    profile: Profile,
    stream: IO[bytes],
    *,
    inferred: bool = False,
    sources: Sources | None = None,
) -> None:
    """Write the stated facts as Turtle (https://www.w3.org/TR/turtle/), sorted by subject.

    With ``inferred`` the inferred facts too. With ``sources`` each node is ``prov:wasDerivedFrom``
    the cells its facts were read from; a cell is ``dcterms:isPartOf`` its document.
    Raises OSError when the stream cannot be written.
    """
    facts = _facts(engine, inferred)
    if sources is not None:
        facts |= set(provenance(sources, profile.base))
    ox.serialize(
        (
            ox.Triple(ox.NamedNode(f.subject), ox.NamedNode(f.predicate), _ox_term(f.object))
            for f in _sorted(facts)
        ),
        output=stream,
        format=ox.RdfFormat.TURTLE,
        prefixes=_prefixes(profile, facts),
    )


def jsonld(engine: Engine, profile: Profile, stream: IO[bytes], *, inferred: bool = False) -> None:
    """Write the stated facts as compact JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/), sorted by node.

    The context is ``exports/context.jsonld`` of the profile and is embedded; without that file it
    holds the profile's prefixes. Raises ProfileError when the file is no JSON-LD context, OSError
    when the stream cannot be written.
    """
    context = _context(profile)
    graph = rdflib.Graph(bind_namespaces="none")
    for fact in _facts(engine, inferred):
        graph.add((rdflib.URIRef(fact.subject), rdflib.URIRef(fact.predicate), _rdflib_term(fact.object)))
    try:
        document = orjson.loads(graph.serialize(format="json-ld", context=context))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _bad_context(profile, str(error)) from error
    nodes = document.get("@graph", []) if isinstance(document, dict) and "@graph" in document else [document]
    name = _alias(context, "@id")
    nodes = [_ordered(node) for node in nodes if node.keys() - {"@context"}]
    body = {"@context": context, "@graph": sorted(nodes, key=lambda node: str(node.get(name, "")))}
    stream.write(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    stream.write(b"\n")


def provenance(sources: Sources, base: str) -> Iterator[Fact]:
    """Say in PROV-O which cells each node was read from. ``base`` is where the cells' IRIs begin."""
    for fact, places in sources.items():
        for place in places:
            document, cell = _document_iri(place, base), _cell_iri(place, base)
            yield Fact(fact.subject, PROV + "wasDerivedFrom", iri(cell))
            yield Fact(document, RDF_TYPE, iri(ENTITY))
            yield Fact(document, DCTERMS + "title", literal(place.document))
            if cell != document:
                yield Fact(cell, RDF_TYPE, iri(ENTITY))
                yield Fact(cell, RDFS_LABEL, literal(place.place()))
                yield Fact(cell, DCTERMS + "isPartOf", iri(document))


def _document_iri(place: Source, base: str) -> str:
    return f"{base}source/{quote(place.document, safe='')}"


def _cell_iri(place: Source, base: str) -> str:
    row = "" if place.row is None else str(place.row)
    bits = [quote(bit, safe="") for bit in (place.part, row, place.cell)]
    return "/".join([_document_iri(place, base), *bits]).rstrip("/")


def _facts(engine: Engine, inferred: bool) -> set[Fact]:
    facts = set(engine.facts(STATED))
    return facts | set(engine.facts(INFERRED)) if inferred else facts


def _sorted(facts: Iterable[Fact]) -> list[Fact]:
    """By subject; its types before everything else."""
    return sorted(facts, key=lambda f: (f.subject, f.predicate != RDF_TYPE, f.predicate, f.object))


def _prefixes(profile: Profile, facts: Iterable[Fact]) -> dict[str, str]:
    """The prefixes that the facts use, so that the head of the file is not a list of strangers."""
    used: set[str] = set()
    for fact in facts:
        used |= {fact.predicate, iri_of(fact.object) if is_iri(fact.object) else lit_of(fact.object).datatype}
    spaces = {name[: max(name.rfind("#"), name.rfind("/")) + 1] for name in used}
    return {prefix: space for prefix, space in sorted(profile.prefixes.items()) if space in spaces}


def _ox_term(term: str) -> ox.NamedNode | ox.Literal:
    if is_iri(term):
        return ox.NamedNode(iri_of(term))
    value, datatype, language = lit_of(term)
    if language:
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def _rdflib_term(term: str) -> rdflib.URIRef | rdflib.Literal:
    if is_iri(term):
        return rdflib.URIRef(iri_of(term))
    value, datatype, language = lit_of(term)
    if language:
        return rdflib.Literal(value, lang=language)
    kind = None if datatype == str(rdflib.XSD.string) else rdflib.URIRef(datatype)
    return rdflib.Literal(value, datatype=kind, normalize=False)  # "007" stays as it was written


def _context(profile: Profile) -> dict[str, Any]:
    path = profile.directory / "exports" / CONTEXT_FILE
    if not path.is_file():
        return {"@version": 1.1, **dict(sorted(profile.prefixes.items()))}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _bad_context(profile, str(error)) from error
    context = read.get("@context") if isinstance(read, dict) else None
    if not isinstance(context, dict):
        raise _bad_context(profile, "@context")
    return context


def _bad_context(profile: Profile, why: str) -> ProfileError:
    return ProfileError(
        Text(zh="配置里的 JSON-LD 上下文不能用。", en="The profile's JSON-LD context cannot be used."),
        where=f"{profile.directory / 'exports' / CONTEXT_FILE}: {why}",
        hint=Text(
            zh='文件应为 {"@context": {…}},其中每个词对应一个属性或类。',
            en='The file should read {"@context": {…}} and map each word to a property or class.',
        ),
    )


def _alias(context: Mapping[str, Any], keyword: str) -> str:
    return next((word for word, meaning in context.items() if meaning == keyword), keyword)


def _ordered(node: dict[str, Any]) -> dict[str, Any]:
    """Sort the values of every property that has several."""
    return {
        key: sorted(value, key=lambda one: json.dumps(one, sort_keys=True, ensure_ascii=False))
        if isinstance(value, list)
        else value
        for key, value in node.items()
        if key != "@context"
    }
