"""Filters on values of every kind, well written or not: Neo4j finds what is found at home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import strawberry

from qualitrace.graphql import build_schema
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Changes, Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal
from tests.graphql.asking import ask
from tests.graphql.kitchens import BASE, Kitchen
from tests.profile.writing import HEADER, TERMS, write_profile

EX = "https://example.org/terms#"
KINDS = {
    "whole": "integer", "small": "int", "exact": "decimal", "wide": "double", "narrow": "float",
    "day": "date", "moment": "dateTime", "truth": "boolean",
}  # fmt: skip
ONTOLOGY = "ex:Sample a owl:Class ; rdfs:label '样品'@zh , 'Sample'@en .\n" + "\n".join(
    f'ex:{name} a owl:DatatypeProperty ; rdfs:label "{name}"@zh , "{name}"@en ; rdfs:range xsd:{kind} .'
    for name, kind in KINDS.items()
)
SHAPES = "es:Sample a sh:NodeShape ; sh:targetClass ex:Sample ; sh:property\n" + " ,\n".join(
    f"[ sh:path ex:{name} ; sh:datatype xsd:{kind} ]" for name, kind in KINDS.items()
)
NUMBERS = (
    "7", "07", "+7", "7.0", "-7", "-7.5", "0", "-0", "0.1", "9007199254740993", "9007199254740992",
    "9007199254740992.5", "9223372036854775808", "99999999999999999999", "10000000000000000000000000",
    "0.1234567890123456789", "123456789012345678.25", "1e39", "INF", "NaN", "seven", "",
)  # fmt: skip
DAYS = (
    "2025-03-05", "2025-03-05Z", "2025-03-05+08:00", "2025-03-04Z", "2025-03-06+14:00", "2025-03-06-14:00",
    "2025-03-07Z", "2025-02-29", "12025-03-15", "-0044-03-15", "2025-3-5", "",
)  # fmt: skip
MOMENTS = (
    "2025-03-05T10:00:00", "2025-03-05T10:00:00Z", "2025-03-05T18:00:00+08:00", "2025-03-05T10:00:00.5Z",
    "2025-03-05T10:00:00.123456789Z", "2025-03-04T24:00:00", "2025-03-05T00:00:00Z", "2025-03-06T00:00:00.5",
    "2025-03-06T00:00:01Z", "-0044-03-15T12:00:00Z", "12025-03-15T12:00:00Z", "2025-03-05T10:00", "now",
)  # fmt: skip
VALUES = {
    **dict.fromkeys(("whole", "small", "exact", "wide", "narrow"), NUMBERS),
    "day": DAYS,
    "moment": MOMENTS,
    "truth": ("true", "1", "false", "0", "TRUE", ""),
}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "whole": (7, 9007199254740993),
    "small": (7, 0),
    "exact": (7.0, 0.1, -0.0, 1e39, 1e-20, 9007199254740992.0),
    "wide": (7.0, 0.1, 0.0, 1e39),
    "narrow": (7.0, 0.1),
    "day": ("2025-03-05", "2025-03-06", "0001-01-01"),
    "moment": (
        "2025-03-05T10:00:00Z", "2025-03-05T10:00:00", "2025-03-05T18:00:00.500000+08:00",
        "2025-03-06T00:00:00.500", "9999-12-31T23:59:59",
    ),
    "truth": (True, False),
}  # fmt: skip
ORDERS = ("gt", "gte", "lt", "lte")


def facts() -> Iterator[Fact]:
    """A sample for each value of each property, as its own type and as some others; one with several."""
    for name, kind in KINDS.items():
        for number, text in enumerate(VALUES[name]):
            for other in dict.fromkeys((kind, "decimal" if name in ("whole", "wide") else "string")):
                node = f"{BASE}{name}/{other}/{number}"
                yield Fact(node, RDF_TYPE, iri(EX + "Sample"))
                yield Fact(node, EX + name, literal(text, datatype=XSD + other))
    for name, kind in KINDS.items():
        yield Fact(f"{BASE}several", RDF_TYPE, iri(EX + "Sample"))
        for text in VALUES[name][:3]:
            yield Fact(f"{BASE}several", EX + name, literal(text, datatype=XSD + kind))


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    files: dict[str, str | bytes] = {
        "ontology/terms.ttl": HEADER + TERMS + ONTOLOGY,
        "shapes/shapes.ttl": SHAPES + " .",
    }
    return load_profile(write_profile(tmp_path_factory.mktemp("values"), files))


@pytest.fixture(scope="module")
def schemas(neo4j_database: Server, profile: Profile) -> Iterator[list[strawberry.Schema]]:
    """The API of the same facts, from the store at home and from Neo4j."""
    home = Kitchen(facts(), (), profile_=profile)
    far = Kitchen((), (), profile_=profile)
    engine = Neo4jEngine.of(neo4j_database, profile, "test-values")
    engine.put(Changes(list(dict.fromkeys(facts()))))
    far.engine = cast(Any, engine)
    yield [build_schema(home), build_schema(far)]
    engine.clear()


def filters(name: str) -> list[dict[str, Any]]:
    """Every operator with every argument, and several together."""
    some = ARGUMENTS[name]
    if name == "truth":
        return [{"eq": one} for one in some]
    found = [{operator: some[0]} for operator in ("eq", *ORDERS)]
    found += [{operator: one} for one in some[1:] for operator in ("eq", "lt", "gte")]
    return [*found, {"in": list(some)}, {"gte": some[0], "lte": some[-1]}, {"exists": False}]


def found(schema: strawberry.Schema, wheres: list[dict[str, Any]]) -> list[set[str]]:
    """The samples that each filter finds."""
    given = ", ".join(f"$w{n}: SampleWhere" for n in range(len(wheres)))
    asked = " ".join(
        f"a{n}: samples(where: $w{n}, first: 500) {{ nodes {{ id }} }}" for n in range(len(wheres))
    )
    data = ask(schema, f"query ({given}) {{ {asked} }}", {f"w{n}": one for n, one in enumerate(wheres)})
    return [{one["id"] for one in data[f"a{n}"]["nodes"]} for n in range(len(wheres))]


@pytest.mark.parametrize("name", KINDS)
def test_values_compare_on_neo4j_as_at_home(name: str, schemas: list[strawberry.Schema]) -> None:
    wheres = [{name: one} for one in filters(name)]
    answers = []
    for schema in schemas:
        parts = [found(schema, wheres[start : start + 4]) for start in range(0, len(wheres), 4)]
        answers.append([ids for part in parts for ids in part])
    home, far = answers
    different = [
        (where, sorted(ours - theirs), sorted(theirs - ours))
        for where, ours, theirs in zip(wheres, home, far, strict=True)
        if ours != theirs
    ]
    assert different == []
    assert any(home)


def ids(schema: strawberry.Schema, where: dict[str, Any], name: str) -> set[str]:
    """The numbers in ``VALUES`` of the samples of the property's own type that a filter finds."""
    (answer,) = found(schema, [{name: where}])
    start = f"{name}/{KINDS[name]}/"
    return {VALUES[name][int(one.removeprefix(start))] for one in answer if one.startswith(start)}


def test_what_is_found_is_right(schemas: list[strawberry.Schema]) -> None:
    """By XML Schema: years of any length, zero without a sign, numbers of any size."""
    for schema in schemas:
        assert ids(schema, {"gt": "2025-03-07"}, "day") == {"12025-03-15"}
        assert "-0044-03-15" in ids(schema, {"lt": "0001-01-01"}, "day")
        assert ids(schema, {"lt": -0.0}, "exact") == {"-7", "-7.5"}
        finite = set(NUMBERS) - {"1e39", "INF", "NaN", "seven", ""}
        assert ids(schema, {"lt": 1e39}, "exact") == finite
        assert ids(schema, {"gt": 1e24}, "exact") == {"10000000000000000000000000"}
        assert ids(schema, {"eq": 9007199254740992.0}, "exact") == {"9007199254740992"}
        assert ids(schema, {"eq": "2025-03-05"}, "day") == {"2025-03-05"}
