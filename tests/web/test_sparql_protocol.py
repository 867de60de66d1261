"""The rules of the SPARQL 1.1 Protocol, case by case (https://www.w3.org/TR/sparql11-protocol/).

The names in brackets are those of the W3C's own cases (data-sparql11/protocol); those about updates are
refused here, as the endpoint is for reading.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlencode

import httpx
import pytest
import rdflib
from rdflib.namespace import RDF
from rdflib.query import Result

from qualitrace.access import Caller, Principal, Role
from qualitrace.registry import Registry
from qualitrace.store import INFERRED, PROFILE, STATED
from qualitrace.terms import RDF_TYPE, Fact
from qualitrace.web.settings import Querying, Settings
from qualitrace.web.sparql.protocol import sparql_routes
from tests.graphql.kitchens import BASE, FACTS, TERMS, name
from tests.web.linked_world import WHY, World, kitchen_registry, somebody

FORM = {"content-type": "application/x-www-form-urlencoded"}
QUERY = {"content-type": "application/sparql-query"}
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
ASK = "ASK {}"
SOME = (
    f"SELECT ?s ?l {{ ?s a <{TERMS}Hazard> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }} ORDER BY ?s"
)
BUILD = f"CONSTRUCT {{ ?s a ?c }} WHERE {{ ?s a <{TERMS}Hazard> ; a ?c }}"
HAZARDS = sorted(
    fact.subject for fact in FACTS if fact.predicate == RDF_TYPE and fact.object == f"<{TERMS}Hazard>"
)
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(registry: Registry) -> Iterator[World]:
    world = World(sparql_routes, registry, replace(Settings(), sparql=Querying(seconds=20, at_once=1)))
    yield world
    world.stop()


@pytest.fixture
def world(shared: World) -> World:
    shared.caller = somebody(Role.OFFICE)
    shared.access.reads.clear()
    return shared


def is_true(answer: httpx.Response) -> bool:
    assert answer.status_code == 200, answer.text
    found = Result.parse(io.BytesIO(answer.content), content_type=answer.headers["content-type"])
    assert found.askAnswer is not None
    return found.askAnswer


# 2.1.1 to 2.1.3: three ways to send a query


def test_by_get(world: World) -> None:
    """2.1.1 (query_get)."""
    assert is_true(world.ask("GET", "/sparql", params={"query": ASK}))


def test_by_post_with_parameters(world: World) -> None:
    """2.1.2 (query_post_form)."""
    assert is_true(world.ask("POST", "/sparql", content=f"query={quote(ASK)}", headers=FORM))


def test_by_post_with_parameters_and_a_data_set_in_the_address(world: World) -> None:
    """2.1.2 (query_post_form): what stands in the address counts as well."""
    address = "/sparql?" + urlencode({"default-graph-uri": STATED})
    query = f"ASK {{ <{HAZARDS[0]}> a ?c FILTER NOT EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    assert is_true(world.ask("POST", address, content=urlencode({"query": query}), headers=FORM))


def test_by_post_directly(world: World) -> None:
    """2.1.3 (query_post_direct)."""
    assert is_true(world.ask("POST", "/sparql", content=ASK, headers=QUERY))


def test_the_charset_of_a_post_may_be_stated(world: World) -> None:
    for media in (FORM, QUERY):
        content = f"query={quote(ASK)}" if media is FORM else ASK
        stated = {"content-type": media["content-type"] + "; charset=UTF-8"}
        assert is_true(world.ask("POST", "/sparql", content=content, headers=stated))


def test_chinese_goes_by_every_way(world: World) -> None:
    query = 'ASK { ?s ?p "冷藏温度过高"@zh }'
    ways = [
        world.ask("GET", "/sparql", params={"query": query}),
        world.ask("POST", "/sparql", content=urlencode({"query": query}), headers=FORM),
        world.ask("POST", "/sparql", content=query.encode(), headers=QUERY),
    ]
    assert [is_true(answer) for answer in ways] == [True] * 3


def test_a_plus_in_a_form_is_a_space(world: World) -> None:
    assert is_true(world.ask("POST", "/sparql", content="query=ASK+%7B%7D", headers=FORM))


# What is not a query request: 2.1, 2.1.6 (400 for what is malformed), RFC 9110 for the rest


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(world: World, method: str) -> None:
    """2.1 (bad_query_method)."""
    answer = world.ask(method, "/sparql", params={"query": ASK})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "sent",
    [
        ("GET", [("query", ASK), ("query", "SELECT * {}")], b"", {}),
        ("POST", [], urlencode([("query", ASK), ("query", ASK)]).encode(), FORM),
        ("POST", [("query", ASK)], urlencode({"query": ASK}).encode(), FORM),
        ("POST", [("query", ASK)], ASK.encode(), QUERY),
        ("POST", [], b"", FORM),
        ("POST", [], b"other=1", FORM),
    ],
)
def test_not_one_query(world: World, sent: tuple[str, list[tuple[str, str]], bytes, dict[str, str]]) -> None:
    """2.1: exactly one (bad_multiple_queries)."""
    method, params, content, headers = sent
    answer = world.ask(method, "/sparql?" + urlencode(params), content=content, headers=headers)
    assert answer.status_code == 400


def test_another_media_type(world: World) -> None:
    """2.1 (bad_query_wrong_media_type)."""
    assert (
        world.ask("POST", "/sparql", content=ASK, headers={"content-type": "text/plain"}).status_code == 415
    )


@pytest.mark.parametrize("content", [f"query={quote(ASK)}", ASK])
def test_no_media_type(world: World, content: str) -> None:
    """2.1.2, 2.1.3 (bad_query_missing_form_type, bad_query_missing_direct_type)."""
    assert world.ask("POST", "/sparql", content=content).status_code == 415


def test_another_encoding(world: World) -> None:
    """2.1.3 (bad_query_non_utf8)."""
    stated = {"content-type": "application/sparql-query; charset=UTF-16"}
    assert world.ask("POST", "/sparql", content=ASK.encode("utf-16"), headers=stated).status_code == 415
    assert world.ask("POST", "/sparql", content="ASK {é}".encode("latin-1"), headers=QUERY).status_code == 400
    assert world.ask("POST", "/sparql", content=b"query=%FF", headers=FORM).status_code == 400
    assert world.ask("GET", "/sparql?query=%FF").status_code == 400


@pytest.mark.parametrize("query", ["ASK {", "SELECT", "SELECT * { ?s ?p }", "nonsense", "ASK { ex:a ?p ?o }"])
def test_bad_syntax(world: World, query: str) -> None:
    """2.1.6: 400, and the body says why (bad_query_syntax)."""
    answer = world.ask("GET", "/sparql", params={"query": query})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "MALFORMED_QUERY"
    assert error["message"]


def test_too_long(world: World) -> None:
    answer = world.ask("POST", "/sparql", content="ASK {} #" + "x" * 200_000, headers=QUERY)
    assert answer.status_code == 413
    answer = world.ask("POST", "/sparql", content="ASK {} #" + "x" * 2_000_000, headers=QUERY)
    assert answer.status_code == 413


# 2.2: updates are refused, however they come (bad_update_*, update_*)

UPDATE = "INSERT DATA { <http://example.org/a> <http://example.org/b> 1 }"


@pytest.mark.parametrize(
    "sent",
    [
        ("GET", urlencode({"update": UPDATE}), b"", {}),
        ("POST", "", urlencode({"update": UPDATE}).encode(), FORM),
        ("POST", "", urlencode({"update": UPDATE, "query": ASK}).encode(), FORM),
        ("POST", urlencode({"update": UPDATE}), ASK.encode(), QUERY),
        ("POST", "", UPDATE.encode(), {"content-type": "application/sparql-update"}),
        ("POST", urlencode({"using-graph-uri": STATED}), ASK.encode(), QUERY),
        ("GET", urlencode({"query": UPDATE}), b"", {}),
        ("POST", "", UPDATE.encode(), QUERY),
        ("GET", urlencode({"query": "LOAD <http://127.0.0.1:9/>"}), b"", {}),
    ],
)
def test_updates_are_refused(world: World, sent: tuple[str, str, bytes, dict[str, str]]) -> None:
    method, params, content, headers = sent
    before = world.registry.engine.count(STATED)
    answer = world.ask(method, f"/sparql?{params}", content=content, headers=headers)
    assert answer.status_code in (400, 403)
    assert not is_true(world.ask("GET", "/sparql", params={"query": "ASK { <http://example.org/a> ?p ?o }"}))
    assert world.registry.engine.count(STATED) == before


# 2.1.4: the data set

FACT = Fact(HAZARDS[0], RDF_TYPE, f"<{TERMS}Hazard>")
IN_DEFAULT = f"ASK {{ <{FACT.subject}> a {FACT.object} }}"
IN_NAMED = f"ASK {{ GRAPH ?g {{ <{FACT.subject}> a {FACT.object} }} }}"
CLASS_HERE = f"ASK {{ <{TERMS}Hazard> a ?c }}"  # only the profile says so
BOTH = f"ASK {{ <{TERMS}Hazard> a ?c GRAPH ?g {{ <{FACT.subject}> a {FACT.object} }} }}"


def asked(world: World, query: str, way: str, **graphs: list[str]) -> httpx.Response:
    params = [(name.replace("_", "-"), graph) for name, listed in graphs.items() for graph in listed]
    if way == "GET":
        return world.ask("GET", "/sparql?" + urlencode([("query", query), *params]))
    if way == "form":
        return world.ask("POST", "/sparql", content=urlencode([("query", query), *params]), headers=FORM)
    return world.ask("POST", "/sparql?" + urlencode(params), content=query.encode(), headers=QUERY)


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
def test_the_default_graph_is_that_of_the_request(world: World, way: str) -> None:
    """(query_dataset_default_graphs_get, query_dataset_default_graphs_post)"""
    assert is_true(asked(world, IN_DEFAULT, way, default_graph_uri=[STATED]))
    assert not is_true(asked(world, CLASS_HERE, way, default_graph_uri=[STATED]))
    assert not is_true(asked(world, IN_NAMED, way, default_graph_uri=[STATED]))
    assert is_true(asked(world, IN_DEFAULT, way, default_graph_uri=[PROFILE, STATED]))
    assert is_true(asked(world, CLASS_HERE, way, default_graph_uri=[PROFILE, STATED]))


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
def test_the_named_graphs_are_those_of_the_request(world: World, way: str) -> None:
    """(query_dataset_named_graphs_get, query_dataset_named_graphs_post)"""
    assert is_true(asked(world, IN_NAMED, way, named_graph_uri=[STATED]))
    assert not is_true(asked(world, IN_NAMED, way, named_graph_uri=[PROFILE]))
    assert not is_true(asked(world, IN_DEFAULT, way, named_graph_uri=[STATED]))
    assert is_true(asked(world, IN_NAMED, way, named_graph_uri=[PROFILE, STATED]))


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
def test_default_and_named_graphs_together(world: World, way: str) -> None:
    """(query_dataset_full)"""
    assert is_true(asked(world, BOTH, way, default_graph_uri=[PROFILE], named_graph_uri=[STATED, INFERRED]))
    assert not is_true(asked(world, BOTH, way, default_graph_uri=[STATED], named_graph_uri=[PROFILE]))


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
def test_the_request_s_data_set_goes_before_the_query_s(world: World, way: str) -> None:
    """(query_multiple_dataset)"""
    own = f"ASK FROM <{PROFILE}> {{ <{FACT.subject}> a {FACT.object} }}"
    assert not is_true(asked(world, own, way))
    assert is_true(asked(world, own, way, default_graph_uri=[STATED]))
    named = f"ASK FROM NAMED <{PROFILE}> {{ GRAPH ?g {{ <{FACT.subject}> a {FACT.object} }} }}"
    assert not is_true(asked(world, named, way))
    assert is_true(asked(world, named, way, named_graph_uri=[STATED]))


def test_the_query_s_own_data_set(world: World) -> None:
    """SPARQL 1.1 Query, 13.2."""
    assert is_true(asked(world, f"ASK FROM <{STATED}> {{ <{FACT.subject}> a ?c }}", "GET"))
    assert not is_true(asked(world, f"ASK FROM <{STATED}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", "GET"))
    assert not is_true(asked(world, f"ASK FROM NAMED <{STATED}> {{ ?s ?p ?o }}", "GET"))


def test_without_a_data_set_all_graphs_are_asked(world: World) -> None:
    """2.1.4: an implementation-defined default; the service description says UnionDefaultGraph."""
    assert is_true(asked(world, IN_DEFAULT, "GET"))
    assert is_true(asked(world, CLASS_HERE, "GET"))
    assert is_true(asked(world, IN_NAMED, "GET"))


@pytest.mark.parametrize("graph", ["http://127.0.0.1:9/data.ttl", "file:///etc/passwd", "", "not an iri"])
def test_graphs_that_are_not_here_are_refused_and_never_fetched(world: World, graph: str) -> None:
    """2.1.4: a service may answer 400 for a data set it does not allow."""
    for parameter in ("default_graph_uri", "named_graph_uri"):
        answer = asked(world, ASK, "GET", **{parameter: [STATED, graph]})
        assert answer.status_code == 400
        assert STATED in answer.text
    if ":" in graph:
        for clause in (f"FROM <{graph}>", f"FROM NAMED <{graph}>"):
            assert asked(world, f"ASK {clause} {{ ?s ?p ?o }}", "GET").status_code == 400


def test_relative_iris_are_below_the_base(world: World) -> None:
    """SPARQL 1.1 Query, 4.1.1.2."""
    local = HAZARDS[0].removeprefix(BASE)
    assert is_true(asked(world, f"ASK {{ <{local}> a ?c }}", "GET"))
    assert not is_true(asked(world, f"BASE <http://example.org/> ASK {{ <{local}> a ?c }}", "GET"))


# 2.1.5: content negotiation


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json", JSON),
        (XML, XML),
        ("application/xml", XML),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (f"{JSON};q=0.5, {XML}", XML),
        (f"{JSON}, {XML}", JSON),
        ("text/html, application/xhtml+xml, */*;q=0.1", JSON),
        (f"*/*, {JSON};q=0", XML),
    ],
)
def test_forms_of_solutions(world: World, accept: str, media: str) -> None:
    """(query_content_type_select)"""
    answer = world.get("/sparql", accept or "*/*", query=SOME)
    assert answer.headers["content-type"] == media
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("media", ["text/csv", "text/tab-separated-values", JSON, XML])
def test_solutions_are_read_by_others(world: World, media: str) -> None:
    answer = world.get("/sparql", media, query=SOME)
    if media == "text/csv":
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["s"] for row in rows] == HAZARDS
        return
    found = Result.parse(io.BytesIO(answer.content), content_type=media)
    assert [str(row[rdflib.Variable("s")]) for row in found.bindings] == HAZARDS
    labels = {str(row[rdflib.Variable("l")]) for row in found.bindings}
    assert "交叉污染" in labels


def test_csv_has_crlf(world: World) -> None:
    """SPARQL 1.1 Query Results CSV and TSV Formats, 3.1 (RFC 4180)."""
    text = world.get("/sparql", "text/csv", query=SOME).content
    assert text.count(b"\r\n") == len(HAZARDS) + 1


def test_an_answer_to_ask(world: World) -> None:
    """(query_content_type_ask)"""
    for media in (JSON, XML):
        answer = world.get("/sparql", media, query=ASK)
        assert answer.headers["content-type"] == media
        assert is_true(answer)
    assert world.get("/sparql", "text/csv", query=ASK).text.strip() == "true"


@pytest.mark.parametrize(
    ("accept", "media", "parser"),
    [
        ("*/*", "text/turtle; charset=utf-8", "turtle"),
        ("text/turtle", "text/turtle; charset=utf-8", "turtle"),
        ("application/rdf+xml", "application/rdf+xml", "xml"),
        ("application/n-triples", "application/n-triples", "nt"),
        ("application/ld+json", "application/ld+json", "json-ld"),
    ],
)
def test_forms_of_graphs(world: World, accept: str, media: str, parser: str) -> None:
    """(query_content_type_construct, query_content_type_describe)"""
    answer = world.get("/sparql", accept, query=BUILD)
    assert answer.headers["content-type"] == media
    graph = rdflib.Graph().parse(data=answer.content, format=parser)
    assert sorted(map(str, graph.subjects(RDF.type, rdflib.URIRef(TERMS + "Hazard")))) == HAZARDS
    answer = world.get("/sparql", accept, query=f"DESCRIBE <{HAZARDS[0]}>")
    described = rdflib.Graph().parse(data=answer.content, format=parser)
    said = {fact for fact in FACTS if fact.subject == HAZARDS[0]}
    assert len(said) <= len(described)
    assert set(described.subjects()) == {rdflib.URIRef(HAZARDS[0])}


@pytest.mark.parametrize(
    ("query", "accept"),
    [(SOME, "text/turtle"), (BUILD, JSON), (ASK, "image/png"), (SOME, f"{JSON};q=0")],
)
def test_no_form_that_is_taken(world: World, query: str, accept: str) -> None:
    """RFC 9110, 15.5.7: the answer lists what there is."""
    answer = world.get("/sparql", accept, query=query)
    assert answer.status_code == 406
    assert ("text/turtle" if query is BUILD else JSON) in answer.text


# Service description, and who may ask


def test_the_endpoint_describes_itself(world: World) -> None:
    """SPARQL 1.1 Service Description, 2: at the endpoint's address, without a query."""
    answer = world.get("/sparql", "text/turtle")
    graph = rdflib.Graph().parse(data=answer.content, format="turtle")
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert str(graph.value(service, SD.endpoint)) == "http://127.0.0.1:8000/sparql"
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert SD.UnionDefaultGraph in set(graph.objects(service, SD.feature))
    dataset = graph.value(service, SD.defaultDataset)
    names = {str(graph.value(named, SD.name)) for named in graph.objects(dataset, SD.namedGraph)}
    assert names == {STATED, INFERRED, PROFILE}
    for form, parser in (("application/rdf+xml", "xml"), ("application/ld+json", "json-ld")):
        other = rdflib.Graph().parse(data=world.get("/sparql", form).content, format=parser)
        assert len(other) == len(graph)
    assert world.get("/sparql", "image/png").status_code == 406


def test_a_browser_gets_a_page_to_write_on(world: World) -> None:
    answer = world.get("/sparql", "text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"PREFIX kt: &lt;{TERMS}&gt;" in answer.text
    assert "http" not in answer.text.replace("PREFIX", "").split("<textarea")[0]


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, Role.STEWARD, Role.SYSTEM])
def test_others_may_not_ask(world: World, role: Role) -> None:
    world.caller = somebody(role)
    for path in ("/sparql", f"/sparql?query={quote(ASK)}", "/sparql?query=nonsense"):
        assert world.get(path).status_code == 403
    assert world.ask("PUT", "/sparql").status_code == 403


def test_a_purpose_is_needed(world: World) -> None:
    world.caller = somebody(Role.OFFICE, purpose="")
    answer = world.get("/sparql", query=ASK)
    assert answer.status_code == 403
    assert "Qualitrace-Purpose" in answer.text


def test_every_query_is_noted_with_its_text(world: World) -> None:
    world.get("/sparql", query=SOME)
    (read,) = world.access.reads
    assert read.purpose == WHY
    assert SOME in read.route
    world.get("/sparql", query=f"SELECT ?n {{ <{name('cook/1')}> <{RDF_TYPE}> ?c BIND(1 AS ?n) }}")
    assert name("cook/1") in world.access.reads[1].nodes


def test_what_is_refused_reads_nothing(world: World) -> None:
    world.get("/sparql", query="nonsense")
    world.get("/sparql", query="ASK { SERVICE <http://127.0.0.1:9/> {} }")
    world.get("/sparql", "image/png", query=SOME)
    assert world.access.reads == []


def test_what_is_private_is_not_there(world: World) -> None:
    assert not is_true(world.get("/sparql", query=f"ASK {{ ?s <{TERMS}cardNumber> ?number }}"))
    assert not is_true(world.get("/sparql", query="ASK { GRAPH ?g { ?s ?p '123' } }"))
    assert is_true(world.get("/sparql", query=f"ASK {{ GRAPH <{STATED}> {{ ?s a <{TERMS}Cook> }} }}"))


def test_the_demonstration_on_this_machine_needs_no_purpose(world: World) -> None:
    world.caller = Caller(Principal("local", frozenset()), trusted=True)
    assert is_true(world.get("/sparql", query=ASK))
    assert world.access.reads == []


def test_answers_are_not_kept_by_anybody(world: World) -> None:
    for path in ("/sparql", f"/sparql?query={quote(ASK)}", "/sparql?query=nonsense"):
        answer = world.get(path)
        assert "no-store" in answer.headers["cache-control"]
        assert "Authorization" in answer.headers["vary"]


def test_head_answers_as_get_does(world: World) -> None:
    answer = world.ask("HEAD", "/sparql", params={"query": ASK})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON


def test_changes_are_seen_by_the_next_query(world: World, registry: Registry) -> None:
    from qualitrace.journal.model import Source, SourcedFact
    from qualitrace.registry import Change

    new = Fact(name("area/new"), RDF_TYPE, f"<{TERMS}Area>")
    query = f"SELECT ?s {{ BIND(<{new.subject}> AS ?s) ?s a ?c }}"
    before = json.loads(world.get("/sparql", query=query).text)
    assert before["results"]["bindings"] == []
    label = Fact(new.subject, "http://www.w3.org/2000/01/rdf-schema#label", '"新间"@zh')
    added = tuple(SourcedFact(fact, Source("新.xlsx")) for fact in (new, label))
    registry.commit(Change((), added, ()), author="示例录入员", message="新")
    answer = world.get("/sparql", query=query)
    assert len(answer.json()["results"]["bindings"]) == 1
    assert answer.headers["qualitrace-position"] == str(registry.position)
