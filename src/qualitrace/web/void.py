"""The data described where agents look for it: ``/.well-known/void`` (floor 5).

VoID (https://www.w3.org/TR/void/), at the address that its section 7.2 and RFC 5785 name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access import Audience, Caller, Right
from qualitrace.errors import QualitraceError
from qualitrace.exporting.document import FOAF, VOID
from qualitrace.exporting.forms import in_form
from qualitrace.profile.model import Profile
from qualitrace.registry.private import without_private
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import DCTERMS, RDF_TYPE, XSD, Fact, iri, iri_of, is_iri, literal
from qualitrace.web.disclosing import seen
from qualitrace.web.exports import FORMS as EXPORTS
from qualitrace.web.freshness import Freshness
from qualitrace.web.linked_data import kept
from qualitrace.web.linked_data_accept import HTML, JSONLD, NTRIPLES, RDFXML, TURTLE
from qualitrace.web.linked_data_answers import WELL_KNOWN
from qualitrace.web.linked_data_page import page_template
from qualitrace.web.linked_data_requests import NotAcceptableError, chosen
from qualitrace.web.linked_data_vocabulary import license_of
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.refusing import refusal
from qualitrace.web.sparql.protocol import PATH as SPARQL

_FORMS = (TURTLE, HTML, JSONLD, NTRIPLES, RDFXML)
_EXAMPLES = 3
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is: counts of all, by class and by property, and some identifiers."""

    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]  # class IRI → nodes
    properties: Mapping[str, int]  # property IRI → triples
    examples: tuple[str, ...]


def void_routes(parts: Parts) -> list[BaseRoute]:
    """Return the route of the description."""
    here = Describing(parts)
    return [Route(WELL_KNOWN, here.respond, methods=["GET", "HEAD"], include_in_schema=False)]


class Describing:
    """Describes what a caller may see of one registry; counted once for each position."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._fresh = Freshness(parts.registry)
        self._figures: dict[tuple[Audience, int], Figures] = {}

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        return await run_in_threadpool(self._answered, request)

    def _answered(self, request: Request) -> Response:
        try:
            form = chosen(request, _FORMS)
            caller = caller_of(request)
            self._fresh.catch_up()
            figures = self._counted(caller)
        except NotAcceptableError as error:
            return refusal(error, status=406)
        except QualitraceError as error:
            return refusal(error)
        profile = self._parts.registry.profile
        if form is HTML:
            return kept(request, self._page(figures, caller).encode(), form, {})
        facts = set(self._facts(figures, str(request.base_url).rstrip("/"), caller))
        return kept(request, in_form(facts, profile, form.suffix), form, {})

    def _counted(self, caller: Caller) -> Figures:
        registry = self._parts.registry
        with registry.reading():
            key = (caller.audience, registry.position)
            if key not in self._figures:
                if len(self._figures) >= _KEPT:
                    self._figures.clear()
                self._figures[key] = _count(without_private(seen(self._parts, caller)).engine)
            return self._figures[key]

    def _facts(self, figures: Figures, root: str, caller: Caller) -> Iterator[Fact]:
        registry, profile = self._parts.registry, self._parts.registry.profile
        page, dataset = root + WELL_KNOWN, f"{root}{WELL_KNOWN}#dataset"
        yield Fact(page, RDF_TYPE, iri(VOID + "DatasetDescription"))
        yield Fact(page, FOAF + "primaryTopic", iri(dataset))
        yield Fact(dataset, RDF_TYPE, iri(VOID + "Dataset"))
        for language, title in sorted(profile.titles.items()):
            yield Fact(dataset, DCTERMS + "title", literal(title, language=language))
        if license_of(profile):
            yield Fact(dataset, DCTERMS + "license", iri(license_of(profile)))
        yield Fact(dataset, VOID + "uriSpace", literal(registry.base))
        if Right.SPARQL in caller.rights:
            yield Fact(dataset, VOID + "sparqlEndpoint", iri(root + SPARQL))
        for name, export in EXPORTS.items():
            if export.is_data:
                yield Fact(dataset, VOID + "dataDump", iri(f"{root}/exports/{name}"))
        for space in sorted(vocabularies(profile, figures)):
            yield Fact(dataset, VOID + "vocabulary", iri(space))
        for example in figures.examples:
            yield Fact(dataset, VOID + "exampleResource", iri(example))
        yield from _numbers(dataset, figures)
        yield from _partitions(dataset, figures)

    def _page(self, figures: Figures, caller: Caller) -> str:
        profile = self._parts.registry.profile
        classes = [
            (profile.classes[name].labels, name, count)
            for name, count in sorted(figures.classes.items(), key=lambda pair: (-pair[1], pair[0]))
            if name in profile.classes
        ]
        return page_template("void.html").render(
            title=profile.titles,
            base=self._parts.registry.base,
            figures=figures,
            classes=classes,
            license=license_of(profile),
            sparql=SPARQL if Right.SPARQL in caller.rights else "",
            exports=sorted(EXPORTS),
        )


def _count(engine: Any) -> Figures:
    classes: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    subjects: set[str] = set()
    objects: set[str] = set()
    example: dict[str, str] = {}
    facts = set(engine.facts(STATED)) | set(engine.facts(INFERRED))
    for fact in facts:
        properties[fact.predicate] += 1
        subjects.add(fact.subject)
        objects.add(fact.object)
        if fact.predicate == RDF_TYPE and is_iri(fact.object):
            kind = iri_of(fact.object)
            classes[kind] += 1
            example[kind] = min(fact.subject, example.get(kind, fact.subject))
    most = sorted(classes, key=lambda kind: (-classes[kind], kind))[:_EXAMPLES]
    examples = tuple(dict.fromkeys(example[kind] for kind in most))
    return Figures(len(facts), len(subjects), len(objects), classes, properties, examples)


def vocabularies(profile: Profile, figures: Figures) -> set[str]:
    """Return the namespaces of the classes and properties in use, as far as the profile names them."""
    used = {*figures.classes, *figures.properties}
    return {space for space in profile.prefixes.values() if any(name.startswith(space) for name in used)}


def _numbers(dataset: str, figures: Figures) -> Iterator[Fact]:
    counts = {
        "triples": figures.triples,
        "entities": figures.subjects,
        "distinctSubjects": figures.subjects,
        "distinctObjects": figures.objects,
        "classes": len(figures.classes),
        "properties": len(figures.properties),
    }
    for name, count in counts.items():
        yield Fact(dataset, VOID + name, _number(count))


def _partitions(dataset: str, figures: Figures) -> Iterator[Fact]:
    for number, (kind, count) in enumerate(sorted(figures.classes.items()), start=1):
        part = f"{dataset}-class{number}"
        yield Fact(dataset, VOID + "classPartition", iri(part))
        yield Fact(part, VOID + "class", iri(kind))
        yield Fact(part, VOID + "entities", _number(count))
    for number, (name, count) in enumerate(sorted(figures.properties.items()), start=1):
        part = f"{dataset}-property{number}"
        yield Fact(dataset, VOID + "propertyPartition", iri(part))
        yield Fact(part, VOID + "property", iri(name))
        yield Fact(part, VOID + "triples", _number(count))


def _number(count: int) -> str:
    return literal(str(count), datatype=XSD + "integer")
