"""Every reading command and root field asks in both times, or the reason why it does not stands here."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import graphql
import pytest
import strawberry
import typer

from qualitrace.cli.app import app
from qualitrace.graphql import build_schema
from qualitrace.profile import Profile
from qualitrace.registry import Registry
from qualitrace.registry.blaming import blame
from qualitrace.registry.confirming import suspects
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, Fact, literal
from tests.graphql.asking import ask
from tests.history.conftest import STAFF, UNITS, Program, write
from tests.history.kitchen import commit, statement

CHANGES = "it changes something; what it reads is the present"
RUNS = "it runs or keeps the program, and answers no question about the registry"
FILE = "it reads a file that says of which times it is"
RECORDED = "it is about recorded time itself: whoever changed something did so in a moment"
LOG = "a log beside the journal, with times of its own (--since, --until)"
WHOLE = "it is about the whole journal, whatever its facts say"

PROFILE = "it is about the profile, beside some nodes of the registry as they are"


PRESENT = "a change is tried out on what is known now"
MANY = "Neo4j holds the present of each registry, and no two of them have one history"
PUBLISHED = "it brings another database to what is known now; that is asked on dates of its own"


def neither(names: str, why: str) -> dict[str, dict[str, str]]:
    return {name: {"--as-of": why, "--known-at": why} for name in names.split()}


# command → option → why it has none
COMMANDS: dict[str, dict[str, str]] = {
    **neither("init load except rule propose comment approve reject confirm", CHANGES),
    **neither("token.make token.revoke", CHANGES),
    **neither("webhook.add webhook.remove webhook.resume webhook.test webhook.rotate", CHANGES),
    **neither("serve across.serve demo settings key.new token.list webhook.list", RUNS),
    **neither("verify backup restore compact journal.export journal.import", WHOLE),
    **neither("evidence.verify", FILE),
    **neither("reads", LOG),
    **neither("sync.neo4j", PUBLISHED),
    **neither("reason", PROFILE),
    **neither("across.registries", "it says where each registry in Neo4j stands"),
    **{f"across.{name}": {"--known-at": MANY} for name in ("coverage", "adoption", "duplicates")},
    "what-if": {"--known-at": PRESENT},
    "history": {"--as-of": RECORDED},
    "changes": {"--as-of": RECORDED},
    "proposals": {"--as-of": RECORDED},
    "proposal.show": {"--as-of": RECORDED},
    "diff": {"--known-at": "both moments are its arguments"},
}
FIELDS: dict[str, dict[str, str]] = {
    "node": {
        "asOf": "Relay refetches by an identifier alone; nodeAt takes both",
        "knownAt": "Relay refetches by an identifier alone; nodeAt takes both",
    },
    "changes": {"asOf": RECORDED},
    "proposals": {"asOf": RECORDED},
    "proposal": {"asOf": RECORDED},
    "diff": {"knownAt": "both moments are its arguments"},
    "reads": {"asOf": LOG, "knownAt": LOG},
    "whatIf": {"knownAt": PRESENT},
    "scenarios": {"asOf": PROFILE, "knownAt": PROFILE},
    "networkQuestions": {"asOf": PROFILE, "knownAt": PROFILE},
    "_service": {"asOf": "the schema itself", "knownAt": "the schema itself"},
    "_entities": {
        "asOf": "a gateway refetches by keys alone",
        "knownAt": "a gateway refetches by keys alone",
    },
}


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for key, one in below.items():
        yield from commands(one, f"{name}.{key}".strip("."))


def test_every_command_asks_in_both_times_or_says_why_not() -> None:
    walked = dict(commands(typer.main.get_command(app)))
    lacking = {
        name: {"--as-of", "--known-at"} - {opt for param in one.params for opt in param.opts}
        for name, one in walked.items()
        if not name.startswith("bench.")  # they measure registries of their own
    }
    assert {name: set(COMMANDS.get(name, ())) for name in lacking} == lacking
    assert {"trace", "coverage", "validate", "export", "blame", "suspect", "exceptions", "rules"} <= {
        name for name, missing in lacking.items() if not missing
    }


def test_every_root_field_asks_in_both_times_or_says_why_not(college: Profile, tmp_path: Path) -> None:
    registry = Registry.create(tmp_path / "r.db", college)
    schema = graphql.build_schema(build_schema(registry).as_str())
    registry.close()
    assert schema.query_type is not None
    lacking = {
        name: {"asOf", "knownAt"} - field.args.keys() for name, field in schema.query_type.fields.items()
    }
    assert {name: set(FIELDS.get(name, ())) for name in lacking} == lacking
    assert len([name for name, missing in lacking.items() if not missing]) > 50


@pytest.fixture
def staffed(program: Program, tmp_path: Path, registry_file: Path, college: Profile) -> Iterator[Registry]:
    """One person left at the end of 2023, another came with 2024."""
    units = write(tmp_path / "units.csv", UNITS, "示例处,职能部门,资源建设,处长")
    staff = write(
        tmp_path / "staff.csv",
        STAFF,
        "S1,示例甲,示例处,综合科,处长,,2020-01-01,2023-12-31",
        "S2,示例乙,示例处,综合科,处长,,2024-01-01,",
    )
    assert program("load", units, staff).exit_code == 0
    registry = Registry.open(registry_file, college)
    yield registry
    registry.close()


def test_what_exists_on_a_date_is_all_there_is(staffed: Registry) -> None:
    everything = set(staffed.engine.facts(STATED)) | set(staffed.engine.facts(INFERRED))
    for text in ("2019-06-01", "2023-06-01", "2024-06-01"):
        day = dt.date.fromisoformat(text)
        state = staffed.on(day)
        gone = ended(staffed, day)
        assert gone
        expected = {f for f in everything if f.subject not in gone and f.object[1:-1] not in gone}
        assert set(state.engine.facts(STATED)) | set(state.engine.facts(INFERRED)) == expected
        assert state.position == staffed.position
        assert state is staffed.on(day)  # kept
        post = next(f.subject for f in everything if f.object.endswith("Post>") and f.predicate == RDF_TYPE)
        assert state.trace(post, "Person").paths == staffed.trace(post, "Person", as_of=day).paths
        assert {one.entry.fact for one in blame(state, post)} <= expected
        assert suspects(state) == []
        assert state.validate(day).rules


def ended(registry: Registry, day: dt.date) -> set[str]:
    """The appointments that do not exist on a day, by their dates."""
    expand, gone = registry.profile.expand, set[str]()
    for name, outside in (("qa:startDate", day.__lt__), ("qa:endDate", day.__gt__)):
        for fact in registry.engine.facts(predicate=expand(name)):
            if outside(dt.date.fromisoformat(fact.object.split('"')[1])):
                gone.add(fact.subject)
    return gone


def test_lists_and_what_is_below_them_are_of_the_date(staffed: Registry) -> None:
    schema = build_schema(staffed)
    both, _ = held_ids(schema, None)
    assert len(both) == 2
    for on, who in (("2019-06-01", set()), ("2023-06-01", {"S1"}), ("2024-06-01", {"S2"})):
        listed, below = held_ids(schema, on)
        assert {one.split("/")[-2] for one in listed} == who
        assert below == listed


def held_ids(schema: strawberry.Schema, on: str | None) -> tuple[set[str], set[str]]:
    question = """query($on: Date) {
      appointments(asOf: $on, first: 9) { totalCount nodes { id } }
      posts(asOf: $on, first: 9) { nodes { appointments { id } } }
    }"""
    found: Any = ask(schema, question, {"on": on})
    listed = {one["id"] for one in found["appointments"]["nodes"]}
    assert found["appointments"]["totalCount"] == len(listed)
    return listed, {one["id"] for post in found["posts"]["nodes"] for one in post["appointments"]}


def test_commands_answer_for_a_date(program: Program, staffed: Registry, tmp_path: Path) -> None:
    for form in ("turtle", "jsonld"):
        sizes = []
        for on in ((), ("--as-of", "2023-06-01")):
            assert program("export", form, "--output", tmp_path / "out", *on).exit_code == 0
            text = (tmp_path / "out").read_text(encoding="utf-8")
            sizes.append(("S1" in text, "/S2/2024-01-01" in text))
        assert sizes == [(True, True), (True, False)]
    said = json.loads(program("blame", "处长", "--as-of", "2023-06-01", "--json").stdout)
    everyone = json.loads(program("blame", "处长", "--json").stdout)
    assert 0 < len(said) < len(everyone)
    for command in (("validate",), ("rules",), ("exceptions",), ("suspect",)):
        result = program(*command, "--as-of", "2023-06-01", "--known-at", "1", "--json")
        assert result.exit_code in (0, 1), result.stderr
        json.loads(result.stdout)
    assert program("validate", "--as-of", "last year").exit_code == 2


def test_a_proposal_is_what_it_was_in_a_moment(program: Program, staffed: Registry) -> None:
    note = Fact(staffed.base + "unit/示例处", staffed.profile.expand("qt:alias"), literal("处"))
    assert program("propose", "--remove", "person/S1", "--title", "删", "--author", "甲").exit_code == 0
    commit(staffed, [statement(note)])
    assert program("comment", "1", "为什么", "--author", "乙", "--role", "auditor").exit_code == 0
    rejected = program("reject", "1", "--author", "乙", "--role", "auditor", "--reason", "在职时的记录要留下")
    assert rejected.exit_code == 0, rejected.stderr

    def shown(*moment: str) -> Any:
        return json.loads(program("proposals", *moment, "--json").stdout)

    assert [(one["state"], len(one["comments"])) for one in shown()] == [("rejected", 1)]
    assert [(one["state"], len(one["comments"])) for one in shown("--known-at", "1")] == [("open", 0)]
    assert shown("--known-at", "0") == [] == shown("--known-at", "2001-01-01")
    assert shown("--known-at", "2999-01-01") == shown()
    then = json.loads(program("proposal", "show", "1", "--known-at", "1", "--json").stdout)
    assert (then["state"], then["difference"]) == ("open", None)
    assert program("proposal", "show", "1", "--known-at", "0").exit_code == 2
    field = '{ now: proposals { state } then: proposals(knownAt: "1") { state } }'
    assert ask(build_schema(staffed), field) == {"now": [{"state": "REJECTED"}], "then": [{"state": "OPEN"}]}
