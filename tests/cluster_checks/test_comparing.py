"""Every kind of value compared with every other: a server of graphs says what the store at home says."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.store.neo4j import Server
from qualitrace.terms import XSD, lit_of, literal
from qualitrace.validation.cluster import tests_of_values as of_values
from qualitrace.validation.cluster.script import Script, Spot

TYPED = {
    "integer": (
        "7", "07", "+7", "-7", "0", "-0", "seven", "", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "16777217",
    ),
    "byte": ("7", "7.0", "300"),
    "unsignedLong": ("7", "18446744073709551615"),
    "decimal": (
        "7.0", "-7.5", "-70", "-0", ".5", "5.", "0.1", "99999999999999999999", "0.123456789012345678",
        "0.1234567890123456789", "1.0000000000000000000000", "1e39", "9007199254740993",
        "170141183460469231731.687303715884105727", "170141183460469231731.687303715884105728",
        "-170141183460469231731.687303715884105728", "170141183460469231732",
    ),
    "double": ("7", "-0.0", "0.1", "1e39", "1E5", "1e400", "INF", "-INF", "NaN", "infinity"),
    "float": ("7", "0.1", "1e39", "16777216", "0.30000001"),
    "boolean": ("true", "1", "false", "TRUE"),
    "date": (
        "2021-02-28", "2021-02-28Z", "2021-02-28+00:00", "2021-02-28+14:00", "2021-02-28+14:01", "2021-03-01",
        "2021-03-01-14:00", "2021-02-27Z", "2021-02-29", "2020-02-29", "1900-02-29", "2000-02-29",
        "12025-03-15", "12020-02-29", "02020-02-29", "-0044-03-15", "-0004-02-29", "-0003-02-29",
        "0000-01-01", "999999999999-01-01", "2021-1-1", "明天",
    ),
    "dateTime": (
        "2021-02-28T10:00:00", "2021-02-28T10:00:00.0", "2021-02-28T10:00:00Z", "2021-02-28T24:00:00",
        "2021-03-01T00:00:00", "2021-02-28T20:00:00+10:00", "2021-02-28T10:00:00.5", "2021-02-28T10:00",
        "2021-02-28T09:59:59.999999999999999999", "2021-02-28T10:00:00.1234567890123456789",
        "2021-02-28T10:00:60", "-0001-12-31T24:00:00Z", "0000-01-01T00:00:00Z",
    ),
    "dateTimeStamp": ("2021-02-28T10:00:00Z",),
    "gYear": ("2020", "2021", "2020Z", "-0044", "12020"),
    "gYearMonth": ("2020-01", "2020-02"),
    "gMonth": ("--02", "--03"),
    "time": ("10:00:00", "11:00:00"),
    "anyURI": ("a", "b"),
}  # fmt: skip
TEXTS = ("", "a", "b", "b\n", 'b"', "b\\", "ß", "教", "备")
TERMS = tuple(
    dict.fromkeys(
        [
            *(literal(text, datatype=XSD + kind) for kind, some in TYPED.items() for text in some),
            *(literal(text) for text in TEXTS),
            *(literal(text, language=tag) for text in "ab" for tag in ("en", "EN", "zh")),
            "<urn:x-a>",
            "<urn:x-b>",
        ]
    )
)
NUMBERS, DAYS = {"integer", "byte", "decimal", "double", "float"}, {"date", "dateTime", "gYear"}


def family(term: str) -> str:
    """What a term is compared with most: numbers, days, or other texts."""
    kind = term.rpartition("#")[2].rstrip(">")
    return "number" if kind in NUMBERS else "day" if kind in DAYS else "text"


GROUPS = (
    *([term for term in TERMS if family(term) == one] for one in ("number", "day", "text")),
    [*{term.rpartition('"')[2]: term for term in TERMS}.values()],  # one of each datatype and language
)
BOUNDS = (
    *(
        literal(text, datatype=XSD + kind)
        for kind, text in (
            ("integer", "7"), ("decimal", "-7.5"), ("double", "0.1"), ("float", "0.1"),
            ("decimal", "0.1234567890123456789"), ("date", "2021-02-28"), ("date", "2021-02-28Z"),
            ("dateTime", "2021-02-28T10:00:00"), ("gYear", "2020"), ("boolean", "true"),
        )
    ),
    literal("b"),
    literal("b", language="en"),
)  # fmt: skip
SIGNS = {"maxExclusive": "<", "maxInclusive": "<=", "minExclusive": ">", "minInclusive": ">="}
Answers = dict[tuple[str, str], tuple[bool, ...]]


@pytest.fixture(scope="module")
def at_home() -> Answers:
    """What the store at home answers for each pair of terms (by their numbers), sign by sign."""
    asked = " ".join(
        f"(COALESCE(?one {sign} ?other, false) AS ?s{n})" for n, sign in enumerate(SIGNS.values())
    )
    pairs = " ".join(f"({n} {term})" for n, term in enumerate(TERMS))
    query = f"SELECT ?a ?b {asked} {{ VALUES (?a ?one) {{ {pairs} }} VALUES (?b ?other) {{ {pairs} }} }}"
    rows = ox.Store().query(query)
    assert isinstance(rows, ox.QuerySolutions)
    found: Answers = {}
    for row in rows:
        values = [row[name] for name in ("a", "b", *(f"s{n}" for n in range(len(SIGNS))))]
        texts = [one.value for one in values if isinstance(one, ox.Literal)]
        found[TERMS[int(texts[0])], TERMS[int(texts[1])]] = tuple(text == "true" for text in texts[2:])
    assert len(found) == len(TERMS) ** 2
    return found


def told(answers: Answers, expected: Answers) -> list[tuple[tuple[str, str], tuple[bool, ...]]]:
    """The answers that are others than at home."""
    return [(pair, said) for pair, said in answers.items() if said != expected[pair]]


def test_two_terms_compare_as_at_home(neo4j_database: Server, at_home: Answers) -> None:
    script = Script(None)  # type: ignore[arg-type]  # no name of a profile stands in a comparison
    signs = list(SIGNS.values())[::2]  # the others are these from the other side
    tests = ", ".join(of_values.compares(script, "one", sign, "other") for sign in signs)
    text = (
        "UNWIND $groups AS terms UNWIND terms AS one UNWIND terms AS other "
        f"RETURN one, other, [{tests}] AS said"
    )
    rows = neo4j_database.read(text, groups=GROUPS, **script.parameters)
    answers = {(row["one"], row["other"]): tuple(row["said"]) for row in rows}
    assert len(answers) > 3000
    assert told(answers, {pair: said[::2] for pair, said in at_home.items()}) == []


@pytest.mark.parametrize("other", BOUNDS)
def test_a_term_compares_with_a_bound_as_at_home(
    other: str, neo4j_database: Server, at_home: Answers
) -> None:
    script = Script(None)  # type: ignore[arg-type]
    tests = [of_values.in_range(script, Spot("one", ""), name, bound(other)) for name in SIGNS]
    text = f"UNWIND $terms AS one RETURN one, [{', '.join(tests)}] AS said"
    rows = neo4j_database.read(text, terms=TERMS, **script.parameters)
    assert told({(row["one"], other): tuple(row["said"]) for row in rows}, at_home) == []


def bound(term: str) -> rdflib.term.Node:
    """A term as a shapes graph holds it."""
    if term.startswith("<"):
        return rdflib.URIRef(term[1:-1])
    lit = lit_of(term)
    if lit.language:
        return rdflib.Literal(lit.value, lang=lit.language)
    return rdflib.Literal(lit.value, datatype=rdflib.URIRef(lit.datatype), normalize=False)
