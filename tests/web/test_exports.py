"""The registry as files over HTTP, and the description of the data that lists them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, RDF, VOID

from qualitrace import exporting
from qualitrace.access import Role
from qualitrace.registry import Change, Registry
from qualitrace.registry.private import private_facts, without_private
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, literal
from qualitrace.web.exports import FORMS, export_routes
from qualitrace.web.settings import Publishing, Settings
from qualitrace.web.void import void_routes
from tests.graphql.kitchens import BASE, TERMS, name
from tests.web.linked_world import World, kitchen_registry, somebody

NAMES = ("厨师甲", "厨师乙", "cook/1", "cook/2")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    yield made
    made.close()


@pytest.fixture
def world(registry: Registry) -> World:
    return World(lambda parts: [*export_routes(parts), *void_routes(parts)], registry)


MADE = re.compile(r"<dcterms:(created|modified).*?</")  # when a workbook was made


def plain(content: bytes) -> str:
    """What can be read in a file, also in one that is an archive."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(one).decode("utf-8", "replace") for one in archive.namelist())


def test_data_is_what_the_command_line_exports(world: World, registry: Registry) -> None:
    turtle, jsonld = io.BytesIO(), io.BytesIO()
    engine = without_private(registry).engine
    exporting.turtle(engine, registry.profile, turtle, sources=registry.sources(engine.facts(STATED)))
    exporting.jsonld(engine, registry.profile, jsonld)
    assert world.get("/exports/turtle").content == turtle.getvalue()
    assert world.get("/exports/jsonld").content == jsonld.getvalue()
    graph = nx.read_graphml(io.BytesIO(world.get("/exports/graphml").content))
    assert name("point/P1") in graph


def test_findings_are_what_the_command_line_exports(world: World, registry: Registry, tmp_path: Path) -> None:
    page = world.get("/exports/findings.html?language=en").text
    assert page == exporting.findings_html(registry.validate(), registry.profile, "en")
    exporting.findings_xlsx(registry.validate(), tmp_path / "own.xlsx", "zh")
    sheets = plain(world.get("/exports/findings.xlsx").content)
    own = plain((tmp_path / "own.xlsx").read_bytes())
    assert MADE.sub("", sheets) == MADE.sub("", own)


@pytest.mark.parametrize("form", FORMS)
def test_files_have_a_name_and_a_type(world: World, form: str) -> None:
    answer = world.get(f"/exports/{form}")
    assert answer.headers["content-type"] == FORMS[form].media
    assert FORMS[form].file in answer.headers["content-disposition"]
    assert "no-store" in answer.headers["cache-control"]
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("form", FORMS)
def test_names_are_only_for_those_who_may_see_them(world: World, form: str) -> None:
    everything = plain(world.get(f"/exports/{form}").content)
    for caller in (somebody(Role.READER), somebody(Role.SYSTEM), somebody(Role.OFFICE, purpose="")):
        world.caller = caller
        shown = plain(world.get(f"/exports/{form}").content)
        assert not any(one in shown for one in NAMES)
    assert world.access.reads == []
    world.caller = somebody(Role.OFFICE)
    assert plain(world.get(f"/exports/{form}").content).count("cook/1") == everything.count("cook/1")
    if "厨师甲" in everything:
        (read,) = world.access.reads
        assert {name("cook/1"), name("cook/2")} >= set(read.nodes) > set()
        assert form in read.route


@pytest.mark.parametrize("form", FORMS)
def test_what_is_private_is_shown_to_nobody(world: World, form: str) -> None:
    for caller in (world.caller, somebody(Role.OFFICE)):
        world.caller = caller
        assert "cardNumber" not in plain(world.get(f"/exports/{form}").content)
    assert "cardNumber" not in world.get("/.well-known/void", "text/turtle").text


def test_what_was_known_earlier(world: World) -> None:
    assert (
        rdflib.Graph().parse(data=world.get("/exports/turtle?knownAt=0").content, format="turtle") is not None
    )
    assert name("point/P1") not in world.get("/exports/turtle?knownAt=0").text
    assert name("point/P1") in world.get("/exports/turtle?knownAt=1").text
    world.caller = somebody(Role.READER)
    assert world.get("/exports/turtle?knownAt=1").status_code == 403


def test_what_counts_on_a_date(world: World, registry: Registry) -> None:
    day = dt.date(2000, 1, 1)
    then = without_private(registry.on(day))
    turtle, graph = io.BytesIO(), io.BytesIO()
    exporting.turtle(
        then.engine, registry.profile, turtle, sources=registry.sources(then.engine.facts(STATED))
    )
    exporting.graphml(then.engine, registry.profile, graph)
    for form, expected in (("turtle", turtle), ("graphml", graph)):
        found = world.get(f"/exports/{form}?asOf={day}").content
        assert found == expected.getvalue()
        assert len(found) < len(world.get(f"/exports/{form}").content)
    assert world.get("/exports/graphml?asOf=then").status_code == 400


def test_an_unknown_format(world: World) -> None:
    for form in ("word", "..%2fetc", "turtle%00"):
        answer = world.get(f"/exports/{form}")
        assert answer.status_code == 404
    assert "graphml" in world.get("/exports/word").text


def test_a_large_registry_is_not_exported_here(registry: Registry) -> None:
    small = replace(Settings(), linked_data=Publishing(export_facts=10))
    world = World(export_routes, registry, small)
    answer = world.get("/exports/turtle")
    assert answer.status_code == 400
    assert "qualitrace export" in answer.text


@pytest.mark.parametrize("form", FORMS)
def test_whoever_changes_the_registry_does_not_wait_for_the_file(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = kitchen_registry(tmp_path)
    world = World(export_routes, registry)
    before = world.get(f"/exports/{form}").content
    export, wrote = FORMS[form], list[int]()
    fact = next(iter(registry.engine.facts(STATED, predicate=RDFS_LABEL)))
    (entry, *_) = (one for one in registry.journal.about({fact.subject}) if one.fact == fact)
    other = replace(entry, fact=fact._replace(object=literal("换了 / other")))

    def write(taken: object, path: Path, language: str) -> None:
        registry.commit(Change((), (other,), (entry,)), author="示例", message="meanwhile")
        wrote.append(registry.position)
        export.write(taken, path, language)

    monkeypatch.setitem(FORMS, form, replace(export, write=write))
    found = world.get(f"/exports/{form}").content
    assert wrote == [registry.position]
    assert MADE.sub("", plain(found)) == MADE.sub("", plain(before))
    registry.close()


def test_one_at_a_time(world: World) -> None:
    (route,) = (one for one in world.parts_routes() if one.path.startswith("/exports"))
    lock = route.endpoint.__self__._one  # type: ignore[attr-defined]
    with lock:
        answer = world.get("/exports/turtle")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert world.get("/exports/turtle").status_code == 200


# /.well-known/void


def described(
    world: World, media: str = "text/turtle", form: str = "turtle"
) -> tuple[rdflib.Graph, rdflib.URIRef]:
    answer = world.get("/.well-known/void", media)
    assert answer.status_code == 200
    graph = rdflib.Graph().parse(data=answer.content, format=form)
    (dataset,) = graph.objects(None, FOAF.primaryTopic)
    assert isinstance(dataset, rdflib.URIRef)
    return graph, dataset


def test_the_data_is_described(world: World, registry: Registry) -> None:
    graph, dataset = described(world)
    assert (dataset, RDF.type, VOID.Dataset) in graph
    facts = set(registry.engine.facts(STATED)) | set(registry.engine.facts(INFERRED))
    facts -= private_facts(registry)
    assert int(str(graph.value(dataset, VOID.triples))) == len(facts)
    assert str(graph.value(dataset, VOID.uriSpace)) == BASE
    classes = Counter(fact.object[1:-1] for fact in facts if fact.predicate == RDF_TYPE)
    told = {
        str(graph.value(part, VOID["class"])): int(str(graph.value(part, VOID.entities)))
        for part in graph.objects(dataset, VOID.classPartition)
    }
    assert told == dict(classes)
    properties = Counter(fact.predicate for fact in facts)
    told = {
        str(graph.value(part, VOID.property)): int(str(graph.value(part, VOID.triples)))
        for part in graph.objects(dataset, VOID.propertyPartition)
    }
    assert told == dict(properties)
    assert rdflib.URIRef(TERMS) in set(graph.objects(dataset, VOID.vocabulary))
    examples = {str(one) for one in graph.objects(dataset, VOID.exampleResource)}
    assert examples
    assert examples <= {fact.subject for fact in facts}
    titles = {
        (one.language, str(one))
        for one in graph.objects(dataset, DCTERMS.title)
        if isinstance(one, rdflib.Literal)
    }
    assert titles == set(registry.profile.titles.items())


def test_dumps_are_where_it_says(world: World) -> None:
    graph, dataset = described(world)
    dumps = [str(one) for one in graph.objects(dataset, VOID.dataDump)]
    assert dumps
    for address in dumps:
        assert world.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_all_forms_describe_the_same(world: World) -> None:
    sizes = {
        len(described(world, media, form)[0])
        for media, form in (
            ("text/turtle", "turtle"),
            ("application/ld+json", "json-ld"),
            ("application/n-triples", "nt"),
            ("application/rdf+xml", "xml"),
        )
    }
    assert len(sizes) == 1
    page = world.get("/.well-known/void", "text/html")
    assert BASE in page.text
    assert world.get("/.well-known/void", "image/png").status_code == 406


def test_only_what_the_caller_sees_is_counted(world: World) -> None:
    assert TERMS + "Cook" in world.get("/.well-known/void", "text/turtle").text.replace("kt:", TERMS)
    world.caller = somebody(Role.READER)
    graph, dataset = described(world)
    kinds = {str(graph.value(part, VOID["class"])) for part in graph.objects(dataset, VOID.classPartition)}
    assert TERMS + "Cook" not in kinds
    assert TERMS + "Area" in kinds


def test_the_endpoint_is_named_to_those_who_may_use_it(world: World) -> None:
    for role in Role:
        world.caller = somebody(role)
        graph, dataset = described(world)
        assert (graph.value(dataset, VOID.sparqlEndpoint) is not None) == (role is Role.OFFICE)
