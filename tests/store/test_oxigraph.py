"""What only the Oxigraph engine promises: queries know values, ``exact`` knows how they were written."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import XSD, Fact, iri, literal
from tests.store.test_engine_contract import EX, Change, changes, facts, number


def test_a_query_compares_values_and_exact_says_how_they_were_written() -> None:
    engine = OxigraphEngine()
    engine.change(STATED, [number("4"), number("4.0")], ())
    (row,) = engine.select("SELECT ?value { ?s ?p ?value FILTER (?value = 4) }")
    assert row["value"] == literal("4", datatype=XSD + "decimal")
    stored = ox.Literal("4", datatype=ox.NamedNode(XSD + "decimal"))
    fact = number("4")
    written = engine.exact.written(f"<{fact.subject}>", fact.predicate, stored)
    assert [str(form) for form in written] == [fact.object, number("4.0").object]
    engine.change(STATED, (), [number("4.0")])
    assert not engine.exact


@settings(deadline=None)
@given(changes())
def test_notes_and_copies_say_what_the_graphs_hold(sequence: list[Change]) -> None:
    engine = OxigraphEngine()
    known: list[Fact] = []
    for graph, added, numbers in sequence:
        known += [fact for fact in added if fact not in known]
        engine.change(graph, added, [known[at % len(known)] for at in numbers if known])
    copy = engine.copy()
    assert sorted(copy.facts()) == sorted(engine.facts())
    stated = engine.copy(STATED)
    assert sorted(stated.facts()) == sorted(engine.facts(STATED))
    assert stated.position == engine.position
    for one in (engine, copy, stated):
        forms: dict[tuple[str, str, ox.Literal], set[str]] = {}
        for fact in one.facts():
            for quad in one.store.quads_for_pattern(
                ox.NamedNode(fact.subject), ox.NamedNode(fact.predicate), None, None
            ):
                if isinstance(quad.object, ox.Literal):
                    forms.setdefault((str(quad.subject), fact.predicate, quad.object), set())
        for place in forms:
            written = {str(form) for form in one.exact.written(*place)}
            told = {
                fact.object
                for fact in one.facts(subject=place[0][1:-1], predicate=place[1])
                if fact.object in written
            }
            assert told == written


@settings(deadline=None)
@given(
    changes(),
    st.lists(facts(), max_size=8),
    st.sampled_from([" .\n", ".\n", '\t.  # "4"^^<a:b>\n', " .\r\n"]),
)
@example([(STATED, [number("4")], [])], [number("4"), number("4.0")], " .\n")
@example([(STATED, [number("4.0")], [])], [number("4")], " .\n")
@example([], [Fact(EX + "a", EX + "p", literal('"4"^^<a:b>')), number("04")], " .\n")
def test_text_read_at_once_is_what_single_facts_make(
    sequence: list[Change], new: list[Fact], end: str
) -> None:
    """Text goes into the store as it is; what it would keep in another form is noted all the same."""
    at_once, one_by_one = OxigraphEngine(), OxigraphEngine()
    for engine in (at_once, one_by_one):
        for graph, added, _ in sequence:
            engine.change(graph, added, ())
    at_once.count(PROFILE)
    text = "".join(f"<{one.subject}> <{one.predicate}> {one.object}{end}" for one in new)
    at_once.load(PROFILE, text.encode() if end == ".\n" else text)
    one_by_one.change(PROFILE, new, list(one_by_one.facts(PROFILE)))
    assert sorted(at_once.facts(PROFILE)) == sorted(one_by_one.facts(PROFILE)) == sorted(set(new))
    assert at_once.count(PROFILE) == len(set(new))
    for fact in {*at_once.facts()}:
        assert sorted(at_once.facts(object=fact.object)) == sorted(one_by_one.facts(object=fact.object))
        for quad in at_once.quads(ox.NamedNode(fact.subject), None, None):
            if isinstance(quad.object, ox.Literal):
                place = str(quad.subject), quad.predicate.value, quad.object
                assert at_once.exact.written(*place) == one_by_one.exact.written(*place)


def test_text_that_cannot_be_read_is_refused() -> None:
    engine = OxigraphEngine()
    for text in (f'<{EX}a> <{EX}p> "x"^^<no iri> .\n', f"<{EX}a> <{EX}p> <{EX}b>\n"):
        with pytest.raises(SyntaxError):
            engine.load(PROFILE, text)
        assert list(engine.facts()) == []


def test_what_a_query_concludes_is_put_in_once_and_only_where_it_is_new() -> None:
    engine = OxigraphEngine()
    told = [Fact(EX + one, EX + "p", iri(EX + other)) for one, other in ("ab", "ba", "bc", "cc")]
    engine.change(STATED, told, ())
    engine.load(PROFILE, f"_:x <{EX}p> <{EX}a> .\n")
    query = f"CONSTRUCT {{ ?y <{EX}p> ?x . ?y <{EX}q> 4.0 }} WHERE {{ ?x <{EX}p> ?y }}"
    found = engine.conclude(query, INFERRED)
    numbers = [Fact(EX + name, EX + "q", literal("4.0", datatype=XSD + "decimal")) for name in "abc"]
    assert sorted(found) == sorted([Fact(EX + "c", EX + "p", iri(EX + "b")), *numbers])
    assert sorted(engine.facts(INFERRED)) == sorted(found)
    assert engine.conclude(query, INFERRED) == []
