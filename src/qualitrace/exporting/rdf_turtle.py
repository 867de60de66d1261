"""The registry as Turtle, with where it was read from (floor 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import IO
from urllib.parse import quote

import pyoxigraph as ox

from qualitrace.journal.model import Source
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, Engine
from qualitrace.terms import DCTERMS, PROV, RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of, literal

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
    """Write the stated facts as Turtle (https://www.w3.org/TR/turtle/), in a fixed order.

    With ``inferred`` the inferred facts too. With ``sources`` each node is ``prov:wasDerivedFrom``
    the cells its facts were read from; a cell is ``dcterms:isPartOf`` its document.
    Raises OSError when the stream cannot be written.
    """
    facts = facts_of(engine, inferred=inferred)
    if sources is not None:
        facts |= set(provenance(sources, profile.base))
    write_facts(facts, profile, stream, ox.RdfFormat.TURTLE)


def write_facts(facts: Collection[Fact], profile: Profile, stream: IO[bytes], form: ox.RdfFormat) -> None:
    """Write facts in a form of RDF, in a fixed order, with the profile's prefixes that they use."""
    ox.serialize(
        (
            ox.Triple(ox.NamedNode(f.subject), ox.NamedNode(f.predicate), _ox_term(f.object))
            for f in _sorted(facts)
        ),
        output=stream,
        format=form,
        prefixes=_prefixes(profile, facts),
    )


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


def facts_of(engine: Engine, *, inferred: bool) -> set[Fact]:
    """Return the stated facts, with the inferred ones if asked for."""
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
