"""What only the Oxigraph engine promises: queries know values, ``exact`` knows how they were written."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import given, settings

from qualitrace.store import STATED, OxigraphEngine
from qualitrace.terms import XSD, Fact, literal
from tests.store.test_engine_contract import Change, changes, number


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
