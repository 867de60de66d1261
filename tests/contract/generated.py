"""Generated worlds: random classes, properties, facts, validity, stewards and chains."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from qualitrace.profile.model import PathStep
from qualitrace.terms import XSD, Fact, iri, literal
from tests.contract.worlds import (
    CAPACITY,
    FROM,
    STATE,
    TO,
    Moment,
    Property,
    World,
    day,
    edge,
    labelled,
    node,
    term,
    typed,
)

CLASSES = ("A", "B", "C", "D", "E")
TRACING = ("p", "q", "r", "s")
OTHERS = ("inUnit", "about")
STATES = ("draft", "ended", "inUse")
NODES = tuple(f"n{number}" for number in range(7))

_MOMENTS = (
    day("2024-06-14"),
    day("2024-06-15"),
    day("2024-06-16"),
    Moment(literal("2024-06", datatype=XSD + "gYearMonth"), dt.date(2024, 6, 1), dt.date(2024, 6, 30)),
    Moment(literal("2024-02Z", datatype=XSD + "gYearMonth"), dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
    Moment(literal("2025", datatype=XSD + "gYear"), dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    Moment(
        literal("2024-06-15T23:59:59+08:00", datatype=XSD + "dateTime"),
        dt.date(2024, 6, 15),
        dt.date(2024, 6, 15),
    ),
    Moment(literal("soon"), dt.date.min, dt.date.max),  # no date: bounds nothing
    Moment(literal("2024-13", datatype=XSD + "gYearMonth"), dt.date.min, dt.date.max),
)

_some_classes = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=2, unique=True).map(tuple)
_links = st.builds(PathStep, st.sampled_from([term(name) for name in (*TRACING, *OTHERS)]), st.booleans())
_sequences = st.lists(_links, min_size=1, max_size=3).map(tuple)
_units = st.builds(PathStep, st.just(term("inUnit")), st.booleans())
_paths = st.lists(st.lists(_units | _links, max_size=2).map(tuple), min_size=1, max_size=2).map(tuple)


@st.composite
def hierarchies(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Classes whose parents come earlier in the alphabet."""
    return {
        name: tuple(draw(st.lists(st.sampled_from(CLASSES[:number]), max_size=2, unique=True)))
        if number
        else ()
        for number, name in enumerate(CLASSES)
    }


@st.composite
def tracing(draw: st.DrawFn) -> dict[str, Property]:
    """Tracing properties; each may be below earlier ones, and any two may be equivalent."""
    return {
        name: Property(
            domain=draw(st.one_of(st.just(()), _some_classes)),
            range=draw(st.one_of(st.none(), _some_classes)),
            inherited=draw(st.sampled_from([False, False, True])),
            absence=draw(st.booleans()),
            under=draw(st.one_of(st.just(()), st.just(()), st.sampled_from(TRACING).map(lambda one: (one,)))),
        )
        for name in TRACING
    }


def edges(*, acyclic: bool = False) -> st.SearchStrategy[Fact]:
    """One tracing edge."""
    pairs = [(one, other) for one in NODES for other in NODES if one < other or not acyclic]
    return st.builds(
        lambda pair, name: edge(pair[0], name, pair[1]), st.sampled_from(pairs), st.sampled_from(TRACING)
    )


def others() -> st.SearchStrategy[Fact]:
    """One fact of another kind: a type, a label, a capacity, a link that is not traced."""
    return st.one_of(
        st.builds(typed, st.sampled_from(NODES), st.sampled_from(CLASSES)),
        st.builds(edge, st.sampled_from(NODES), st.sampled_from(OTHERS), st.sampled_from(NODES)),
        st.builds(labelled, st.sampled_from(NODES), st.sampled_from(["甲", "乙", "丙"])),
        st.builds(
            lambda name, value: Fact(node(name), CAPACITY, iri(node(value))),
            st.sampled_from(NODES),
            st.sampled_from(NODES),
        ),
    )


def states() -> st.SearchStrategy[Fact]:
    """That a node is in a state; in some it counts only when it has a date."""
    return st.builds(
        lambda name, state: Fact(node(name), STATE, iri(term(state))),
        st.sampled_from(NODES),
        st.sampled_from(STATES),
    )


def facts() -> st.SearchStrategy[Fact]:
    """One fact of any kind."""
    return st.one_of(edges(), edges(), others(), states())


_types = st.tuples(*(st.frozensets(st.sampled_from(CLASSES), min_size=1, max_size=2) for _ in NODES)).map(
    lambda sets: frozenset(typed(name, one) for name, some in zip(NODES, sets, strict=True) for one in some)
)


_moments = st.dictionaries(
    st.sampled_from([node(name) for name in NODES]),
    st.lists(st.tuples(st.sampled_from([FROM, TO]), st.sampled_from(_MOMENTS)), max_size=3).map(tuple),
    max_size=4,
)


@st.composite
def worlds(draw: st.DrawFn, *, acyclic: bool = False) -> World:
    """A world whose inferred facts are disjoint from its stated ones, as reasoning leaves them."""
    stated = (
        draw(_types)
        | draw(st.frozensets(edges(acyclic=acyclic), min_size=8, max_size=16))
        | draw(st.frozensets(others(), min_size=2, max_size=10))
        | draw(st.frozensets(states(), max_size=1))
    )
    inferred = draw(st.frozensets(edges(acyclic=acyclic), min_size=2, max_size=6))
    inferred |= draw(st.frozensets(others(), max_size=2))
    return World(
        classes=draw(hierarchies()),
        properties=draw(tracing()),
        stated=stated,
        inferred=inferred - stated,
        moments=draw(_moments),
        chains=draw(
            st.dictionaries(st.sampled_from(CLASSES), st.lists(_sequences, min_size=1, max_size=2).map(tuple))
        ),
        stewards=draw(st.dictionaries(st.sampled_from(CLASSES), _paths, min_size=1)),
    )
