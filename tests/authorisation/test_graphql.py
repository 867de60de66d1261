"""No role learns over GraphQL what it may not see: every field, filter and sort order is walked."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from graphql import (
    build_client_schema,
    build_schema,
    get_introspection_query,
    get_named_type,
    parse_value,
    value_from_ast_untyped,
)

from qualitrace.graphql.rights import shown_by
from qualitrace.terms import RDFS_LABEL
from tests.authorisation.asking import Client, check, shown
from tests.authorisation.walking import Schema
from tests.authorisation.world import ABSENT, QA, Visitor, World

KNOWN = (
    "reader",
    "system",
    "auditor without purpose",
    "auditor",
    "steward without purpose",
    "steward",
    "steward of two",
    "steward of none",
    "office",
)
BATCH = 25  # pairs of conditions in one request
FEW = 4  # conditions that are asked in one query of the store
PHONE, EMAIL = QA + "phone", QA + "email"


@pytest.fixture(params=KNOWN)
def who(request: pytest.FixtureRequest, world: World) -> Visitor:
    return world.visitors[request.param]


@pytest.fixture(scope="session")
def given(world: World) -> dict[str, str]:
    """What the walk gives to required arguments."""
    return world.arguments


@pytest.fixture(scope="session")
def whole(client: Client, world: World, given: dict[str, str]) -> Schema:
    """The schema as who may explore everything is told it."""
    found = client.data(world.visitors["office"], get_introspection_query(input_value_deprecation=True))
    return Schema(build_client_schema(found), given)


def schema_of(client: Client, world: World, who: Visitor, given: dict[str, str]) -> Schema:
    """The schema of somebody's role, whether they may ask about it or not."""
    rights = world.book.principal(who.token).rights
    parts = client.app.state.parts
    return Schema(build_schema(parts.schemas.text(shown_by(rights)), assume_valid=True), given)


def test_every_field(client: Client, world: World, who: Visitor, given: dict[str, str]) -> None:
    walked = schema_of(client, world, who, given)
    operations, seen = list(walked.operations(3)), set[str]()
    failed = []
    for query in operations:
        answer = client.graphql(who, query)
        seen |= check(world, who, answer, query)
        if answer.json().get("data") is None:
            failed.append((query[:200], answer.text[:300]))
    types = {name for name, _, _ in walked.fields}
    print(f"{who.name}: {len(operations)} operations ({len(failed)} refused),", end=" ")
    print(f"{len(walked.fields)} fields of {len(types)} types")
    assert len(walked.fields) > 1500
    assert len(failed) < len(operations) / 20, failed[:5]
    assert {depth for _, _, depth in walked.fields} >= {1, 2, 3}
    present = who.sees - world.earlier
    aliases = frozenset(m for m in present if world.marks.predicate[m].endswith("#alias"))
    english = frozenset(m for m in present if world.marks.predicate[m] == RDFS_LABEL)
    # What a role may see is there: e-mail and telephone, and one name of each person.
    assert seen >= present - aliases - english
    assert {world.marks.about[m] for m in seen & english} == {world.marks.about[m] for m in english}


def test_the_walk_finds_what_leaves(client: Client, world: World, given: dict[str, str]) -> None:
    """Somebody who sees everything is taken for a reader: the walk must say so."""
    office = world.visitors["office"]
    blind = Visitor(office.name, office.token, office.purpose, frozenset())
    caught = 0
    for query in schema_of(client, world, office, given).operations(2):
        try:
            check(world, blind, client.graphql(blind, query), query)
        except AssertionError:
            caught += 1
    assert caught > 5


def test_every_filter(
    client: Client, world: World, whole: Schema, who: Visitor, given: dict[str, str]
) -> None:
    """Conditions on hidden values find nothing, whether the value exists or not."""
    own = schema_of(client, world, who, given)
    hidden = _hidden(world, who)
    walked = absent = 0
    for root in whole.connections:
        known = (
            {place: (condition, text) for place, condition, text in own.filters(root)}
            if root in own.connections
            else {}
        )
        batch: list[tuple[str, str]] = []
        for place, condition, text in whole.filters(root):
            walked += 1
            if place not in known:
                absent += 1
                _same_as_unknown(client, world, who, root, place, condition)
            elif text and hidden and ".none." not in place:
                # One of them alone, in turn, and all of them: some find something as soon as one does.
                batch.append((condition % hidden[walked % len(hidden)], condition % ABSENT))
                for few in (hidden[at : at + FEW] for at in range(0, len(hidden), FEW)):
                    batch.append((_any(condition, few), condition % ABSENT))
            elif text:
                batch += [(condition % mark, condition % ABSENT) for mark in hidden]
            else:
                batch.append((condition, condition))
        type_ = str(get_named_type(whole.query.fields[root].args["where"].type))
        for some in range(0, len(batch), BATCH):
            _counts_are_the_same(client, world, who, root, type_, batch[some : some + BATCH], hidden)
    print(f"{who.name}: {walked} filters of {len(whole.connections)} lists, {absent} not in the schema")
    assert walked > 300
    assert (absent > 0) is (who.name in ("reader", "system"))


def _any(condition: str, marks: list[str]) -> str:
    return "or: [" + ", ".join(f"{{ {condition % mark} }}" for mark in marks) + "]"


def _hidden(world: World, who: Visitor) -> list[str]:
    """One mark of each kind that somebody may not see; for who sees all, that of an earlier name."""
    found: dict[str, str] = {}
    for mark in sorted(set(world.marks.about) - who.sees):
        found.setdefault(world.marks.predicate[mark], mark)
    return sorted(found.values())


def _counts_are_the_same(
    client: Client,
    world: World,
    who: Visitor,
    root: str,
    where: str,
    pairs: list[tuple[str, str]],
    hidden: list[str],
) -> None:
    """One document for each list, whatever it is asked: parsing and validating it takes most of the time."""
    given = {
        f"{side}{n}": _read(one) for n, both in enumerate(pairs) for side, one in zip("ab", both, strict=True)
    }
    for n in range(len(pairs), BATCH):  # what is left over asks for what was asked
        given |= {f"{side}{n}": given["a0"] for side in "ab"}
    answer = client.graphql(who, _counting(root, where), **given)
    check(world, who, answer, root, *hidden, ABSENT)
    data = answer.json()["data"]
    assert data is not None, answer.text[:1000]
    for n, pair in enumerate(pairs):
        assert data[f"a{n}"] == data[f"b{n}"], (who.name, root, pair)
        assert data[f"nota{n}"] == data[f"notb{n}"], (who.name, root, pair)


def _read(condition: str) -> Any:
    return value_from_ast_untyped(parse_value(f"{{ {condition} }}"))


def _counting(root: str, where: str) -> str:
    names = [f"{side}{n}" for n in range(BATCH) for side in "ab"]
    declared = ", ".join(f"${name}: {where}!" for name in names)
    asked = " ".join(
        f"{name}: {root}(where: ${name}) {{ totalCount }}"
        f" not{name}: {root}(where: {{ not: ${name} }}) {{ totalCount }}"
        for name in names
    )
    return f"query ({declared}) {{ {asked} }}"


def _same_as_unknown(
    client: Client, world: World, who: Visitor, root: str, place: str, condition: str
) -> None:
    """A field that is there but not for somebody is refused as one that is not there."""
    name = place.split(".")[-2]
    made = "x" * len(name)
    given = condition.replace("%s", ABSENT)
    told = client.graphql(who, f"{{ {root}(where: {{ {given} }}) {{ totalCount }} }}")
    unknown = client.graphql(
        who, f"{{ {root}(where: {{ {given.replace(f'{name}:', f'{made}:')} }}) {{ totalCount }} }}"
    )
    check(world, who, told, condition, ABSENT)
    assert told.status_code == unknown.status_code
    assert _without_hints(told.text.replace(name, made)) == _without_hints(unknown.text)


def _without_hints(text: str) -> str:
    return text.partition(" Did you mean")[0]


# The schemas of reader and system have no such filters: that is walked above.
@pytest.mark.parametrize("who", [one for one in KNOWN if one not in ("reader", "system")], indirect=True)
def test_what_exists_is_counted_as_far_as_it_is_seen(client: Client, world: World, who: Visitor) -> None:
    query = "{ persons(where: { %s: { exists: true } }) { totalCount } }"
    for field, predicate in (("phones", PHONE), ("emails", EMAIL)):
        expected = len({world.marks.about[m] for m in who.sees if world.marks.predicate[m] == predicate})
        assert client.data(who, query % field)["persons"]["totalCount"] == expected


def test_every_order(
    client: Client, world: World, whole: Schema, who: Visitor, given: dict[str, str]
) -> None:
    """Sorting by what is hidden sorts nothing, and cursors hold nothing hidden."""
    own = schema_of(client, world, who, given)
    walked = 0
    for root in whole.connections:
        for field in whole.orders(root):
            walked += 1
            orders = {}
            for way in ("ASC", "DESC"):
                query = (
                    "query ($after: String) {"
                    f" {root}(first: 100, after: $after, orderBy: [{{ {field}: {way} }}])"
                    " { edges { cursor node { id } } pageInfo { startCursor endCursor } } }"
                )
                answer = client.graphql(who, query)
                check(world, who, answer, query)
                data = answer.json().get("data")
                if data is None:
                    assert root not in own.connections or field not in own.orders(root), answer.text[:500]
                    continue
                orders[way] = [edge["node"]["id"] for edge in data[root]["edges"]]
                if data[root]["edges"]:
                    after = data[root]["pageInfo"]["startCursor"]
                    check(world, who, client.graphql(who, query, after=after), query)
            if root == "persons" and field == "label" and orders:
                unseen = [[one for one in ids if not _is_seen(world, who, one)] for ids in orders.values()]
                assert unseen[0] == unseen[1], (who.name, orders)
    print(f"{who.name}: {walked} orders of {len(whole.connections)} lists")
    assert walked > 250


def _is_seen(world: World, who: Visitor, identifier: str) -> bool:
    return any(world.marks.about[mark].endswith(identifier) for mark in who.sees)


def test_a_hidden_name_is_as_good_as_none(client: Client, world: World, who: Visitor) -> None:
    """Finding, tracing, refetching: by a name that is hidden as by one that does not exist."""
    hidden = sorted(set(world.marks.about) - who.sees - world.earlier - world.hidden)[:8]
    questions = (
        'trace(node: "%s") { start { id } paths { steps { target { id } } } }',
        'node(id: "%s") { id label }',
        'findings(where: { node: "%s" }) { totalCount }',
        '_entities(representations: [{ __typename: "Person", id: "%s" }]) { __typename }',
    )
    for mark in hidden:
        for question in questions:
            for text in (mark, f'密 {mark}&<\\"é机>'):
                told = client.graphql(who, "{ " + question % text + " }")
                other = client.graphql(who, "{ " + question % text.replace(mark, ABSENT) + " }")
                check(world, who, told, question, mark)
                assert told.status_code == other.status_code
                # What is like it among the names that are seen may be suggested; nothing else differs.
                same = _without_hints(told.text.replace(mark, ABSENT)) == _without_hints(other.text)
                assert same or who.sees, (told.text, other.text)
    if hidden:
        return
    mark = next(iter(world.marks.of(world.people, RDFS_LABEL)))
    found = client.data(
        who, "query ($n: String!) { trace(node: $n) { start { iri } } }", n=f'密 {mark}&<"é机>'
    )
    assert found["trace"]["start"]["iri"] == world.marks.about[mark]


def test_documents_of_others_are_not_known_by_their_hash(client: Client, world: World) -> None:
    office = world.visitors["office"]
    query = "query Mine { persons(first: 3) { nodes { phones } } }"
    sha = hashlib.sha256(query.encode()).hexdigest()
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha}}

    def ask(who: Visitor, **body: Any) -> Any:
        content = json.dumps({"extensions": named, **body})
        kind = {"Content-Type": "application/json"}
        return client.ask(who, "POST", "/graphql", content=content, headers=kind)

    assert shown(ask(office, query=query))
    assert shown(ask(office))
    for name in KNOWN:
        who = world.visitors[name]
        answer = ask(who)
        check(world, who, answer, "persisted")
        if world.book.principal(who.token).audience.everything and who.purpose:
            continue  # the same audience; schemas differ by rights
        assert "PersistedQueryNotFound" in answer.text


def test_an_answer_for_one_audience_never_answers_another(client: Client, world: World) -> None:
    path = "/graphql?query=" + "%7Bpersons(first:50)%7Bnodes%7Bid%20label%7D%7D%7D"
    tags: dict[str, str] = {}
    for name in KNOWN:
        who = world.visitors[name]
        answer = client.ask(who, "GET", path)
        check(world, who, answer, path)
        assert "private" in answer.headers["cache-control"] or "no-store" in answer.headers["cache-control"]
        assert "Authorization" in answer.headers["vary"]
        assert "Qualitrace-Purpose" in answer.headers["vary"]
        if "etag" in answer.headers:
            assert not who.sees
            tags[name] = answer.headers["etag"]
    assert "reader" in tags
    for name in KNOWN:
        for owner, tag in tags.items():
            answer = client.ask(world.visitors[name], "GET", path, headers={"If-None-Match": tag})
            check(world, world.visitors[name], answer, path)
            assert (answer.status_code == 304) is (tags.get(name) == tag), (name, owner)


def test_only_who_may_explore_is_told_about_the_schema(client: Client, world: World, who: Visitor) -> None:
    may = who.name != "reader"
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Person") { fields { name } } }'):
        body = client.graphql(who, query).json()
        assert (body.get("data") is not None) is may
        assert ("errors" in body) is not may
    told = client.graphql(who, "{ persosn { totalCount } }").text
    assert ("Did you mean" in told) is may
    assert "sdl" not in client.graphql(world.visitors["reader"], "{ _service { sdl } }").json().get(
        "data", {}
    )
    assert (client.ask(who, "GET", "/schema.graphql").status_code == 200) is may


def test_who_states_no_purpose_is_told_that_something_is_left_out(
    client: Client, world: World, who: Visitor
) -> None:
    answer = client.graphql(who, "{ persons(first: 1) { nodes { id } } }")
    left_out = who.name.endswith("without purpose")
    assert ("withheld" in answer.json().get("extensions", {})) is left_out
    assert ("qualitrace-withheld" in answer.headers) is left_out


def test_a_purpose_can_be_stated_in_the_request(client: Client, world: World) -> None:
    who = world.visitors["auditor without purpose"]
    body = {"query": "{ persons(first: 50) { nodes { phones } } }", "extensions": {"purpose": "审核"}}
    answer = client.ask(
        who, "POST", "/graphql", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert shown(answer) == {m for m in world.visitors["auditor"].sees if world.marks.predicate[m] == PHONE}
    newest = world.book.reads()[0].read
    assert newest.purpose == "审核"
    assert newest.who == "示例 auditor"
    assert set(newest.nodes) == set(world.people)


def test_what_was_read_is_noted_and_only_the_office_may_ask(
    client: Client, world: World, who: Visitor
) -> None:
    before = world.book.reads()[:1]
    answer = client.graphql(who, "query Sees { persons(first: 50) { nodes { id label } } }")
    nodes = {world.marks.about[mark] for mark in check(world, who, answer, "people")}
    after = world.book.reads()[0]
    if nodes:
        assert set(after.read.nodes) == nodes
        assert (after.read.purpose, after.read.count) == (who.purpose, len(nodes))
        assert "Sees" in after.read.route
    else:
        assert world.book.reads()[:1] == before
    counted = client.graphql(who, '{ persons(where: { label: { contains: "QX" } }) { totalCount } }')
    assert counted.json()["data"]["persons"]["totalCount"] == len(nodes)
    if nodes:
        assert "label" in world.book.reads()[0].read.route  # by which field it was asked
    asked = client.graphql(who, "{ reads(first: 2) { nodes { who purpose nodes count } } }")
    assert (asked.json().get("data") is not None) is (who.name == "office")


def test_proposals_are_made_in_ones_own_name_and_shown_to_who_may_see_them(
    client: Client, world: World
) -> None:
    steward, office, auditor = (world.visitors[n] for n in ("steward", "office", "auditor"))
    person = world.by_unit[next(iter(world.by_unit))][0]
    propose = """mutation ($n: ID!, $f: String!, $v: String!, $by: String! = "") {
      propose(title: "示例", by: $by, changes: [{ id: $n, add: [{ field: $f, value: $v }] }]) {
        proposal { number author role } acceptable difference { nodes { sentence } } } }"""
    refused = client.graphql(steward, propose, n=person, f="staffNumber", v="7", by="somebody")
    assert refused.json()["errors"]
    made = client.data(steward, propose, n=person, f="phones", v="1-2-3")["propose"]
    assert made["proposal"]["author"] == "示例 steward"
    assert made["proposal"]["role"] == "steward"
    number = made["proposal"]["number"]
    for name in KNOWN:
        who = world.visitors[name]
        answer = client.graphql(who, "{ proposals { number author title } }")
        check(world, who, answer, "proposals")
        listed = {one["number"] for one in ((answer.json().get("data") or {}).get("proposals") or [])}
        sees = name in ("office", "auditor", "auditor without purpose")
        assert ({1, number} <= listed) if sees else (listed <= {number}), (name, listed)
        one = client.graphql(
            who, "{ proposal(number: 1) { proposal { number } difference { nodes { sentence } } } }"
        )
        check(world, who, one, "proposal 1")
    told = client.graphql(steward, "{ proposal(number: 1) { acceptable } }").text
    none = client.graphql(steward, "{ proposal(number: 777) { acceptable } }").text
    assert told.replace("proposal 1.", "proposal 777.").replace("第 1 号", "第 777 号") == none
    decide = """mutation ($n: Int!) {
      reject(number: $n, reason: "示例") { proposal { state decided { by role } } } }"""
    assert client.graphql(steward, decide, n=number).json()["errors"]
    assert client.graphql(auditor, decide, n=number).json()["errors"], "the office decides about a steward's"
    done = client.data(office, decide, n=number)["reject"]["proposal"]
    assert done == {"state": "REJECTED", "decided": {"by": "示例 office", "role": "office"}}


def test_proposing_tells_nothing_of_what_is_hidden(client: Client, world: World) -> None:
    """Naming, removing, replacing: a hidden value makes no difference to what the steward is told."""
    steward = world.visitors["steward"]
    units = list(world.by_unit)
    person = world.by_unit[units[2]][0]
    mark = next(iter(world.marks.of([person], PHONE)))
    query = """mutation ($c: [ProposedNode!]!) { propose(title: "示例", changes: $c) {
      proposal { added removed } acceptable conflict report { total } rejected { message } } }"""
    for change in (
        {"id": person, "remove": [{"field": "phones", "value": '密 %s&<"é机>'}]},
        {"id": '密 %s&<"é机>', "add": [{"field": "staffNumber", "value": "1"}]},
    ):
        told, none = (
            client.graphql(steward, query, c=[json.loads(json.dumps(change).replace("%s", value))])
            for value in (mark, ABSENT)
        )
        check(world, steward, told, str(change), mark)
        assert told.text.replace(mark, ABSENT) == none.text
    replaced = {"id": person, "set": [{"field": "phones", "value": "5"}]}
    answer = client.data(steward, query, c=[replaced])["propose"]
    assert answer["proposal"] == {"added": 1, "removed": 0}
    assert answer["acceptable"] is None
    assert (
        answer["report"]["total"]
        == client.data(steward, "{ findings { totalCount } }")["findings"]["totalCount"]
    )


PROPOSE = """mutation ($t: String!, $c: [ProposedNode!]!) { propose(title: $t, changes: $c) {
  proposal { number } } }"""


@pytest.fixture(scope="session")
def waiting(client: Client, world: World) -> dict[int, str]:
    """What a steward proposes about their own and about others, and what the office says of it: its numbers.

    By some of it others would come under their eyes; some of it would be a duplicate of what is hidden.
    """
    steward, office = world.visitors["steward"], world.visitors["office"]
    units = list(world.by_unit)
    own, other = world.by_unit[units[0]][0], world.by_unit[units[2]][0]
    post, held = own.replace("/Person/", "/Post/"), other.replace("/Person/", "/Held/")
    phone = next(iter(world.marks.of([other], PHONE)))
    changes: dict[str, dict[str, Any]] = {
        "own": {"id": own, "add": [{"field": "phones", "value": "55-OWN-55"}]},
        "reach": {"id": post, "add": [{"field": "appointments", "value": held}]},
        "gone": {"id": other, "delete": True},
        "twin": {"id": own, "add": [{"field": "phones", "value": f'密 {phone}&<"é机>'}]},
        "named": {"id": other, "set": [{"field": "label", "value": "示例丙", "language": "zh"}]},
        "new": {
            "id": f"{own}-new",
            "of": "Person",
            "set": [
                {"field": "label", "value": "示例丁", "language": "zh"},
                {"field": "phones", "value": "55-NEW-55"},
            ],
        },
    }
    numbers = {}
    for name, change in changes.items():
        made = client.data(steward, PROPOSE, t=f"示例 {name}", c=[change])["propose"]["proposal"]["number"]
        numbers[made] = name
        said = f'这是“密 {phone}&<"é机>”的'
        client.data(
            office,
            "mutation ($n: Int!, $t: String!) { comment(number: $n, text: $t) { acceptable } }",
            n=made,
            t=said,
        )
    return numbers


def test_a_proposal_tells_no_more_than_the_view(
    client: Client, world: World, who: Visitor, given: dict[str, str], waiting: dict[int, str]
) -> None:
    """Difference, report, comments, title: all that a proposal is told with, of every kind of proposal."""
    phone = next(iter(world.marks.of([world.by_unit[list(world.by_unit)[2]][0]], PHONE)))
    own = schema_of(client, world, who, given)
    if "proposal" not in own.query.fields:
        assert who.name == "reader"
        return
    type_ = get_named_type(own.query.fields["proposal"].type)
    selections = list(own._selections(type_, 4))
    assert any("difference" in one for one in selections)
    everything = " ".join(f"... on ProposalReview {{ {one} }}" for one in selections)
    whose = {name: number for number, name in waiting.items()}
    told: dict[str, str] = {}
    for name, number in whose.items():
        answers = [client.graphql(who, f"{{ proposal(number: {number}) {{ {everything} }} }}")]
        answers.append(client.graphql(who, "{ proposals { number title comments { by text } } }"))
        # Their own words they may read again; nobody else's may say what is hidden from them.
        asked = [phone] if name == "twin" and who.name.startswith("steward") and who.purpose else []
        for answer in answers:
            check(world, who, answer, f"proposal {name}", *asked)
        told[name] = " ".join(answer.text for answer in answers)
    if not who.name.startswith(("steward", "auditor", "office")) or who.name in (
        "steward of two",
        "steward of none",
    ):
        assert "NOT_FOUND" not in told["own"]
        assert '"difference":{' not in told["own"].replace(" ", "")
        return
    assert '"difference":{' in told["own"].replace(" ", ""), told["own"][:2000]
    knows = bool(who.sees)
    assert ("55-OWN-55" in told["own"]) is knows
    assert ("55-NEW-55" in told["new"]) is knows
    if who.name == "steward":
        assert phone not in told["reach"] + told["gone"] + told["named"]
        assert "示例丙" not in told["named"], "a name of somebody whose name they may not see"


def test_a_duplicate_of_what_is_hidden_is_as_good_as_any_other(client: Client, world: World) -> None:
    """Guessing by proposing: the answer is the same whether the guess stands somewhere or not."""
    steward = world.visitors["steward"]
    units = list(world.by_unit)
    own, other = world.by_unit[units[0]][0], world.by_unit[units[2]][0]
    query = """mutation ($c: [ProposedNode!]!) { propose(title: "示例", changes: $c) {
      acceptable conflict report { total violations findings { rule message node { id } } }
      rejected { rule } difference { appeared { rule message } gone { rule } verdicts { sentence }
      nodes { sentence fate node { id label } values { added removed } } } } }"""
    for field, predicate in (("phones", PHONE), ("emails", EMAIL)):
        mark = next(iter(world.marks.of([other], predicate)))
        told, none = (
            client.graphql(
                steward, query, c=[{"id": own, "add": [{"field": field, "value": f'密 {value}&<"é机>'}]}]
            )
            for value in (mark, ABSENT)
        )
        assert told.json()["data"]["propose"]["difference"]["nodes"]
        assert told.text.replace(mark, ABSENT) == none.text


def test_cursors_are_looked_into(world: World) -> None:
    """The check itself: what stands in a cursor is found."""
    mark = next(iter(world.marks.about))
    coded = base64.urlsafe_b64encode(json.dumps(["label", mark]).encode())
    from tests.authorisation.world import marks_in

    assert marks_in(b'{"cursor":"' + coded + b'"}') == {mark}
