"""``qualitrace token`` and ``qualitrace reads``."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
from contextlib import closing
from pathlib import Path

import pytest

from qualitrace.access.book import AccessBook
from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Role
from qualitrace.access.tokens import DAYS, well_formed
from qualitrace.errors import UnknownCallerError
from qualitrace.journal import Journal
from qualitrace.registry import Registry
from tests.cli.conftest import Program
from tests.graphql.kitchens import BASE, FACTS, KITCHEN
from tests.history.kitchen import commit, profile, statement


@pytest.fixture
def made(program: Program, registry_file: Path) -> Program:
    Journal.create(
        registry_file, {"profile": "https://example.org/p", "base": "https://college.example/id/"}
    ).close()
    return program


def as_json(program: Program, *arguments: object) -> dict[str, object]:
    result = program(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_a_token_is_shown_once_and_works(made: Program, registry_file: Path) -> None:
    result = made("token", "make", "--name", "示例系统", "--role", "system")
    secret = result.stdout.splitlines()[0].strip()
    assert well_formed(secret)
    book = AccessBook.open(registry_file)
    found = book.principal(secret)
    assert (found.name, found.roles) == ("示例系统", {Role.SYSTEM})
    listed = made("token", "list")
    assert found.token in listed.stdout and "示例系统" in listed.stdout
    assert secret not in listed.stdout and secret not in made("token", "list", "--json").stdout
    assert stat.S_IMODE(Path(f"{registry_file}.access").stat().st_mode) == 0o600


def test_a_revoked_token_is_listed_only_when_asked_for(made: Program, registry_file: Path) -> None:
    token = as_json(made, "token", "make", "--name", "a", "--role", "reader")
    assert made("token", "revoke", token["id"], "--author", "示例").exit_code == 0
    with pytest.raises(UnknownCallerError):
        AccessBook.open(registry_file).principal(str(token["token"]))
    assert as_json(made, "token", "list") == []
    (listed,) = as_json(made, "token", "list", "--all")
    assert listed["state"] == "revoked" and listed["revokedBy"] == "示例"  # type: ignore[index]
    assert made("token", "revoke", "nothing").exit_code == 2


def test_a_token_lasts_a_year_unless_said_otherwise(made: Program) -> None:
    def expires(*options: object) -> dt.datetime | None:
        token = as_json(made, "token", "make", "--name", "a", "--role", "reader", *options)
        return dt.datetime.fromisoformat(str(token["expires"])) if token["expires"] else None

    now = dt.datetime.now(dt.UTC)
    day = now.date() + dt.timedelta(days=40)
    slack = dt.timedelta(minutes=5)
    year, week = expires(), expires("--days", 7)
    assert year is not None and abs(year - now - dt.timedelta(days=DAYS)) < slack
    assert week is not None and abs(week - now - dt.timedelta(days=7)) < slack
    assert expires("--expires", day) == dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    assert expires("--never-expires") is None


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "reader", "--days", 3, "--never-expires"),
        ("--role", "reader", "--expires", "2020-01-01"),
        ("--role", "reader", "--expires", "tomorrow"),
        ("--role", "reader", "--days", 99_999_999),
        ("--role", "king"),
        ("--role", "steward"),
        ("--role", "reader", "--unit", "示例处"),
        (),
    ],
)
def test_what_makes_no_sense_makes_no_token(made: Program, options: tuple[object, ...]) -> None:
    assert made("token", "make", "--name", "a", *options).exit_code == 2
    assert as_json(made, "token", "list", "--all") == []


def test_a_stewards_units_are_found_by_name(program: Program, registry_file: Path) -> None:
    with closing(Registry.create(registry_file, profile())) as registry:
        commit(registry, [statement(fact) for fact in FACTS if fact.subject == BASE + "area/cold"])
    steward = ("token", "make", "--name", "a", "--role", "steward", "--profile", KITCHEN, "--unit")
    for name in ("冷菜间", "area/cold", BASE + "area/cold"):
        assert as_json(program, *steward, name)["units"] == [BASE + "area/cold"]
    assert program(*steward, "没有的间").exit_code == 2
    assert len(as_json(program, "token", "list")) == 3


def test_without_a_registry_there_are_no_tokens(program: Program, registry_file: Path) -> None:
    for command in (("token", "list"), ("token", "make", "--name", "a", "--role", "reader"), ("reads",)):
        result = program(*command)
        assert result.exit_code == 2 and "qualitrace init" in result.stderr
    assert list(registry_file.parent.iterdir()) == []


# ------------------------------------------------------------------ reads


@pytest.fixture
def noted(made: Program, registry_file: Path) -> Program:
    book = AccessBook.open(registry_file)
    for day in range(1, 6):
        at = dt.datetime(2025, 3, day, 12, tzinfo=dt.UTC)
        who = "甲（示例）" if day % 2 else "乙（示例）"
        nodes = tuple(f"https://college.example/id/person/{number}" for number in range(day))
        book.note(PersonalRead(at, who, f"t{day}", f"核对 [{day}]", "/graphql", nodes, day, "10.0.0.1"))
    book.close()
    return made


def purposes(program: Program, *options: object) -> list[str]:
    return [re.sub(r"\D", "", one["purpose"]) for one in as_json(program, "reads", *options)]  # type: ignore[index]


def test_reads_are_asked_by_who_node_and_time(noted: Program) -> None:
    assert purposes(noted) == ["5", "4", "3", "2", "1"]
    assert purposes(noted, "--who", "乙（示例）") == ["4", "2"]
    assert purposes(noted, "--node", "https://college.example/id/person/3") == ["5", "4"]
    assert purposes(noted, "--node", "person/3") == ["5", "4"]
    assert purposes(noted, "--since", "2025-03-04") == ["5", "4"]
    assert purposes(noted, "--until", "2025-03-02") == ["2", "1"]
    assert purposes(noted, "--until", "2025-03-02T11:59:59Z") == ["1"]
    assert purposes(noted, "--since", "2025-03-02T20:00:00+08:00", "--until", "2025-03-03") == ["3", "2"]
    assert purposes(noted, "--limit", "2") == ["5", "4"]
    assert noted("reads", "--since", "soon").exit_code == 2


def test_reads_are_shown_as_a_table(noted: Program) -> None:
    shown = noted("reads", "--who", "甲（示例）").stdout
    assert "核对 [3]" in shown and "乙" not in shown and "10.0.0.1" not in shown


def test_forgetting_is_told_and_logged(noted: Program) -> None:
    told = as_json(noted, "reads", "--forget-before", "2025-03-03", "--author", "示例")
    assert told["forgotten"] == 2
    left = as_json(noted, "reads")
    assert [one["kind"] for one in left] == ["forgotten", "read", "read", "read"]  # type: ignore[index]
    assert left[0]["who"] == "示例" and left[0]["count"] == 2  # type: ignore[index]
    assert "older notes deleted" in noted("reads").stdout
