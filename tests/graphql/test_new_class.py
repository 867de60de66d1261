"""A class that a profile adds is in the API with no Python written: fields, questions, what has ended."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLSchema
from graphql import build_schema as read_schema

from qualitrace.graphql import build_schema, schema_text
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.terms import XSD, literal
from tests.graphql.asking import ask
from tests.graphql.kitchens import FACTS, INFERRED_FACTS, KITCHEN, SCHEME, TERMS, Kitchen, node
from tests.graphql.test_schema import object_type

HEAD = """
@prefix adms: <http://purl.org/adms/status/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix kc: <https://kitchen.example/scheme/> .
@prefix ks: <https://kitchen.example/shapes#> .
@prefix kt: <https://kitchen.example/terms#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix qt: <https://w3id.org/qualitrace/engine#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def declared(name: str, kind: str, range_: str, more: str = "") -> str:
    return f"""
kt:{name} a owl:{kind}Property ; rdfs:label "{name}"@zh , "{name}"@en ; skos:definition "…"@zh , "…"@en ;
    rdfs:range {range_} {more} .
"""


ONTOLOGY = (
    HEAD
    + """
kt:Fridge a owl:Class ; rdfs:label "冰箱"@zh , "Fridge"@en ; skos:definition "冷藏。"@zh , "Cools."@en ;
    qt:chain ( kt:standsAt ) .
kt:IceBox a owl:Class ; rdfs:label "冰柜"@zh , "Ice box"@en ; skos:definition "旧。"@zh , "Old."@en ;
    kt:standing kc:gone ; dcterms:isReplacedBy kt:Fridge .
kc:standings a skos:ConceptScheme ; skos:prefLabel "效力"@zh , "Standing"@en .
kc:gone a skos:Concept ; skos:inScheme kc:standings ; skos:prefLabel "废止"@zh , "Withdrawn"@en ;
    skos:definition "…"@zh , "…"@en ; skos:exactMatch adms:Withdrawn .
kc:fine a skos:Concept ; skos:inScheme kc:standings ; skos:prefLabel "有效"@zh , "In force"@en ;
    skos:definition "…"@zh , "…"@en .
kc:makes a skos:ConceptScheme ; skos:prefLabel "制式"@zh , "Makes"@en .
kc:make-new a skos:Concept ; skos:inScheme kc:makes ; skos:prefLabel "新"@zh , "new"@en ;
    skos:definition "…"@zh , "…"@en .
kc:make-old a skos:Concept ; skos:inScheme kc:makes ; skos:prefLabel "旧"@zh , "old"@en ;
    skos:definition "…"@zh , "…"@en ; owl:deprecated true ; dcterms:isReplacedBy kc:make-new .
"""
    + declared("standing", "Object", "skos:Concept", "; rdfs:subPropertyOf qt:lifecycle")
    + declared("standsAt", "Object", "kt:Station", "; rdfs:domain kt:Fridge")
    + declared("standsIn", "Object", "kt:Station", "; kt:standing kc:gone ; dcterms:isReplacedBy kt:standsAt")
    + declared("litres", "Datatype", "xsd:long")
    + declared("size", "Datatype", "xsd:long", "; owl:deprecated true")
    + declared("volume", "Datatype", "xsd:long")
    + declared("boughtOn", "Datatype", "xsd:date")
    + declared("make", "Object", "skos:Concept")
    + declared("secret", "Datatype", "xsd:string")
    + declared("kept", "Datatype", "xsd:string", "; kt:standing kc:fine")
)
SHAPES = (
    HEAD
    + """
ks:FridgeShape a sh:NodeShape ; sh:targetClass kt:Fridge ; sh:property ks:name , ks:fridge-volume ,
    [ sh:path kt:standsAt ; sh:class kt:Station ; sh:maxCount 1 ] ,
    [ sh:path kt:standsIn ; sh:class kt:Station ; sh:maxCount 1 ] ,
    [ sh:path kt:litres ; sh:datatype xsd:long ; sh:maxCount 1 ] ,
    [ sh:path kt:size ; sh:datatype xsd:long ; sh:maxCount 1 ] ,
    [ sh:path kt:boughtOn ; sh:datatype xsd:date ; sh:maxCount 1 ] ,
    [ sh:path kt:make ; sh:in ( kc:make-new kc:make-old ) ; sh:maxCount 1 ] ,
    [ sh:path kt:secret ; sh:datatype xsd:string ; qt:exposure "private" ] ,
    [ sh:path kt:kept ; sh:datatype xsd:string ] .
ks:fridge-volume a sh:PropertyShape ; sh:path kt:volume ; sh:datatype xsd:long ; sh:maxCount 1 ;
    owl:deprecated true ; dcterms:isReplacedBy kt:litres .
ks:FridgeRules a sh:NodeShape ; sh:targetClass kt:Fridge ; sh:property
    [ sh:path kt:litres ; sh:minCount 1 ; owl:deprecated true ; sh:severity sh:Warning ;
      sh:message "没有容积。"@zh , "No volume."@en ; qt:remedy "请填写。"@zh , "Give it."@en ] .
ks:IceBoxShape a sh:NodeShape ; sh:targetClass kt:IceBox ; sh:property ks:name .
"""
)


@pytest.fixture(scope="module")
def widened(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    folder = tmp_path_factory.mktemp("widened") / "kitchen"
    shutil.copytree(KITCHEN, folder)
    (folder / "ontology" / "fridge.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (folder / "shapes" / "fridge.ttl").write_text(SHAPES, encoding="utf-8")
    return load_profile(folder)


@pytest.fixture(scope="module")
def sdl(widened: Profile) -> GraphQLSchema:
    return read_schema(schema_text(widened))


def test_its_fields_have_the_types_its_shape_gives(sdl: GraphQLSchema) -> None:
    fields = object_type(sdl, "Fridge").fields
    assert {name: str(fields[name].type) for name in ("standsAt", "litres", "boughtOn", "make", "kept")} == {
        "standsAt": "Station",
        "litres": "Long",
        "boughtOn": "Date",
        "make": "Make",
        "kept": "[String]",
    }
    assert "secret" not in fields
    assert sdl.query_type is not None
    assert str(sdl.query_type.fields["fridges"].type) == "FridgeConnection"


ENDED = {
    "standsIn": "废止，请改用 standsAt / Withdrawn; use standsAt instead",  # by its lifecycle
    "size": "不再使用 / Deprecated",  # by owl:deprecated, with nothing in its place
    "volume": "不再使用，请改用 litres / Deprecated; use litres instead",  # the shape says so
}


def test_what_has_ended_is_deprecated_with_what_replaces_it(sdl: GraphQLSchema) -> None:
    fields = object_type(sdl, "Fridge").fields
    found = {name: field.deprecation_reason for name, field in fields.items() if field.deprecation_reason}
    assert found == ENDED  # not `litres`: only a rule on it has ended; not `kept`: it is in force
    for name in ("FridgeWhere", "FridgeOrder"):
        given = sdl.type_map[name]
        assert isinstance(given, GraphQLInputObjectType)
        ended = {key: one.deprecation_reason for key, one in given.fields.items() if one.deprecation_reason}
        assert ended == {key: reason for key, reason in ENDED.items() if key in given.fields}


def test_a_class_that_has_ended_is_deprecated_where_it_is_listed(sdl: GraphQLSchema) -> None:
    reason = "废止，请改用 Fridge / Withdrawn; use Fridge instead"
    assert sdl.query_type is not None
    assert sdl.query_type.fields["iceBoxes"].deprecation_reason == reason
    assert sdl.query_type.fields["fridges"].deprecation_reason is None
    classes = sdl.type_map["NodeClass"]
    assert isinstance(classes, GraphQLEnumType)
    assert {n: v.deprecation_reason for n, v in classes.values.items() if v.deprecation_reason} == {
        "IceBox": reason
    }


def test_a_concept_that_has_ended_is_a_deprecated_value(sdl: GraphQLSchema, widened: Profile) -> None:
    make = sdl.type_map["Make"]
    assert isinstance(make, GraphQLEnumType)
    assert {name: value.deprecation_reason for name, value in make.values.items()} == {
        "NEW": None,
        "OLD": f"不再使用，请改用 {widened.shorten(SCHEME + 'make-new')} / "
        f"Deprecated; use {widened.shorten(SCHEME + 'make-new')} instead",
    }


def long(number: int) -> str:
    return literal(str(number), datatype=XSD + "long")


LARGE = 9_007_199_254_740_993  # more than a double holds
FRIDGES = [
    *node("fridge/1", "Fridge", "大冰箱", "F1", standsAt="station/salad", litres=long(LARGE)),
    *node("fridge/2", "Fridge", "小冰箱", "F2", litres=long(90), make=f"<{SCHEME}make-old>"),
]


def questions(widened: Profile) -> Any:
    return build_schema(Kitchen([*FACTS, *FRIDGES], INFERRED_FACTS, profile_=widened))


def test_it_can_be_listed_filtered_sorted_and_asked_for(widened: Profile) -> None:
    data = ask(
        questions(widened),
        """{
          all: fridges(orderBy: [{litres: DESC}]) { totalCount nodes { code litres make standsAt { label } } }
          old: fridges(where: {make: {eq: OLD}}) { nodes { code } }
          large: fridges(where: {litres: {gte: 9007199254740993}}) { nodes { code } }
          there: fridges(where: {standsAt: {some: {label: {contains: "沙拉"}}}}) { nodes { code } }
          one: node(id: "fridge/1") { __typename classLabel(language: "en") }
          coverage(of: Fridge) { total complete groups(by: "Station") { total node { label } } }
          trace(node: "fridge/1", to: Cook) { verdict { complete } }
        }""",
    )
    assert data["all"] == {
        "totalCount": 2,
        "nodes": [
            {"code": "F1", "litres": LARGE, "make": None, "standsAt": {"label": "沙拉台"}},
            {"code": "F2", "litres": 90, "make": "OLD", "standsAt": None},
        ],
    }
    assert [data[key]["nodes"] for key in ("old", "large", "there")] == [
        [{"code": "F2"}],
        [{"code": "F1"}],
        [{"code": "F1"}],
    ]
    assert data["one"] == {"__typename": "Fridge", "classLabel": "Fridge"}
    assert (data["coverage"]["total"], data["coverage"]["complete"]) == (2, 1)
    assert [(g["total"], g["node"] and g["node"]["label"]) for g in data["coverage"]["groups"]] == [
        (1, "沙拉台"),
        (1, None),
    ]
    assert data["trace"]["verdict"] == {"complete": True}


def test_nothing_of_the_shipped_profile_has_ended_by_mistake(repo_root: Path) -> None:
    profile = load_profile(repo_root)
    assert not [model.name for model in profile.classes.values() if model.ended]
    assert not [(m.name, p.name) for m in profile.classes.values() for p in m.properties if p.ended]
    assert TERMS not in schema_text(profile)
