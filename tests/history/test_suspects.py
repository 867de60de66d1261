"""Links go stale when what they were made against changes, until somebody confirms them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.errors import QueryError
from qualitrace.graphql import build_schema
from qualitrace.journal import SourcedFact
from qualitrace.profile import Profile
from qualitrace.registry import Registry
from qualitrace.registry.confirming import confirm, suspects
from qualitrace.registry.past import Past
from qualitrace.registry.proposals import Actor
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from tests.graphql.asking import ask
from tests.history.conftest import Program
from tests.history.kitchen import commit, copied, statement

DAY = dt.date(2025, 3, 1)
PERSON = Actor("示例乙", "office")


class Story:
    """One duty of a unit, its work, a post, and the standard of the work, as the shipped profile has them."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        expand, base = registry.profile.expand, registry.base
        self.duty, self.work, self.post, self.standard, self.unit = (
            base + name
            for name in (
                "duty/示例处/D1",
                "work/示例处/W1",
                "post/示例处/处长",
                "standard/示例处/S1",
                "unit/示例处",
            )
        )
        self.kinds = dict(
            zip(
                (self.duty, self.work, self.post, self.standard, self.unit),
                ("Duty", "WorkItem", "Post", "WorkStandard", "Department"),
                strict=True,
            )
        )
        self.links = {
            "dutyOf": Fact(self.duty, expand("qa:dutyOf"), iri(self.unit)),
            "realisedBy": Fact(self.duty, expand("qa:realisedBy"), iri(self.work)),
            "assignedTo": Fact(self.work, expand("qa:assignedTo"), iri(self.post)),
            "postOf": Fact(self.post, expand("qa:postOf"), iri(self.unit)),
            "appliesTo": Fact(self.standard, expand("qa:appliesTo"), iri(self.work)),
        }

    def begin(self) -> None:
        """State all of it."""
        expand = self.registry.profile.expand
        facts = [Fact(node, RDF_TYPE, iri(expand("qa:" + kind))) for node, kind in self.kinds.items()]
        facts += [self.label(node, f"名称 {kind}") for node, kind in self.kinds.items()]
        commit(self.registry, [self.said(fact) for fact in (*facts, *self.links.values())])

    def label(self, node: str, text: str) -> Fact:
        return Fact(node, RDFS_LABEL, literal(text))

    def said(self, fact: Fact) -> SourcedFact:
        return statement(fact)

    def rename(self, node: str, before: str, after: str, author: str = "示例甲") -> None:
        commit(
            self.registry,
            [self.said(self.label(node, after))],
            [self.said(self.label(node, before))],
            author=author,
        )

    def suspect(self, state: Registry | Past | None = None) -> set[str]:
        names = {fact: name for name, fact in self.links.items()}
        return {names[one.suspect.link] for one in suspects(state or self.registry)}


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, college: Profile) -> Path:
    path = tmp_path_factory.mktemp("story") / "r.db"
    registry = Registry.create(path, college)
    Story(registry).begin()
    registry.close()
    return path


@pytest.fixture
def story(begun: Path, tmp_path: Path, college: Profile) -> Iterator[Story]:
    registry = Registry.open(copied(begun, tmp_path / "registry.db"), college)
    yield Story(registry)
    registry.close()


def test_links_of_a_changed_text_are_suspect_until_confirmed(story: Story) -> None:
    assert story.suspect() == set()
    story.rename(story.standard, "名称 WorkStandard", "新的标准", author="示例丙")
    assert story.suspect() == {"appliesTo"}
    (one,) = suspects(story.registry)
    assert one.suspect.changed.author == "示例丙"
    for text in ("名称 WorkStandard", "新的标准", "示例丙", "名称 WorkItem"):
        assert text in one.sentence["zh"]
    confirmed = confirm(story.registry, [one.suspect.id[:6]], PERSON, "核对过")
    assert [c.suspect.link for c in confirmed] == [story.links["appliesTo"]]
    assert story.suspect() == set()
    story.rename(story.standard, "新的标准", "更新的标准")
    assert story.suspect() == {"appliesTo"}
    (event,) = story.registry.journal.events(kind="confirmed")
    assert (event.author, json.loads(event.body)["reason"]) == ("示例乙", "核对过")


def test_only_watched_values_of_declared_classes_count(story: Story) -> None:
    """A post may be renamed; what is only inherited is nobody's statement about the text."""
    story.rename(story.post, "名称 Post", "主任")
    story.rename(story.work, "名称 WorkItem", "别的工作")
    assert story.suspect() == set()
    story.rename(story.duty, "名称 Duty", "别的职责")
    assert story.suspect() == {"realisedBy"}


def test_a_text_that_comes_back_makes_nothing_suspect(story: Story) -> None:
    story.rename(story.duty, "名称 Duty", "别的职责")
    story.rename(story.duty, "别的职责", "名称 Duty")
    assert story.suspect() == set()


def test_a_link_stated_anew_is_made_against_the_new_text(story: Story) -> None:
    story.rename(story.duty, "名称 Duty", "别的职责")
    assert story.suspect() == {"realisedBy"}
    commit(story.registry, [statement(story.links["realisedBy"], "c.csv")])
    assert story.suspect() == set()


def test_the_past_is_not_suspect_of_what_came_later(story: Story) -> None:
    story.rename(story.duty, "名称 Duty", "别的职责")
    story.rename(story.standard, "名称 WorkStandard", "新的标准")
    assert story.suspect() == {"realisedBy", "appliesTo"}
    assert story.suspect(story.registry.at(1)) == set()
    assert story.suspect(story.registry.at(2)) == {"realisedBy"}


def steps(state: Registry | Past, story: Story) -> dict[str, bool]:
    trace = state.trace(story.duty, "Post", as_of=DAY)
    return {step.property: step.suspect for path in trace.paths for step in path.steps}


def test_a_trace_says_which_steps_are_suspect(story: Story) -> None:
    realised, assigned = (story.links[name].predicate for name in ("realisedBy", "assignedTo"))
    before = steps(story.registry, story)
    assert {before[realised], before[assigned]} == {False}
    story.rename(story.duty, "名称 Duty", "别的职责")
    now = steps(story.registry, story)
    assert now[realised]
    assert not now[assigned]
    assert not steps(story.registry.at(1), story)[realised]
    confirm(story.registry, [story.duty], PERSON)
    assert not steps(story.registry, story)[realised]


def test_what_is_not_suspect_cannot_be_confirmed(story: Story) -> None:
    story.rename(story.duty, "名称 Duty", "别的职责")
    for name in ("nothing", "ab", "W9"):
        with pytest.raises(QueryError):
            confirm(story.registry, [name], PERSON)
    with pytest.raises(QueryError):
        confirm(story.registry, [story.duty], Actor(" "))
    assert story.suspect() == {"realisedBy"}


def test_suspects_in_the_api_and_on_the_command_line(story: Story, program: Program) -> None:
    story.rename(story.duty, "名称 Duty", "别的职责")
    schema = build_schema(story.registry)
    answer = ask(
        schema,
        """{
          suspects {
            id before now node { label } other { label } changed { position } unit { label } sentence
          }
          then: suspects(knownAt: 1) { id }
          trace(node: "duty/示例处/D1", to: Post, asOf: "2025-03-01") {
            paths { steps { property { iri } suspect } }
          }
        }""",
    )
    (one,) = answer["suspects"]
    assert (one["before"], one["now"]) == (["名称 Duty"], ["别的职责"])
    assert one["other"]["label"] == "名称 WorkItem"
    assert answer["then"] == []
    shown = {s["property"]["iri"]: s["suspect"] for path in answer["trace"]["paths"] for s in path["steps"]}
    assert shown == steps(story.registry, story)
    listed = program("suspect", "--json")
    assert [entry["id"] for entry in json.loads(listed.stdout)] == [one["id"]]
    assert "别的职责" in program("suspect").stdout
    assert "存疑" in program("trace", story.duty, "--to", "Post", "--as-of", "2025-03-01").stdout
    assert program("confirm", one["id"], "--author", "示例乙").exit_code == 0
    assert json.loads(program("suspect", "--json").stdout) == []
    assert program("confirm", one["id"], "--author", "示例乙").exit_code == 2
    story.rename(story.duty, "别的职责", "第三种职责")
    done = ask(schema, 'mutation { confirm(links: ["duty/示例处/D1"], by: "示例丙") { id } }')
    assert [entry["id"] for entry in done["confirm"]] == [one["id"]]
    assert ask(schema, "{ suspects { id } }")["suspects"] == []
