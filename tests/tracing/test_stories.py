"""Single situations that a person can check by reading: what they show, one each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.profile.model import PathStep
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact, iri, literal
from qualitrace.tracing import Ending, Trace, TraceIndex
from tests.contract.engines import MakeEngine
from tests.contract.worlds import (
    CAPACITY,
    FROM,
    TO,
    Property,
    World,
    day,
    edge,
    labelled,
    node,
    term,
    typed,
)

# A control is done by a job, a job is assigned to a seat, a seat is held by a holding, a holding by
# somebody. A control also belongs to a kitchen, whose chief's seat answers when nobody was named.
KITCHEN = World(
    classes={"Control": (), "Job": (), "Seat": (), "Holding": (), "Somebody": (), "Kitchen": ()},
    properties={
        "doneBy": Property(("Control",), ("Job",), absence=True),
        "assignedTo": Property(("Job",), ("Seat",), absence=True),
        "heldBy": Property(("Seat",), ("Holding",), absence=True),
        "holder": Property(("Holding",), ("Somebody",)),
        "kitchen": Property(("Control",), ("Kitchen",), inherited=True),
        "chief": Property(("Kitchen",), ("Seat",), inherited=True, absence=True),
    },
    stated=frozenset(
        [
            typed("control", "Control"),
            typed("job", "Job"),
            typed("seat", "Seat"),
            typed("first", "Holding"),
            typed("second", "Holding"),
            typed("ann", "Somebody"),
            typed("ben", "Somebody"),
            typed("kitchen", "Kitchen"),
            typed("chiefSeat", "Seat"),
            typed("third", "Holding"),
            typed("zoe", "Somebody"),
            edge("control", "doneBy", "job"),
            edge("job", "assignedTo", "seat"),
            edge("seat", "heldBy", "first"),
            edge("seat", "heldBy", "second"),
            edge("first", "holder", "ann"),
            edge("second", "holder", "ben"),
            edge("control", "kitchen", "kitchen"),
            edge("kitchen", "chief", "chiefSeat"),
            edge("chiefSeat", "heldBy", "third"),
            edge("third", "holder", "zoe"),
            edge("seat", "inKitchen", "kitchen"),
            Fact(node("second"), CAPACITY, iri(node("acting"))),
            labelled("acting", "代理"),
            labelled("acting", "acting", "en"),
        ]
    ),
    moments={
        node("first"): ((FROM, day("2023-01-01")), (TO, day("2023-12-31"))),
        node("second"): ((FROM, day("2024-03-01")),),
    },
    chains={
        "Control": (
            tuple(PathStep(term(name)) for name in ("doneBy", "assignedTo", "heldBy", "holder")),
            (PathStep(term("kitchen")),),
        )
    },
    stewards={"Seat": ((PathStep(term("inKitchen")),),), "Kitchen": ((),)},
)


def without(*facts: Fact) -> World:
    return replace(KITCHEN, stated=KITCHEN.stated - set(facts))


def asked(world: World, make_engine: MakeEngine, start: str, to: str, on: str, **more: bool) -> Trace:
    index = TraceIndex.build(world.fill(make_engine()), world.profile())
    return index.trace(node(start), term(to), as_of=dt.date.fromisoformat(on), **more)


def ends(trace: Trace) -> list[str]:
    return [path.steps[-1].target.rpartition("/")[2] for path in trace.paths]


@pytest.mark.parametrize("on", ["2023-01-01", "2023-12-31"])
def test_the_holder_of_the_day_answers_and_both_dates_count(make_engine: MakeEngine, on: str) -> None:
    trace = asked(KITCHEN, make_engine, "control", "Somebody", on)
    assert ends(trace) == ["ann"]
    assert trace.paths[0].basis == "stated"
    assert (trace.paths[0].steps[2].valid_from, trace.paths[0].steps[2].valid_to) == (
        "2023-01-01",
        "2023-12-31",
    )


def test_an_acting_holder_is_shown_as_acting(make_engine: MakeEngine) -> None:
    trace = asked(KITCHEN, make_engine, "control", "Somebody", "2024-03-01")
    assert ends(trace) == ["ben"]
    assert trace.paths[0].capacity == {"zh": "代理", "en": "acting"}
    assert [bool(step.capacity) for step in trace.paths[0].steps] == [False, False, True, False]


def test_between_two_holders_the_seat_is_vacant_and_the_chief_answers(make_engine: MakeEngine) -> None:
    trace = asked(KITCHEN, make_engine, "control", "Somebody", "2024-01-15")
    vacant, chief = trace.paths
    assert (vacant.ending, vacant.missing, vacant.absence["en"]) == (
        Ending.ABSENT,
        term("heldBy"),
        "no heldBy",
    )
    assert vacant.steward == node("kitchen")
    assert (chief.ending, chief.basis, chief.steps[-1].target) == (Ending.REACHED, "inherited", node("zoe"))


def test_a_person_who_was_only_passed_over_answers_for_nothing(make_engine: MakeEngine) -> None:
    before = asked(KITCHEN, make_engine, "zoe", "Control", "2023-06-01", backwards=True)
    assert before.paths == ()
    vacancy = asked(KITCHEN, make_engine, "zoe", "Control", "2024-01-15", backwards=True)
    assert [path.basis for path in vacancy.paths] == ["inherited"]
    assert vacancy.paths[0].steps[0].target == node("zoe")
    assert vacancy.paths[0].steps[-1].source == node("control")


def test_a_control_without_a_job_breaks_where_it_starts(make_engine: MakeEngine) -> None:
    world = without(edge("control", "doneBy", "job"), edge("kitchen", "chief", "chiefSeat"))
    trace = asked(world, make_engine, "control", "Somebody", "2023-06-01")
    assert [(len(path.steps), path.missing) for path in trace.paths] == [
        (0, term("doneBy")),
        (1, term("chief")),
    ]
    assert trace.paths[0].steward == ""
    assert trace.paths[1].steward == node("kitchen")


def test_only_links_that_could_lead_to_the_question_are_missed(make_engine: MakeEngine) -> None:
    trace = asked(without(edge("job", "assignedTo", "seat")), make_engine, "control", "Kitchen", "2023-06-01")
    assert [path.ending for path in trace.paths] == [Ending.REACHED]
    assert trace.paths[0].steps[-1].target == node("kitchen")


def test_an_inferred_step_makes_an_inferred_path(make_engine: MakeEngine) -> None:
    fact = edge("job", "assignedTo", "seat")
    world = replace(without(fact), inferred=frozenset({fact}))
    trace = asked(world, make_engine, "control", "Somebody", "2023-06-01")
    assert [step.basis for step in trace.paths[0].steps] == ["stated", "inferred", "stated", "stated"]
    assert trace.paths[0].basis == "inferred"


def test_a_fact_that_becomes_stated_is_no_longer_inferred(make_engine: MakeEngine) -> None:
    fact = edge("job", "assignedTo", "seat")
    world = replace(without(fact), inferred=frozenset({fact}))
    engine = world.fill(make_engine())
    index = TraceIndex.build(engine, world.profile())
    engine.change(INFERRED, (), [fact])
    engine.change(STATED, [fact], ())
    index.apply([fact], [fact])
    trace = index.trace(node("control"), term("Somebody"), as_of=dt.date(2023, 6, 1))
    assert [path.basis for path in trace.paths] == ["stated"]


def test_a_super_property_neither_doubles_a_path_nor_hides_that_it_is_inherited(
    make_engine: MakeEngine,
) -> None:
    """Reasoning adds (kitchen answersBy chiefSeat) because chief is a sub-property of answersBy."""
    properties = {
        **KITCHEN.properties,
        "answersBy": Property(("Kitchen",), ("Seat",)),
        "chief": replace(KITCHEN.properties["chief"], under=("answersBy",)),
    }
    repeated = edge("kitchen", "answersBy", "chiefSeat")
    world = replace(KITCHEN, properties=properties, inferred=frozenset({repeated}))
    trace = asked(world, make_engine, "kitchen", "Somebody", "2024-06-15")
    assert [(path.basis, path.steps[0].property) for path in trace.paths] == [("inherited", term("chief"))]
    stated = replace(world, stated=world.stated | {repeated}, inferred=frozenset())
    named = asked(stated, make_engine, "kitchen", "Somebody", "2024-06-15")
    assert [(path.basis, path.steps[0].property) for path in named.paths] == [("stated", term("answersBy"))]


def test_a_node_that_does_not_exist_on_the_day_has_no_trace(make_engine: MakeEngine) -> None:
    assert asked(KITCHEN, make_engine, "first", "Somebody", "2022-06-01").paths == ()


def test_coverage_names_the_first_missing_link_and_who_must_act(make_engine: MakeEngine) -> None:
    index = TraceIndex.build(KITCHEN.fill(make_engine()), KITCHEN.profile())
    whole = index.coverage(term("Control"), as_of=dt.date(2023, 6, 1))
    assert (whole.complete, len(whole.verdicts)) == (1, 1)
    verdict = index.coverage(term("Control"), as_of=dt.date(2024, 1, 15)).verdicts[0]
    assert not verdict.complete
    assert verdict.at is not None
    assert verdict.steward is not None
    assert (verdict.at.iri, verdict.missing, verdict.steward.iri, verdict.broken_branches) == (
        node("seat"),
        term("heldBy"),
        node("kitchen"),
        1,
    )


def test_the_order_of_chains_decides_between_equally_early_breaks(make_engine: MakeEngine) -> None:
    world = without(edge("control", "doneBy", "job"), edge("control", "kitchen", "kitchen"))
    index = TraceIndex.build(world.fill(make_engine()), world.profile())
    verdict = index.coverage(term("Control"), as_of=dt.date(2023, 6, 1)).verdicts[0]
    assert (verdict.missing, verdict.broken_branches) == (term("doneBy"), 2)
    assert verdict.absence == {"zh": "没有doneBy", "en": "no doneBy"}


def test_a_missing_link_without_a_declared_name_is_named_by_its_property(make_engine: MakeEngine) -> None:
    world = without(edge("control", "kitchen", "kitchen"))
    index = TraceIndex.build(world.fill(make_engine()), world.profile())
    verdict = index.coverage(term("Control"), as_of=dt.date(2023, 6, 1)).verdicts[0]
    assert (verdict.missing, verdict.absence["en"]) == (term("kitchen"), "no “v:kitchen”")


def test_refusals_say_what_to_do(make_engine: MakeEngine) -> None:
    index = TraceIndex.build(KITCHEN.fill(make_engine()), KITCHEN.profile())
    on = dt.date(2023, 6, 1)
    with pytest.raises(QueryError) as no_class:
        index.trace(node("control"), term("Nothing"), as_of=on)
    assert "Somebody" in no_class.value.hint["en"]
    with pytest.raises(QueryError) as no_chain:
        index.coverage(term("Seat"), as_of=on)
    assert "Control" in no_chain.value.hint["en"]
    with pytest.raises(UnknownNodeError) as no_node:
        index.trace(node("nobody"), term("Somebody"), as_of=on)
    assert no_node.value.where == node("nobody")
    with pytest.raises(QueryError):
        index.trace(node("control"), term("Somebody"), as_of=on, limit=0)


def complete_graph(size: int) -> World:
    names = [f"m{number:02}" for number in range(size)]
    return World(
        classes={"Thing": (), "Goal": ()},
        properties={"to": Property(range=("Thing",))},
        stated=frozenset(
            [typed(name, "Goal" if name == names[-1] else "Thing") for name in names]
            + [edge(one, "to", other) for one in names for other in names if one != other]
        ),
    )


def test_a_dense_cycle_is_bounded_and_says_so(make_engine: MakeEngine) -> None:
    """Fourteen nodes, each linked to each, have more than 10^9 simple paths between any two."""
    trace = asked(complete_graph(14), make_engine, "m00", "Goal", "2024-01-01")
    assert trace.partial
    assert len(trace.paths) == 10_000
    lengths = [len(path.steps) for path in trace.paths]
    # 1 direct, 12 over one node, 12·11 over two, 12·11·10 over three, the rest over four
    assert [lengths.count(number) for number in (1, 2, 3, 4)] == [1, 12, 12 * 11, 12 * 11 * 10]
    assert set(lengths) == {1, 2, 3, 4, 5}
    again = asked(complete_graph(14), make_engine, "m00", "Goal", "2024-01-01")
    assert again == trace


def test_a_value_where_a_node_belongs_is_passed_over(make_engine: MakeEngine) -> None:
    engine = KITCHEN.fill(make_engine())
    bad = Fact(node("seat"), term("heldBy"), literal("示例"))
    engine.change(STATED, [bad], ())
    index = TraceIndex.build(engine, KITCHEN.profile())
    engine.change(STATED, (), [bad])
    index.apply((), [bad])
    trace = index.trace(node("control"), term("Somebody"), as_of=dt.date(2023, 6, 1))
    assert [path.ending for path in trace.paths] == [Ending.REACHED]
