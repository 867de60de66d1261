"""Every identifier answers: in every form, with dates, sources and links, as far as the caller sees it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import httpx
import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, PROV, RDF, RDFS

from qualitrace.access import Role
from qualitrace.journal.model import Source, SourcedFact
from qualitrace.registry import Change, Registry
from qualitrace.registry.private import private_facts
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri_of, is_iri
from qualitrace.web.linked_data import linked_data_routes
from qualitrace.web.linked_data_addresses import encoded
from qualitrace.web.settings import Publishing, Settings
from tests.graphql.kitchens import BASE, TERMS, name
from tests.web.linked_world import STRANGE, World, kitchen_registry, somebody

TURTLE, JSONLD, NTRIPLES, RDFXML = (
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
)
PARSERS = {TURTLE: "turtle", JSONLD: "json-ld", NTRIPLES: "nt", RDFXML: "xml"}
SUFFIXES = {TURTLE: "ttl", JSONLD: "jsonld", NTRIPLES: "nt", RDFXML: "rdf", "text/html": "html"}
POINT = "point/P1"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    yield made
    made.close()


@pytest.fixture
def world(registry: Registry) -> World:
    return World(linked_data_routes, registry)


def at(local: str) -> str:
    return "/id/" + encoded(local)


def graph_of(answer: httpx.Response) -> rdflib.Graph:
    assert answer.status_code == 200, answer.text
    media = answer.headers["content-type"].partition(";")[0]
    return rdflib.Graph().parse(data=answer.content, format=PARSERS[media])


def links_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """(rel, address) of the Link header."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"])
    return [(rel, address) for address, rels in found for rel in rels.split()]


def nodes(registry: Registry) -> list[str]:
    return sorted({fact.subject for fact in registry.engine.facts(STATED, predicate=RDF_TYPE)})


def facts_about(registry: Registry, node: str) -> set[Fact]:
    engine = registry.engine
    facts = {fact for graph in (STATED, INFERRED) for fact in engine.facts(graph, subject=node)}
    return facts - private_facts(registry)


# What is said


def test_every_identifier_answers_in_every_form(world: World, registry: Registry) -> None:
    for node in nodes(registry):
        wanted = facts_about(registry, node)
        for media in PARSERS:
            answer = world.get(at(node.removeprefix(BASE)), media)
            said = graph_of(answer)
            assert {str(p) for p in said.predicates(rdflib.URIRef(node))} >= {one.predicate for one in wanted}
            assert (None, FOAF.primaryTopic, rdflib.URIRef(node)) in said
        page = world.get(at(node.removeprefix(BASE)), "text/html")
        assert page.status_code == 200
        assert node in page.text.replace("&amp;", "&").replace("&#39;", "'")


def test_all_forms_say_the_same(world: World) -> None:
    graphs = [graph_of(world.get(at(POINT), media)) for media in PARSERS]
    stripped = [{triple for triple in graph if "#" not in str(triple[0])} for graph in graphs]
    of_node = [{triple for triple in one if str(triple[0]) == name(POINT)} for one in stripped]
    assert all(one == of_node[0] for one in of_node)
    assert of_node[0]


def test_incoming_links_are_there_with_their_names(world: World, registry: Registry) -> None:
    graph = graph_of(world.get(at(POINT), TURTLE))
    node = rdflib.URIRef(name(POINT))
    into = list(registry.engine.facts(STATED, object=f"<{node}>"))
    assert into
    for fact in into:
        assert (rdflib.URIRef(fact.subject), rdflib.URIRef(fact.predicate), node) in graph
        for label in registry.engine.facts(STATED, subject=fact.subject, predicate=RDFS_LABEL):
            assert graph.value(rdflib.URIRef(label.subject), RDFS.label) is not None
    assert graph.value(rdflib.URIRef(name("station/salad")), RDFS.label) is not None


def test_each_fact_says_which_cell_it_was_read_from(world: World, registry: Registry) -> None:
    graph = graph_of(world.get(at(POINT), TURTLE))
    stated = list(registry.engine.facts(STATED, subject=name(POINT)))
    places = registry.sources(stated)
    told = {}
    for statement in graph.subjects(RDF.type, RDF.Statement):
        cells = set(graph.objects(statement, PROV.wasDerivedFrom))
        told[
            tuple(str(graph.value(statement, part)) for part in (RDF.subject, RDF.predicate, RDF.object))
        ] = cells
    for fact in stated:
        if is_iri(fact.object):
            (cell,) = told[fact.subject, fact.predicate, iri_of(fact.object)]
            assert str(graph.value(cell, RDFS.label)) == places[fact][0].place()
            document = graph.value(cell, DCTERMS.isPartOf)
            assert str(graph.value(document, DCTERMS.title)) == "厨房.xlsx"


def test_what_follows_is_not_said_to_be_read_anywhere(world: World, registry: Registry) -> None:
    page = world.get(at("reading/P1/2"), "text/html").text
    inferred = set(registry.engine.facts(INFERRED, subject=name("reading/P1/2")))
    assert inferred - set(registry.engine.facts(STATED, subject=name("reading/P1/2")))
    assert "inferred" in page


def test_many_links_are_cut_and_counted(registry: Registry) -> None:
    into = len({fact.subject for fact in registry.engine.facts(object=f"<{TERMS}Area>")})
    for most in (into - 2, into + 100):
        few = replace(Settings(), linked_data=Publishing(most_links=most))
        world = World(linked_data_routes, registry, few)
        page = world.ask("GET", "/describe", params={"iri": TERMS + "Area"}, headers={"accept": "text/html"})
        assert ("more links to it are not listed" in page.text) == (most < into)


# Which form, and how it may be kept


def test_the_form_is_negotiated(world: World) -> None:
    assert world.get(at(POINT)).headers["content-type"] == "text/turtle; charset=utf-8"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert world.get(at(POINT), browser).headers["content-type"] == "text/html; charset=utf-8"
    assert world.get(at(POINT), f"{TURTLE};q=0.1, {JSONLD}").headers["content-type"] == JSONLD


def test_no_form_that_is_taken(world: World) -> None:
    answer = world.get(at(POINT), "image/png")
    assert answer.status_code == 406
    assert all(media in answer.text for media in PARSERS)
    assert answer.text == world.get(at("no/such"), "image/png").text


@pytest.mark.parametrize(("media", "suffix"), SUFFIXES.items())
def test_each_form_has_an_address(world: World, media: str, suffix: str) -> None:
    answer = world.get(f"{at(POINT)}.{suffix}", "image/png")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert "content-location" not in answer.headers
    negotiated = world.get(at(POINT), media)
    assert negotiated.headers["content-location"].endswith(f"{at(POINT)}.{suffix}")
    assert negotiated.content == answer.content


def test_headers_name_the_other_forms(world: World) -> None:
    answer = world.get(at(POINT), TURTLE)
    here = f"http://127.0.0.1:8000{at(POINT)}"
    links = links_of(answer)
    assert ("canonical", here) in links
    assert ("describedby", here + ".ttl") in links
    others = {address for rel, address in links if rel == "alternate"}
    assert others == {f"{here}.{suffix}" for media, suffix in SUFFIXES.items() if media != TURTLE}
    assert all(
        world.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200 for address in others
    )
    assert {"Accept", "Authorization"} <= {one.strip() for one in answer.headers["vary"].split(",")}


def test_an_answer_that_still_holds_is_not_sent_again(world: World, registry: Registry) -> None:
    first = world.get(at("role/night"), TURTLE)
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = world.ask("GET", at("role/night"), headers={"accept": TURTLE, "if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert world.get(at("role/night"), JSONLD).headers["etag"] != tag
    leads = Fact(name("station/fish"), TERMS + "leadRole", f"<{name('role/night')}>")
    change = SourcedFact(leads, Source("新.xlsx"))
    registry.commit(Change((), (change,), ()), author="示例录入员", message="新")
    changed = world.ask("GET", at("role/night"), headers={"accept": TURTLE, "if-none-match": tag})
    assert changed.status_code == 200
    assert "station/fish" in changed.text


def test_head_answers_as_get_does(world: World) -> None:
    head, get = (world.ask(method, at(POINT), headers={"accept": TURTLE}) for method in ("HEAD", "GET"))
    assert head.status_code == 200
    assert head.headers == get.headers


# The thing, and the document about it


def test_a_thing_s_own_address_names_the_document(registry: Registry) -> None:
    """httpRange-14: the base is where the server answers."""
    own = replace(Settings(), linked_data=Publishing(public=BASE))
    world = World(linked_data_routes, registry, own)
    answer = world.ask("GET", at("area/cold") + "?asOf=2024-06-15", headers={"accept": TURTLE})
    assert answer.status_code == 303
    assert answer.headers["location"] == name("area/cold") + ".ttl?asOf=2024-06-15"
    assert "Accept" in answer.headers["vary"]
    document = world.get(at("area/cold") + ".ttl")
    graph = graph_of(document)
    assert (rdflib.URIRef(name("area/cold") + ".ttl"), RDF.type, FOAF.Document) in graph
    assert world.get(at("no/such"), TURTLE).status_code == 404


def test_elsewhere_an_address_is_that_of_the_document(world: World) -> None:
    graph = graph_of(world.get(at("area/cold"), TURTLE))
    document = rdflib.URIRef(f"http://127.0.0.1:8000{at('area/cold')}.ttl")
    assert (document, FOAF.primaryTopic, rdflib.URIRef(name("area/cold"))) in graph


# Identifiers that are hard to spell


@pytest.mark.parametrize("local", STRANGE)
def test_strange_identifiers(world: World, local: str) -> None:
    answer = world.get(at(local), TURTLE)
    assert rdflib.URIRef(BASE + local) in set(graph_of(answer).subjects())
    document = answer.headers["content-location"].removeprefix("http://127.0.0.1:8000")
    assert document.isascii()
    assert world.get(document).content == answer.content
    page = world.get(at(local), "text/html").text
    for href in re.findall(r'href="(/id/[^"]*|http://127.0.0.1:8000/[^"]*)"', page):
        address = href.replace("&amp;", "&").removeprefix("http://127.0.0.1:8000")
        assert world.get(address).status_code == 200, address


def test_an_address_as_people_write_it(world: World) -> None:
    assert world.ask("GET", "/id/area/热菜间%20(甲)").status_code == 200
    assert world.ask("GET", "/id/area/%E7%83%AD%E8%8F%9C%E9%97%B4%20%28%E7%94%B2%29").status_code == 200
    assert world.ask("GET", "/id/area/cafe%CC%81").status_code == 200
    assert world.ask("GET", "/id/area/a/b").status_code == 404


def test_what_is_not_below_the_base(world: World) -> None:
    for suffix in ("", ".ttl"):
        graph = graph_of(world.get(f"/describe{suffix}?iri={quote(TERMS + 'Area', safe='')}", TURTLE))
        assert graph.value(rdflib.URIRef(TERMS + "Area"), RDFS.label) is not None
    for bad in ("", "nonsense", "http://example.org/none", "<x>", "javascript:alert(1)"):
        assert world.get("/describe?" + urlencode({"iri": bad})).status_code == 404
    assert world.get(f"/describe.exe?iri={quote(TERMS + 'Area', safe='')}").status_code == 404


# Times


def test_only_what_exists_on_a_date(world: World) -> None:
    def linked(date: str) -> set[str]:
        graph = graph_of(world.get(f"{at('role/lead')}?asOf={date}", TURTLE))
        return {
            str(one)
            for one in graph.objects(rdflib.URIRef(name("role/lead")), rdflib.URIRef(TERMS + "filledBy"))
        }

    assert linked("2024-03-01") == {name("shift/1")}
    assert linked("2024-06-15") == {name("shift/2")}
    assert linked("2020-01-01") == set()
    page = world.get(f"{at('shift/1')}?asOf=2025-01-01", "text/html").text
    assert "does not exist on this date" in page
    assert world.get(f"{at('shift/1')}?asOf=soon", TURTLE).status_code == 400


def test_what_was_known_earlier_is_a_memento(world: World, registry: Registry) -> None:
    """RFC 7089: Memento-Datetime, and a link to the original."""
    last = registry.position
    signed = {one.position: one for one in registry.changesets()}
    answer = world.get(f"{at('area/cold')}?knownAt=1", TURTLE)
    moment = parsedate_to_datetime(answer.headers["memento-datetime"])
    assert moment == dt.datetime.fromisoformat(signed[1].at).replace(microsecond=0)
    assert ("original", f"http://127.0.0.1:8000{at('area/cold')}") in links_of(answer)
    assert world.get(f"{at('area/cold')}?knownAt=0", TURTLE).status_code == 404
    assert world.get(f"{at('area/cold')}?knownAt={last + 1}", TURTLE).status_code == 400
    assert "memento-datetime" not in world.get(at("area/cold"), TURTLE).headers


def test_the_original_leads_to_a_moment(world: World) -> None:
    """RFC 7089, 4.1: the original is its own timegate."""
    wish = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), usegmt=True)
    answer = world.ask("GET", at("area/cold"), headers={"accept": TURTLE, "accept-datetime": wish})
    assert answer.status_code == 302
    assert "accept-datetime" in answer.headers["vary"].lower()
    moment = answer.headers["location"].removeprefix("http://127.0.0.1:8000")
    memento = world.get(moment, TURTLE)
    assert memento.status_code == 200
    assert "memento-datetime" in memento.headers
    bad = world.ask("GET", at("area/cold"), headers={"accept-datetime": "yesterday"})
    assert bad.status_code == 400


def test_when_it_last_changed(world: World, registry: Registry) -> None:
    signed = {one.position: one for one in registry.changesets()}
    modified = world.get(at("area/cold"), TURTLE).headers["last-modified"]
    assert parsedate_to_datetime(modified) == dt.datetime.fromisoformat(signed[1].at).replace(microsecond=0)


def test_history_is_for_those_who_may_see_it(world: World) -> None:
    world.caller = somebody(Role.READER)
    answer = world.get(at("area/cold"), TURTLE)
    assert "last-modified" not in answer.headers
    assert DCTERMS.modified not in set(graph_of(answer).predicates())
    assert world.get(f"{at('area/cold')}?knownAt=1", TURTLE).status_code == 403
    wish = {"accept": TURTLE, "accept-datetime": format_datetime(dt.datetime.now(dt.UTC), usegmt=True)}
    assert world.ask("GET", at("area/cold"), headers=wish).status_code == 200


# Who sees what


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html", ".jsonld", ".nt", ".rdf", ".svg"])
@pytest.mark.parametrize("accept", ["*/*", TURTLE, "text/html"])
def test_what_is_hidden_is_as_unknown_as_what_is_not_there(world: World, suffix: str, accept: str) -> None:
    world.caller = somebody(Role.READER)
    hidden, unknown = (world.get(f"{at(local)}{suffix}", accept) for local in ("cook/1", "cook/none"))
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
    assert hidden.headers == unknown.headers


def test_links_to_what_is_hidden_are_not_there(world: World) -> None:
    world.caller = somebody(Role.READER)
    for suffix in ("ttl", "html", "jsonld", "nt", "rdf", "svg"):
        text = world.get(f"{at('shift/1')}.{suffix}").text
        assert "cook/1" not in text
        assert "厨师甲" not in text


def test_what_is_personal_is_shown_for_a_purpose_and_noted(world: World) -> None:
    world.caller = somebody(Role.OFFICE)
    answer = world.get(at("cook/1"), TURTLE)
    assert "厨师甲" in answer.text
    (read,) = world.access.reads
    assert read.nodes == (name("cook/1"),)
    assert read.route.endswith(at("cook/1")) or "cook/1" in read.route
    world.caller = somebody(Role.OFFICE, purpose="")
    withheld = world.get(at("cook/1"), TURTLE)
    assert withheld.status_code == 404
    page = world.get(at("shift/1"), "text/html")
    assert page.headers["qualitrace-withheld"] == "purpose"
    assert "no purpose was stated" in page.text
    assert len(world.access.reads) == 1


@pytest.mark.parametrize("suffix", ["ttl", "html", "jsonld", "nt", "rdf", "svg"])
def test_what_is_private_is_shown_to_nobody(world: World, suffix: str) -> None:
    for caller in (world.caller, somebody(Role.OFFICE), somebody(Role.AUDITOR)):
        world.caller = caller
        for query in ("", "?knownAt=1"):
            answer = world.get(f"{at('cook/1')}.{suffix}{query}")
            assert answer.status_code == 200
            assert "cardNumber" not in answer.text


# Pages


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.styled = False
        self.handlers: list[str] = []
        self.languages: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("script", "img", "link") and named.get("rel") != "alternate":
            self.addresses.append(named.get("src") or named.get("href") or "")
        self.styled |= tag == "style" or "style" in named
        self.handlers += [name for name in named if name.startswith("on")]
        self.languages.add(named.get("lang") or "")


def test_a_page_needs_nothing_from_elsewhere(world: World) -> None:
    page = Page(world.get(at(POINT), "text/html").text)
    assert page.addresses
    for address in page.addresses:
        assert address.startswith(("/static/", f"http://127.0.0.1:8000{at(POINT)}"))
    assert not page.styled
    assert page.handlers == []
    assert {"zh", "en"} <= page.languages


def test_a_page_shows_where_the_node_leads(world: World) -> None:
    page = world.get(at(POINT), "text/html").text
    assert f"{at(POINT)}.svg" in page
    assert "一切" in world.get(f"{at(POINT)}.svg?language=zh").text
    assert "everything" in world.get(f"{at(POINT)}.svg?language=en").text
    picture = world.get(f"{at(POINT)}.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "量温" in picture.text


def test_text_is_only_ever_text(world: World, registry: Registry) -> None:
    evil = "<script>alert(1)</script>"
    facts = (
        Fact(name("area/evil"), RDF_TYPE, f"<{TERMS}Area>"),
        Fact(name("area/evil"), RDFS_LABEL, f'"{evil}"@zh'),
    )
    added = tuple(SourcedFact(fact, Source(f"{evil}.xlsx")) for fact in facts)
    registry.commit(Change((), added, ()), author="示例录入员", message="新")
    page = world.get(at("area/evil"), "text/html").text
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_the_vocabulary_and_the_rules(world: World, registry: Registry) -> None:
    for part, graph in (("ontology", registry.profile.ontology), ("shapes", registry.profile.shapes)):
        for media, parser in PARSERS.items():
            answer = world.get(f"/{part}", media)
            assert len(rdflib.Graph().parse(data=answer.content, format=parser)) == len(graph)
        tag = world.get(f"/{part}", TURTLE).headers["etag"]
        again = world.ask("GET", f"/{part}", headers={"accept": TURTLE, "if-none-match": tag})
        assert again.status_code == 304
        assert world.get(f"/{part}", "image/png").status_code == 406
