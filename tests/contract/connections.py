"""Points and their readings at random, filters over them, and a reference that filters, sorts and cuts.

The reference works on plain Python records: it shares nothing with what it checks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from qualitrace.graphql.admission import check_variables
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.limits import Limits
from qualitrace.terms import RDFS_LABEL, Fact, literal
from tests.graphql.kitchens import BASE, SCHEME, date, decimal, name, node

LETTERS = "abAB1"
texts = st.text(LETTERS, min_size=0, max_size=3)
names = st.text(LETTERS, min_size=1, max_size=3)
values = st.sampled_from([Decimal(n) / 4 for n in range(-4, 9)])
days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 6))
OUTCOMES = {"WITHIN": "within", "OUTSIDE": "outside"}


@dataclass
class Reading:
    id: str
    value: Decimal | None
    takenOn: dt.date | None
    outcome: str | None
    code: str | None = None
    label: list[str] = field(default_factory=list)


@dataclass
class Point:
    id: str
    critical: bool
    code: str | None
    label: list[str]
    readings: list[Reading]


readings = st.builds(
    Reading, st.none(), st.none() | values, st.none() | days, st.none() | st.sampled_from(sorted(OUTCOMES))
)
points = st.builds(
    Point,
    st.none(),
    st.booleans(),
    st.none() | names,
    st.lists(names, max_size=2, unique=True),
    st.lists(readings, max_size=3),
)


@st.composite
def worlds(draw: st.DrawFn) -> list[Point]:
    found = draw(st.lists(points, max_size=6))
    for number, point in enumerate(found):
        point.id = f"point/{number}"
        for count, reading in enumerate(point.readings):
            reading.id = f"reading/{number}/{count}"
    return found


def facts_of(world: list[Point]) -> list[Fact]:
    facts: list[Fact] = []
    for point in world:
        facts += node(
            point.id, "CriticalControlPoint" if point.critical else "ControlPoint", code=point.code or ""
        )
        if point.critical:  # of two classes at once, as reasoning leaves it; still one node
            facts += node(point.id, "ControlPoint")
        facts += [
            Fact(name(point.id), RDFS_LABEL, literal(text, language=language))
            for text, language in zip(point.label, ("zh", "en"), strict=False)
        ]
        for reading in point.readings:
            links: dict[str, str | list[str]] = {"readingOf": point.id}
            if reading.value is not None:
                links["value"] = decimal(str(reading.value))
            if reading.takenOn is not None:
                links["takenOn"] = date(reading.takenOn.isoformat())
            if reading.outcome is not None:
                links["outcome"] = f"<{SCHEME}{OUTCOMES[reading.outcome]}>"
            facts += node(reading.id, "Reading", **links)
    return facts


# The reference

Where = Mapping[str, Any]


def holds(where: Where, one: Any, links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    return all(condition(key, value, one, links) for key, value in where.items())


def condition(key: str, value: Any, one: Any, links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    if key == "and":
        return all(holds(part, one, links) for part in value)
    if key == "or":
        return any(holds(part, one, links) for part in value)
    if key == "not":
        return not holds(value, one, links)
    if key in links:
        return linked(value, links[key](one), links)
    held = getattr(one, key)
    return leaf(value, held if isinstance(held, list) else [] if held is None else [held])


def linked(value: Where, ends: list[Any], links: Mapping[str, Callable[[Any], list[Any]]]) -> bool:
    some = {op: any(holds(part, end, links) for end in ends) for op, part in value.items() if op != "exists"}
    return (
        some.get("some", True)
        and not some.get("none", False)
        and ("exists" not in value or bool(ends) is value["exists"])
    )


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, asked: held == asked,
    "in": lambda held, asked: held in asked,
    "gt": lambda held, asked: held > asked,
    "gte": lambda held, asked: held >= asked,
    "lt": lambda held, asked: held < asked,
    "lte": lambda held, asked: held <= asked,
    "contains": lambda held, asked: asked.lower() in held.lower(),
    "startsWith": lambda held, asked: held.lower().startswith(asked.lower()),
}


def leaf(value: Where, held: list[Any]) -> bool:
    tests = {op: asked for op, asked in value.items() if op != "exists"}
    if value.get("exists") is False:
        return not held and not tests
    if not value:
        return True
    return any(all(TESTS[op](one, asked) for op, asked in tests.items()) for one in held)


def json_of(where: Any) -> Any:
    """A filter as the variables of a request."""
    if isinstance(where, Mapping):
        return {key: json_of(value) for key, value in where.items()}
    if isinstance(where, list):
        return [json_of(value) for value in where]
    return (
        float(where)
        if isinstance(where, Decimal)
        else where.isoformat()
        if isinstance(where, dt.date)
        else where
    )


# Filters at random


def operators(held: st.SearchStrategy[Any], *more: str) -> st.SearchStrategy[dict[str, Any]]:
    one: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(("eq", *more), held)
    return some_of({**one, "in": st.lists(held, max_size=3), "exists": st.booleans()})


def some_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly one key, which tells most; at times none or several."""
    single = [st.fixed_dictionaries({key: held}) for key, held in fields.items()]
    return st.one_of(*single, st.fixed_dictionaries({}, optional=fields))


ORDERED = ("gt", "gte", "lt", "lte")
text_filter = operators(texts, "contains", "startsWith")
naming = {"code": text_filter, "label": text_filter}


def combined(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    plain = some_of(fields)
    return st.recursive(
        plain,
        lambda inner: st.fixed_dictionaries(
            {}, optional={"and": st.lists(inner, max_size=2), "or": st.lists(inner, max_size=2), "not": inner}
        ),
        max_leaves=4,
    ).filter(_admitted)


def _admitted(where: Any) -> bool:
    """Whether a server lets it in: a chain of "not" has one leaf, however long it is."""
    try:
        check_variables({"where": where}, Limits())
    except LimitError:
        return False
    return True


reading_where = combined(
    {
        "value": operators(values, *ORDERED),
        "takenOn": operators(days, *ORDERED),
        "outcome": operators(st.sampled_from(sorted(OUTCOMES))),
    }
)
links_filter = some_of({"some": reading_where, "none": reading_where, "exists": st.booleans()})
point_where = combined({**naming, "readings": links_filter})
LINKS: dict[str, Callable[[Any], list[Any]]] = {"readings": lambda point: point.readings}


def natural(text: str) -> list[tuple[int, int, str]]:
    """Runs of digits count as numbers; written apart from the engine's own."""
    parts: list[tuple[int, int, str]] = []
    run = ""
    for letter in [*text, ""]:
        if run and (letter == "" or letter.isdigit() != run[-1].isdigit()):
            parts.append((0, int(run), "") if run[0].isdigit() else (1, 0, run))
            run = ""
        run += letter
    return parts


def sorted_by(records: list[Any], order: list[tuple[str, bool]]) -> list[Any]:
    """Sort by several fields; a missing value comes last in either direction, then the identifier."""
    found = sorted(records, key=lambda one: natural(BASE + one.id))
    for name_, down in reversed(order):

        def held(one: Any, name_: str = name_) -> Any:
            value = one.label[:1] if name_ == "label" else getattr(one, name_)
            value = (value or [None])[0] if name_ == "label" else value
            if name_ == "outcome" and value is not None:
                return list(OUTCOMES).index(value)
            return natural(value) if isinstance(value, str) else value

        there = [one for one in found if held(one) is not None]
        there.sort(key=held, reverse=down)
        found = there + [one for one in found if held(one) is None]
    return found


RICH = [
    Point(
        f"point/{number}",
        number % 2 == 0,
        code,
        label,
        [
            Reading(f"reading/{number}/{count}", value, day, outcome)
            for count, (value, day, outcome) in enumerate(
                [
                    (Decimal(number), dt.date(2024, 1, number + 1), "WITHIN"),
                    (Decimal(number) / 2, None, "OUTSIDE"),
                    (None, dt.date(2024, 1, 2), None),
                ][:number]
            )
        ],
    )
    for number, (code, label) in enumerate([("a", ["ab", "BA"]), ("b1", ["b"]), (None, []), ("AB", ["1a"])])
]
SAMPLES: dict[str, list[Any]] = {
    "code": ["a", "b", "b1", "B1", "ab", "AB", ""],
    "label": ["a", "b", "ab", "ba", "1", ""],
    "value": [Decimal(number) / 2 for number in range(-1, 8)],
    "takenOn": [dt.date(2024, 1, number) for number in range(1, 6)],
    "outcome": sorted(OUTCOMES),
}


def leaves(field_: str) -> list[dict[str, Any]]:
    """Every operator of a field with every sample."""
    operators_ = ["eq"]
    if field_ in ("value", "takenOn"):
        operators_ += ORDERED
    if field_ in ("code", "label"):
        operators_ += ["contains", "startsWith"]
    return [
        *({operator: sample} for operator in operators_ for sample in SAMPLES[field_]),
        *({"in": SAMPLES[field_][at : at + 2]} for at in range(len(SAMPLES[field_]))),
        *({"exists": wanted} for wanted in (True, False)),
    ]
