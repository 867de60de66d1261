"""Operations that nobody should send."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def nested(depth: int) -> str:
    """Links back and forth."""
    ways = ["examines", "points"]
    inner = "id"
    for level in range(depth):
        inner = f"{ways[level % 2]} {{ ... on Node {{ id }} {inner} }}"
    return f"{{ diagnosisPoints {{ nodes {{ {inner} }} }} }}"


def brackets(depth: int) -> str:
    return "{ a" * depth + " }" * depth


def exponential(levels: int) -> str:
    """Each fragment spreads the next twice."""
    spreads = " ".join(
        f"fragment F{n} on DiagnosisPoint {{ a{n}: id ...F{n + 1} ...F{n + 1} }}" for n in range(levels)
    )
    last = f"fragment F{levels} on DiagnosisPoint {{ id }}"
    return f"{{ diagnosisPoints {{ nodes {{ ...F0 }} }} }} {spreads} {last}"


def chain(count: int) -> str:
    """A long chain of fragments."""
    links = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(count))
    return f"{{ ...F0 }} {links} fragment F{count} on Query {{ __typename }}"


CIRCLES = [
    "{ ...A } fragment A on Query { ...A }",
    "{ ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A }",
    "{ __typename } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }",
    "{ diagnosisPoints { nodes { ...A } } } fragment A on DiagnosisPoint { examines { ...A } }",
]


def wide(count: int) -> str:
    return "{ diagnosisPoints { nodes { " + "id " * count + "} } }"


def aliased(count: int) -> str:
    return "{ " + " ".join(f"a{n}: diagnosisPoints {{ totalCount }}" for n in range(count)) + " }"


def colliding(count: int) -> str:
    """Fields of one name, each with fields of its own: comparing them pairwise is what hurts."""
    below = " ".join(f"nodes {{ id code label n{n}: id }}" for n in range(count))
    return f"{{ diagnosisPoints {{ {below} }} }}"


def where_nested(depth: int) -> Body:
    condition: Any = {"code": {"eq": "x"}}
    for _ in range(depth):
        condition = {"not": condition}
    return condition


FILTER = "query Q($w: DiagnosisPointWhere) { diagnosisPoints(where: $w) { totalCount } }"


def filtered(where: Any) -> Body:
    return {"query": FILTER, "variables": {"w": where}}


INTROSPECTION_BOMB = (
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
)

# What is asked, and the code that it is refused with.
REFUSED: dict[str, tuple[Body, str]] = {
    "deep": ({"query": nested(20)}, "LIMIT"),
    "deeper than the parser could": ({"query": brackets(1900)}, "LIMIT"),
    "brackets of lists": ({"query": "{ a(b: " + "[" * 3000}, "LIMIT"),
    "brackets of objects": ({"query": "{ a(b: " + "{c:" * 1300}, "LIMIT"),
    "inline fragments within each other": ({"query": "{ " + "... {" * 500 + "id" + "}" * 501}, "LIMIT"),
    "wide": ({"query": wide(3000)}, "LIMIT"),
    "aliased": ({"query": aliased(200)}, "LIMIT"),
    "tokens": ({"query": "{ " + "a " * 6000 + "}"}, "INVALID_REQUEST"),
    "long": ({"query": "{ a # " + "x" * 300_000 + "\n}"}, "LIMIT"),
    "comments": ({"query": "#\n" * 90_000 + "{ __typename }"}, "INVALID_REQUEST"),
    "a long name": ({"query": "{ " + "x" * 150_000 + " }"}, "INVALID_REQUEST"),
    "a long string": ({"query": '{ diagnosisPoints(after: "' + "A" * 150_000 + '") { totalCount } }'}, ""),
    "many roots": ({"query": "{ " + "diagnosisPoints { totalCount } " * 60 + "}"}, "LIMIT"),
    "directives": ({"query": "{ __typename " + "@include(if: true) " * 400 + "}"}, "LIMIT"),
    "unknown directives": ({"query": "{ __typename " + "@x " * 59 + "}"}, "INVALID_REQUEST"),
    "directives on many fields": (
        {"query": "{ diagnosisPoints { nodes { " + "id @skip(if: false) " * 90 + "} } }"},
        "LIMIT",
    ),
    "one name many times": ({"query": colliding(90)}, "LIMIT"),
    "fragments": ({"query": chain(300)}, "LIMIT"),
    "fragments that double": ({"query": exponential(12)}, "LIMIT"),
    "fragments that double, many": ({"query": exponential(55)}, "LIMIT"),
    "variables declared": (
        {"query": "query Q(" + " ".join(f"$v{n}: Int" for n in range(900)) + ") { __typename }"},
        "INVALID_REQUEST",
    ),
    "a page": ({"query": "{ diagnosisPoints(first: 1000000) { totalCount } }"}, "LIMIT"),
    "a page in a variable": (
        {
            "query": "query Q($n: Int) { diagnosisPoints(first: $n) { totalCount } }",
            "variables": {"n": 10**6},
        },
        "LIMIT",
    ),
    "a negative page": ({"query": "{ diagnosisPoints(first: -1) { totalCount } }"}, "INVALID_REQUEST"),
    "pages within pages": (
        {
            "query": "{ diagnosisPoints(first: 2000) { nodes { examines(first: 2000) { id "
            "trace(first: 2000) { paths { steps { basis } } } } } } }"
        },
        "LIMIT",
    ),
    "traces of everything": (
        {
            "query": "{ duties(first: 2000) { nodes { trace(first: 2000, maxSteps: 32) "
            "{ paths { steps { basis source { id } target { id } } } } } } }"
        },
        "LIMIT",
    ),
    "many conditions": (filtered({"or": [{"label": {"contains": str(n)}} for n in range(500)]}), "LIMIT"),
    "conditions within each other": (filtered(where_nested(200)), "LIMIT"),
    "a list of 100,000": (filtered({"code": {"in": [str(n) for n in range(100_000)]}}), "LIMIT"),
    "identifiers of 100,000": (filtered({"id": {"in": [f"p/{n}" for n in range(60_000)]}}), "LIMIT"),
    "variables of much text": (filtered({"label": {"contains": "x" * 400_000}}), "LIMIT"),
    "variables that nobody asked for": (
        {"query": "{ __typename }", "variables": {str(n): n for n in range(50_000)}},
        "LIMIT",
    ),
    "entities by the thousand": (
        {
            "query": "query Q($r: [_Any!]!) { _entities(representations: $r) { ... on DiagnosisPoint "
            "{ trace(first: 100) { paths { steps { source { id } target { id } } } } } } }",
            "variables": {"r": [{"__typename": "DiagnosisPoint", "id": f"p/{n}"} for n in range(1200)]},
        },
        "LIMIT",
    ),
    "entities by the hundred, written out": (
        {
            "query": "{ _entities(representations: ["
            + ", ".join(f'{{__typename: "DiagnosisPoint", id: "p/{n}"}}' for n in range(400))
            + "]) { ... on DiagnosisPoint { trace { paths { steps { basis source { id } } } } } } }"
        },
        "LIMIT",
    ),
    "an identifier with SPARQL in it": (filtered({"id": {"eq": "x> } ; DROP ALL #"}}), ""),
    "introspection that turns back": ({"query": INTROSPECTION_BOMB}, ""),
    "moments of the past": (
        {
            "query": "{ "
            + " ".join(
                f'a{n}: diagnosisPoints(knownAt: "2024-01-0{n + 1}T00:00:00Z") {{ totalCount }}'
                for n in range(9)
            )
            + " }"
        },
        "",
    ),
    **{f"circle {number}": ({"query": text}, "INVALID_REQUEST") for number, text in enumerate(CIRCLES)},
}

# What is allowed, but hard: it is answered whole, partly, or not at all, and others do not notice.
HARD: dict[str, Body] = {
    "contains": filtered({"and": [{"label": {"contains": letter}} for letter in "abcdefghijklmnopqrst"]}),
    "nothing contains": filtered({"or": [{"label": {"contains": "x" * n}} for n in range(1, 50)]}),
    "patterns": filtered({"label": {"contains": "(a+)+$" * 1000}}),
    "many ways to say no": filtered({"not": {"or": [{"code": {"startsWith": str(n)}} for n in range(50)]}}),
    "links within links": filtered(
        {
            "examines": {"some": {"label": {"contains": "a"}}},
            "not": {"examines": {"none": {"id": {"eq": "x"}}}},
        }
    ),
    "a list of 2,000": filtered({"label": {"in": [f"n{n}" for n in range(2000)]}}),
    "every order": {
        "query": "{ a: duties(orderBy: [{label: DESC}, {code: ASC}], first: 2000) { nodes { id label } } "
        "b: workItems(orderBy: [{label: DESC}, {code: ASC}], first: 2000) { nodes { id label } } }"
    },
    "coverage since each day": {
        "query": "{ "
        + " ".join(
            f'a{n}: coverage(of: Duty, asOf: "2024-02-{n:02}") {{ total complete }}' for n in range(1, 20)
        )
        + " }"
    },
    "long traces": {
        "query": "{ diagnosisPoints(first: 20) { nodes { trace(to: Person, maxSteps: 32, first: 2000) "
        "{ partial ends { basis } } } } }"
    },
    "findings by everything": {
        "query": "{ findings(first: 500) { totalCount groups(by: UNIT) { total } rules { rule } } }"
    },
}
