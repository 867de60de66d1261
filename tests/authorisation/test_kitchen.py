"""The walk over another profile: a whole class is protected there, and one of its properties is private.

One level of links less than over the shipped profile, and without its walk of filters and orders: what is
shown here is that nothing rests on the shipped profile's names, and that a hidden node is hidden everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.errors import NotConformingError
from qualitrace.graphql.rights import shown_by
from qualitrace.registry import Registry
from qualitrace.registry.differing import difference
from qualitrace.registry.editing import FieldValue, NodeEdit, edited
from qualitrace.registry.governing import set_mode
from qualitrace.registry.past import Past
from qualitrace.registry.proposals import Actor
from qualitrace.registry.proposing import propose
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, Fact, iri, literal
from qualitrace.validation.model import Finding, Mode
from qualitrace.web import create_app
from qualitrace.web.exports import FORMS
from tests.authorisation.asking import Client, check, shown
from tests.authorisation.conftest import wide
from tests.authorisation.walking import Schema
from tests.authorisation.world import ABSENT, Marks, Visitor, World, marks_in
from tests.graphql.kitchens import BASE, FACTS, TERMS, name
from tests.history.kitchen import commit, profile, statement

COOKS = ("cook/1", "cook/2")
CARD = TERMS + "cardNumber"
WHO = ("reader", "system", "auditor without purpose", "auditor", "steward", "office")


def _marked(marks: Marks) -> tuple[list[Fact], dict[str, str]]:
    """The kitchen with a mark in the identifier, name, code and card of every cook."""
    nodes = {name(cook): f"{BASE}cook/{marks.new(cook, 'iri')}" for cook in COOKS}
    found = []
    for mark, node in zip(list(marks.about), nodes.values(), strict=True):
        marks.about[mark] = node
    for fact in FACTS:
        subject = nodes.get(fact.subject, fact.subject)
        value = iri(nodes[fact.object[1:-1]]) if fact.object[1:-1] in nodes else fact.object
        if fact.subject in nodes and fact.predicate != RDF_TYPE:
            language = "zh" if fact.predicate == RDFS_LABEL else ""
            value = literal(f"密 {marks.new(subject, fact.predicate)}", language=language)
        found.append(Fact(subject, fact.predicate, value))
    carded = {fact.subject for fact in found if fact.predicate == CARD}
    assert carded
    for node in set(nodes.values()) - carded:
        found.append(Fact(node, CARD, literal(f"卡 {marks.new(node, CARD)}")))
    assert any(fact.predicate == SKOS_NOTATION for fact in found)
    return found, nodes


def _wrong_card(registry: Registry, marks: Marks, cook: str) -> None:
    """Give a cook a card that breaks a rule, which then only warns of it."""
    card = Fact(cook, CARD, literal(f"错 {marks.new(cook, CARD)}", language="zh"))
    with pytest.raises(NotConformingError) as refusal:
        commit(registry, [statement(card)])
    refused = [one for one in refusal.value.findings if isinstance(one, Finding)]
    assert any(CARD in one.path and one.value and one.sources for one in refused)
    assert not marks_in(repr(refusal.value.findings).encode()) & marks.of({cook}, CARD)
    for rule in {one.rule for one in refused}:
        set_mode(registry, rule, Mode.WARN, reason="示例", author="示例")
    commit(registry, [statement(card)])


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place: Path = tmp_path_factory.mktemp("marked") / "k.db"
    registry, marks = Registry.create(place, profile(), base=BASE), Marks()
    facts, nodes = _marked(marks)
    commit(registry, map(statement, facts))
    _wrong_card(registry, marks, nodes[name("cook/1")])
    private = frozenset(mark for mark, predicate in marks.predicate.items() if predicate == CARD)
    edits = [NodeEdit(name("station/salad"), set=(FieldValue("label", "示例台", "zh"),))]
    propose(registry, edited(registry, edits, "示例"), "改名", Actor("示例办公室", Role.OFFICE.value))
    world = World(registry, AccessBook.open(place), marks, {"": list(nodes.values())}, frozenset(), private)
    everything, nothing = frozenset(marks.about) - private, frozenset[str]()

    def token(role: Role, units: tuple[str, ...] = ()) -> str:
        return world.book.tokens.make(f"示例 {role}", (role,), units=units, expires=None, by="示例")[1]

    auditor = token(Role.AUDITOR)
    for one in (
        Visitor("reader", token(Role.READER), "curious", nothing),
        Visitor("system", token(Role.SYSTEM), "exchange", nothing),
        Visitor("auditor without purpose", auditor, "", nothing),
        Visitor("auditor", auditor, "audit", everything),
        Visitor("steward", token(Role.STEWARD, (f"{BASE}area/elsewhere",)), "duty", nothing),
        Visitor("office", token(Role.OFFICE), "duty", everything),
    ):
        world.visitors[one.name] = one
    yield world
    world.book.close()
    registry.close()


@pytest.fixture(scope="module")
def client(kitchen: World) -> Iterator[Client]:
    made = Client(create_app(kitchen.registry, access=kitchen.book, settings=wide()))
    yield made
    made.close()


def _schema(client: Client, kitchen: World, who: Visitor) -> Schema:
    cook = kitchen.people[0]
    given = {
        "id": f'"{cook}"',
        "node": f'"{cook}"',
        "before": '"1"',
        "knownAt": '"1"',
        "number": "1",
        "fact": f'{{ subject: "{cook}" }}',
        "by": '["Cook"]',
        "question": '"none"',  # this profile asks none
        "scenario": f'{{ name: "none", nodes: ["{cook}"] }}',
        "representations": f'[{{__typename: "Cook", id: "{cook}"}}]',
    }
    text = client.app.state.parts.schemas.text(shown_by(kitchen.book.principal(who.token).rights))
    return Schema(build_schema(text, assume_valid=True), given, deep=())


@pytest.mark.parametrize("name_", WHO)
def test_every_field_of_another_profile(client: Client, kitchen: World, name_: str) -> None:
    who, seen = kitchen.visitors[name_], set[str]()
    walked = _schema(client, kitchen, who)
    asked = marks_in(kitchen.people[0].encode())  # they name it themselves
    for query in walked.operations(2):
        seen |= check(kitchen, who, client.graphql(who, query), query, *asked)
    assert len(walked.fields) > 250
    assert (seen - asked >= who.sees - asked) if who.sees else seen <= asked


@pytest.mark.parametrize("name_", WHO)
def test_every_export_of_another_profile(client: Client, kitchen: World, name_: str) -> None:
    who = kitchen.visitors[name_]
    cook = kitchen.people[0]
    asked = marks_in(kitchen.people[0].encode())
    for form in FORMS:
        check(kitchen, who, client.ask(who, "GET", f"/exports/{form}"), form)
    for path in (
        f"/id/{cook.removeprefix(BASE)}",
        f"/describe?iri={cook}",
        "/id/shift/1",
        "/.well-known/void",
    ):
        for type_ in ("text/turtle", "application/ld+json", "text/html"):
            answer: Any = client.ask(who, "GET", path, headers={"Accept": type_})
            check(kitchen, who, answer, path, *asked)
    assert shown(client.ask(who, "GET", "/exports/turtle")) == who.sees
    assert ABSENT not in kitchen.marks.about


def test_findings_quote_no_private_value(client: Client, kitchen: World) -> None:
    registry, who = kitchen.registry, kitchen.visitors["office"]
    private = {mark for mark, predicate in kitchen.marks.predicate.items() if predicate == CARD}
    everything = registry.full_report().findings
    quoted = [one for one in everything if marks_in(repr(one).encode()) & private]
    assert quoted  # else nothing is shown here
    report = registry.validate()
    assert len(report.findings) == len(everything)
    told = [one for one in report.findings if (one.rule, one.focus) in {(q.rule, q.focus) for q in quoted}]
    assert len(told) >= len(quoted)
    then = registry.at(registry.position - 1)
    assert isinstance(then, Past)
    for shown_ in (report, then.validate(), registry.try_rules(registry.profile), difference(then, registry)):
        assert not marks_in(repr(shown_).encode()) & private
    query = "{ findings(first: 100) { nodes { value message rule node { id } } } }"
    found = client.data(who, query)["findings"]
    assert any(CARD in one.path for one in report.findings)
    assert len(found["nodes"]) == len(report.findings)
    check(kitchen, who, client.ask(who, "GET", "/exports/findings.html"), "findings.html")
