"""The engine protocol: one suite for every engine (tests/contract/engines.py lists them)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qualitrace.errors import ConflictError, QueryError
from qualitrace.journal import Changeset
from qualitrace.store import INFERRED, PROFILE, STATED, Engine
from qualitrace.terms import XSD, Fact, iri, iri_of, is_iri, literal
from tests.contract.engines import MakeEngine

EX = "https://example.org/"
NODES = [EX + name for name in "abc"] + [EX + "部门/甲"]
PROPERTIES = [EX + "p", EX + "q"]
GRAPHS = [STATED, INFERRED, PROFILE]
EVERY_EXAMPLE = settings(deadline=None, suppress_health_check=list(HealthCheck))

# The same value written in several ways, and ways that are no value at all.
FORMS = {
    "decimal": ["4", "4.0", "+4", "04.00", "0.5", ".5", "-0", "1e3", "99999999999999999999.5"],
    "integer": ["4", "04", "+4", "-0", "0", "99999999999999999999999", "x"],
    "byte": ["4", "04"],
    "double": ["4", "4.0E0", "4e0", "INF", "NaN"],
    "boolean": ["true", "1", "0", "false", "yes"],
    "date": ["2024-02-29", "2023-02-29", "2024-02-29Z", "2024-02-29+00:00"],
    "dateTime": ["2024-01-01T00:00:00Z", "2024-01-01T24:00:00", "2023-12-31T23:59:59.50"],
    "duration": ["P1Y12M", "P2Y", "PT60S", "PT1M"],
    "gYear": ["2024", "02024"],
    "string": ["4", "4.0"],
}


def literals() -> st.SearchStrategy[str]:
    typed = st.sampled_from([(kind, form) for kind, forms in FORMS.items() for form in forms])
    texts = st.text(max_size=8)
    return st.one_of(
        typed.map(lambda one: literal(one[1], datatype=XSD + one[0])),
        texts.map(literal),
        st.tuples(texts, st.sampled_from(["zh", "en", "zh-hant", "EN"])).map(
            lambda one: literal(one[0], language=one[1])
        ),
        st.text("0123456789.+-eE", max_size=6).map(lambda text: literal(text, datatype=XSD + "decimal")),
        texts.map(lambda text: literal(text, datatype=EX + "own")),
    )


def facts() -> st.SearchStrategy[Fact]:
    objects = st.one_of(st.sampled_from(NODES).map(iri), literals())
    return st.builds(Fact, st.sampled_from(NODES), st.sampled_from(PROPERTIES), objects)


Change = tuple[str, list[Fact], list[int]]


def changes() -> st.SearchStrategy[list[Change]]:
    """Facts to add to a graph, and facts to remove by their place among all that were ever added."""
    numbers = st.lists(st.integers(0, 50), max_size=4)
    one = st.tuples(st.sampled_from(GRAPHS), st.lists(facts(), max_size=5), numbers)
    return st.lists(one, max_size=6)


def number(form: str, kind: str = "decimal") -> Fact:
    return Fact(NODES[0], PROPERTIES[0], literal(form, datatype=XSD + kind))


@EVERY_EXAMPLE
@given(changes())
@example([(STATED, [number("4"), number("4.0")], []), (INFERRED, [number("04.00")], [0])])
@example([(STATED, [number("4.0")], []), (STATED, [number("4")], [0]), (STATED, [], [1])])
def test_what_is_stated_is_what_is_read_back(make_engine: MakeEngine, sequence: list[Change]) -> None:
    """After any changes the graphs hold what sets of facts would hold, whatever is asked for."""
    engine = make_engine()
    held: dict[str, set[Fact]] = {graph: set() for graph in GRAPHS}
    known: list[Fact] = []
    for graph, added, numbers in sequence:
        known += [fact for fact in added if fact not in known]
        removed = [known[at % len(known)] for at in numbers if known]
        engine.change(graph, added, removed)
        held[graph] = (held[graph] - set(removed)) | set(added)
        assert engine.count(graph) == len(held[graph])
    everything = [(graph, fact) for graph, found in held.items() for fact in found]
    for graph in GRAPHS:
        assert sorted(engine.facts(graph)) == sorted(held[graph])
    assert sorted(engine.facts()) == sorted(fact for _, fact in everything)
    for graph in GRAPHS:
        for predicate in PROPERTIES:
            named = [f for f in held[graph] if f.predicate == predicate and is_iri(f.object)]
            links = sorted((f.subject, iri_of(f.object)) for f in named)
            assert sorted(engine.links(graph, predicate)) == links
    for fact in known:
        for asked in (
            {"subject": fact.subject},
            {"predicate": fact.predicate, "object": fact.object},
            fact._asdict(),
        ):
            expected = [
                (graph, one)
                for graph, one in everything
                if all(getattr(one, name) == value for name, value in asked.items())
            ]
            assert sorted(engine.facts(**asked)) == sorted(one for _, one in expected)
            stated = sorted(one for graph, one in expected if graph == STATED)
            assert sorted(engine.facts(STATED, **asked)) == stated


def changeset(position: int, added: Iterable[Fact] = (), removed: Iterable[Fact] = ()) -> Changeset:
    return Changeset(
        position, "", "示例", "2025-01-01T00:00:00.000000Z", "", (), (), (), tuple(added), tuple(removed)
    )


def test_changesets_apply_in_order(make_engine: MakeEngine) -> None:
    engine = make_engine()
    one, other = number("4.0"), Fact(NODES[1], PROPERTIES[0], iri(NODES[0]))
    assert engine.position == 0
    engine.apply(changeset(1, [one]))
    engine.apply(changeset(2, [other], [one]))
    assert (engine.position, list(engine.facts(STATED))) == (2, [other])
    for wrong in (1, 2, 4):
        with pytest.raises(ConflictError):
            engine.apply(changeset(wrong, [one]))
    assert (engine.position, list(engine.facts(STATED))) == (2, [other])
    engine.mark(7)
    engine.change(STATED, [one], ())
    assert engine.position == 7
    engine.apply(changeset(8))
    assert engine.position == 8


@pytest.mark.parametrize(
    "wrong",
    [
        Fact("no iri", PROPERTIES[0], iri(NODES[0])),
        Fact(NODES[0], "not absolute", iri(NODES[0])),
        Fact(NODES[0], PROPERTIES[0], "<no iri>"),
        Fact(NODES[0], PROPERTIES[0], "bare words"),
        Fact(NODES[0], PROPERTIES[0], '"open'),
    ],
)
def test_what_is_no_fact_is_refused_and_changes_nothing(make_engine: MakeEngine, wrong: Fact) -> None:
    engine = make_engine()
    kept = number("4.0")
    engine.change(STATED, [kept], ())
    for added, removed in (([number("5"), wrong], [kept]), ([number("5")], [kept, wrong])):
        with pytest.raises(QueryError):
            engine.change(STATED, added, removed)
        assert list(engine.facts()) == [kept]


def test_a_graph_is_replaced_by_ntriples(make_engine: MakeEngine) -> None:
    engine = make_engine()
    engine.change(PROFILE, [number("1"), number("2.0")], ())
    engine.change(STATED, [number("2")], ())
    engine.load(PROFILE, f"_:x <{EX}p> _:y .\n_:y <{EX}q> {number('4.0').object} .\n")
    first, second = sorted(engine.facts(PROFILE), key=lambda fact: fact.predicate)
    assert first.object == second.subject
    assert second.object == number("4.0").object
    assert engine.count(PROFILE) == 2
    engine.load(PROFILE, "")
    assert (engine.count(PROFILE), list(engine.facts())) == (0, [number("2")])


def filled(engine: Engine) -> None:
    engine.change(STATED, [Fact(NODES[0], PROPERTIES[0], iri(NODES[1]))], ())
    engine.change(INFERRED, [Fact(NODES[1], PROPERTIES[1], literal("值", language="zh"))], ())
    engine.change(PROFILE, [Fact(NODES[2], PROPERTIES[0], iri(NODES[1]))], ())


def test_queries_see_all_graphs_as_one(make_engine: MakeEngine) -> None:
    engine = make_engine()
    filled(engine)
    rows = engine.select(
        f"SELECT ?who ?value ?none {{ ?who <{EX}p> ?b . ?b <{EX}q> ?value OPTIONAL {{ ?b <{EX}r> ?none }} }}"
    )
    assert sorted(map(dict, rows), key=str) == [
        {"who": iri(node), "value": literal("值", language="zh")} for node in (NODES[0], NODES[2])
    ]
    made = engine.construct(f"CONSTRUCT {{ ?b <{EX}r> ?who }} WHERE {{ ?who <{EX}p> ?b }}")
    assert sorted(made) == [Fact(NODES[1], EX + "r", iri(node)) for node in (NODES[0], NODES[2])]


@pytest.mark.parametrize("query", ["SELECT", "ASK { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o", "DROP ALL"])
def test_a_query_that_cannot_be_run_says_so(make_engine: MakeEngine, query: str) -> None:
    engine = make_engine()
    filled(engine)
    with pytest.raises(QueryError):
        engine.select(query)
    with pytest.raises(QueryError):
        engine.construct(query)
    assert len(list(engine.facts())) == 3


def test_an_answer_is_of_the_kind_that_was_asked_for(make_engine: MakeEngine) -> None:
    engine = make_engine()
    with pytest.raises(QueryError):
        engine.select("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError):
        engine.construct("SELECT ?s { ?s ?p ?o }")
