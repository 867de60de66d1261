"""A view of an engine: some graphs, whole, and nothing of any other."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualitrace.store import INFERRED, PROFILE, STATED, EngineView, OxigraphEngine
from qualitrace.terms import XSD, Fact, iri, literal

EX = "https://example.org/"
OWN, OTHER = STATED + "/own", STATED + "/other"
GRAPHS = [STATED, INFERRED, PROFILE, OWN, OTHER]
SEEN = [STATED, INFERRED, PROFILE, OWN]
NODES = [EX + name for name in "abc"]
EVERY_EXAMPLE = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)

facts = st.builds(
    Fact,
    st.sampled_from(NODES),
    st.sampled_from([EX + "p", EX + "q"]),
    st.one_of(
        st.sampled_from(NODES).map(iri),
        st.sampled_from(["4", "4.0", "x"]).map(lambda text: literal(text, datatype=XSD + "decimal")),
        st.sampled_from(["甲", "b"]).map(literal),
    ),
)
changes = st.lists(
    st.tuples(st.sampled_from(GRAPHS), st.lists(facts, max_size=4), st.lists(facts, max_size=2))
)


def view_of(engine: OxigraphEngine) -> EngineView:
    return EngineView(engine, {STATED: (STATED, OWN), INFERRED: (INFERRED,), PROFILE: (PROFILE,)})


@EVERY_EXAMPLE
@given(changes)
def test_it_answers_as_an_engine_that_holds_only_that(
    changes: list[tuple[str, list[Fact], list[Fact]]],
) -> None:
    whole, part = OxigraphEngine(), OxigraphEngine()
    view = view_of(whole)
    for graph, added, removed in changes:
        whole.change(graph, added, removed)
        if graph in SEEN:
            part.change(graph, added, removed)
    assert set(view.facts()) == set(part.facts())
    assert set(view.facts(STATED)) == {*part.facts(STATED), *part.facts(OWN)}
    assert view.count(STATED) == part.count(STATED) + part.count(OWN)
    assert set(view.facts(OTHER)) == set()
    for node in NODES:
        assert set(view.facts(subject=node)) == set(part.facts(subject=node))
        assert set(view.facts(object=iri(node))) == set(part.facts(object=iri(node)))
    for graph in SEEN[:3]:
        made_of = [graph, OWN] if graph == STATED else [graph]
        linked = [pair for name in made_of for pair in part.links(name, EX + "p")]
        assert sorted(view.links(graph, EX + "p")) == sorted(linked)
    for query in (
        "SELECT DISTINCT ?s ?p ?o { ?s ?p ?o }",
        "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }",
        "SELECT DISTINCT ?o { ?s <https://example.org/p>+/<https://example.org/q>? ?o }",
        f"SELECT ?s {{ GRAPH <{OTHER}> {{ ?s ?p ?o }} }}",
    ):
        assert sorted(map(str, view.select(query))) == sorted(map(str, part.select(query)))
    made = "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }"
    assert set(view.construct(made)) == set(part.construct(made))
    assert set(view.quads(None, None, None)) == set(part.quads(None, None, None))


def test_no_query_names_its_way_out() -> None:
    engine = OxigraphEngine()
    engine.change(OTHER, [Fact(EX + "a", EX + "p", literal("hidden"))], [])
    view = view_of(engine)
    for query in (
        f"SELECT * FROM <{OTHER}> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{OTHER}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"SELECT * FROM <{OTHER}> FROM NAMED <{OTHER}> {{ {{ ?s ?p ?o }} UNION"
        " { GRAPH ?g { ?s ?p ?o } } }",
    ):
        assert view.select(query) == []
    assert list(view.dump()) == []
