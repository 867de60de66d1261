"""Access is the same on every engine: nothing leaves that a role may not see, and what it may see arrives.

The walk and the marks are those of tests/authorisation, which asks the registry itself with every role;
here the same questions go to each engine, and are answered alike. What only the journal knows is answered
at home on both, and is walked there alone.
"""

from __future__ import annotations

import json

import pytest
from graphql import get_named_type, parse_value, value_from_ast_untyped

from qualitrace.terms import RDFS_LABEL
from tests.authorisation.asking import Client, check
from tests.authorisation.world import ABSENT, QA, Visitor, World
from tests.contract.visiting import VISITORS, Asking, asking, clients, engine, given, who, world

__all__ = ["asking", "clients", "engine", "given", "who", "world"]

SEVERAL = 20  # lists that are asked for in one request
SAMPLE = 6  # of questions that differ in the class they ask about alone, one in so many is asked
AT_HOME = frozenset(
    {"blame", "changes", "conclusions", "diff", "findings", "findingGroups", "network", "nodeAt", "proposal"}
    | {"proposals", "reads", "suspects", "whatIf", "why", "confirmations", "scenarios"}
)


def test_every_field(asking: Asking, who: Visitor, given: dict[str, str]) -> None:
    walked = asking.schema(who, given)
    operations = [one for one in walked.operations(2) if _root(one) not in AT_HOME]
    people = [one for one in operations if _root(one) in ("persons", "node")]
    # Each role asks some of what is not about people; together they ask all of it, coverage but for classes.
    others = [one for one in operations if one not in people and _root(one) != "coverage"]
    coverage = [one for one in operations if _root(one) == "coverage"]
    turn, turns = VISITORS.index(who.name), len(VISITORS)
    seen: set[str] = set()
    for query in (*people, *others[turn::turns], *coverage[turn :: SAMPLE * turns]):
        seen |= asking.ask(who, query)
    present, marks = who.sees - asking.world.earlier, asking.world.marks
    aliases = frozenset(m for m in present if marks.predicate[m].endswith("#alias"))
    english = frozenset(m for m in present if marks.predicate[m] == RDFS_LABEL)
    # What a role may see is there: e-mail and telephone, and one name of each person.
    assert seen >= present - aliases - english
    assert {marks.about[m] for m in seen & english} == {marks.about[m] for m in english}


def _root(operation: str) -> str:
    return operation.removeprefix("{ ").partition(" ")[0].partition("(")[0]


@pytest.mark.parametrize("who", ["steward"], indirect=True)
def test_every_filter(asking: Asking, who: Visitor, given: dict[str, str]) -> None:
    """Conditions on what is hidden find nothing, whether it exists or not, here as there."""
    walked, world = asking.schema(who, given), asking.world
    hidden = sorted(set(world.marks.about) - who.sees)[:: max(1, len(world.marks.about) // 4)]
    seen = sorted(who.sees - world.earlier)[:2]
    asked = 0
    for at, root in enumerate(walked.connections):
        conditions = list(walked.filters(root))
        if root in walked.deep:  # from which people are one link away
            conditions = [one for one in conditions if ".some.Person" in one[0]][::SAMPLE]
        elif root != "persons":
            conditions = [] if at % SAMPLE else conditions[at % len(conditions) :][:1]
        type_ = get_named_type(walked.query.fields[root].args["where"].type)
        given_to = {}
        for number, (_, condition, text) in enumerate(conditions):
            values = [hidden[number % len(hidden)], *seen[:1]] if text else [""]
            for which, value in enumerate(values):
                said = condition % value if text else condition
                given_to[f"c{number}x{which}"] = value_from_ast_untyped(parse_value(f"{{ {said} }}"))
        names = list(given_to)
        for some in (names[first : first + SEVERAL] for first in range(0, len(names), SEVERAL)):
            declared = ", ".join(f"${name}: {type_}!" for name in some)
            lists = " ".join(
                f"{name}: {root}(where: ${name}) {{ totalCount }} "
                f"not{name}: {root}(first: 3, where: {{ not: ${name} }}) {{ totalCount nodes {{ id }} }}"
                for name in some
            )
            named = [*hidden, ABSENT, *seen]
            asking.ask(
                who, f"query ({declared}) {{ {lists} }}", *named, **{one: given_to[one] for one in some}
            )
            asked += len(some)
    assert asked > 40


@pytest.mark.parametrize("who", ["steward"], indirect=True)
def test_every_order(asking: Asking, who: Visitor, given: dict[str, str]) -> None:
    """What is hidden sorts nothing, and what is seen sorts alike."""
    walked, asked = asking.schema(who, given), 0
    for root in walked.connections:
        orders = [f"[{{{field}: {way}}}]" for field in walked.orders(root) for way in ("ASC", "DESC")]
        if root != "persons":
            orders = orders[asked % SAMPLE :: 2 * SAMPLE]
        asked += len(orders)
        lists = " ".join(
            f"o{at}: {root}(first: 30, orderBy: {order}) {{ edges {{ cursor node {{ id label }} }} }}"
            for at, order in enumerate(orders)
        )
        if lists:
            asking.ask(who, f"{{ {lists} }}")
    assert asked > 30


AGAIN = (
    "{ persons(first: 20) { totalCount nodes { id label } } }",
    "{ coverage(of: Duty) { total complete broken } }",
    "{ __schema { queryType { name } } }",
)


@pytest.mark.parametrize("query", AGAIN)
def test_who_asks_what_others_asked_gets_what_is_theirs(asking: Asking, query: str) -> None:
    """Answers are kept for those who see the same and may ask the same, and for nobody else."""
    world = asking.world
    for names in (VISITORS, VISITORS[::-1], VISITORS):
        for name in names:
            asking.ask(world.visitors[name], query)


def test_what_exists_is_counted_as_far_as_it_is_seen(
    world: World, clients: dict[str, Client], engine: str, who: Visitor
) -> None:
    query = "{ persons(where: { %s: { exists: true } }) { totalCount } }"
    if who.name in ("reader", "system"):  # the schema of this role has no such filter
        for field in ("phones", "emails"):
            told = clients[engine].graphql(who, query % field).json()
            assert told["errors"]
            assert not (told.get("data") or {}).get("persons")
        return
    for field, predicate in (("phones", QA + "phone"), ("emails", QA + "email")):
        expected = len({world.marks.about[m] for m in who.sees if world.marks.predicate[m] == predicate})
        assert clients[engine].data(who, query % field)["persons"]["totalCount"] == expected
    if engine == "oxigraph":
        return
    found = clients[engine].graphql(who, '{ persons(where: { label: { contains: "QX" } }) { totalCount } }')
    names = {world.marks.about[m] for m in who.sees - world.earlier if world.marks.predicate[m] == RDFS_LABEL}
    assert found.json()["data"]["persons"]["totalCount"] == len(names)


def test_a_hidden_name_is_as_good_as_none(
    world: World, clients: dict[str, Client], engine: str, who: Visitor
) -> None:
    """Finding and tracing by a name that is hidden, as by one that does not exist."""
    hidden = sorted(set(world.marks.about) - who.sees - world.earlier - world.hidden)[:4]
    for mark in hidden:
        for question in (
            'trace(node: "%s") { start { id } paths { steps { target { id } } } }',
            'node(id: "%s") { id label }',
        ):
            for text in (mark, f'密 {mark}&<\\"é机>'):
                told, other = (
                    clients[engine].graphql(who, "{ " + question % one + " }")
                    for one in (text, text.replace(mark, ABSENT))
                )
                check(world, who, told, question, mark)
                assert told.status_code == other.status_code
                assert "UNKNOWN_NODE" in told.text
    for mark in sorted(world.marks.of(world.people, RDFS_LABEL) & who.sees)[:1]:
        found = clients[engine].data(
            who, "query ($n: String!) { trace(node: $n) { start { iri } } }", n=f'密 {mark}&<"é机>'
        )
        assert found["trace"]["start"]["iri"] == world.marks.about[mark]


def test_what_was_shown_is_noted(world: World, clients: dict[str, Client], engine: str, who: Visitor) -> None:
    answer = clients[engine].graphql(who, "query Sees { persons(first: 50) { nodes { id label } } }")
    nodes = {world.marks.about[mark] for mark in check(world, who, answer, "people")}
    noted = world.book.reads()[:1]
    if nodes:
        assert set(noted[0].read.nodes) == nodes
    left_out = who.name.endswith("without purpose")
    assert ("withheld" in answer.json().get("extensions", {})) is left_out


def test_the_walk_finds_what_leaves(world: World, clients: dict[str, Client], engine: str) -> None:
    """Somebody who sees everything is taken for a reader: the check must say so."""
    auditor = world.visitors["auditor"]
    blind = Visitor(auditor.name, auditor.token, auditor.purpose, frozenset())
    answer = clients[engine].graphql(blind, "{ persons(first: 5) { nodes { label phones } } }")
    with pytest.raises(AssertionError):
        check(world, blind, answer, "people")
    assert json.loads(answer.content)["data"]["persons"]["nodes"]
