"""The commands, as people run them: tables, JSON, and who is shown personal data, which is noted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qualitrace.access.book import AccessBook
from qualitrace.access.grants import read_grant, write_grants
from qualitrace.access.model import Grant, Role
from qualitrace.cli.app import app
from qualitrace.errors import QueryError
from tests.across.conftest import CODE, POINT, TWICE, Colleges, secret
from tests.neo4j_server import PASSWORD, Neo4jServer

Run = Callable[..., Any]


@pytest.fixture
def run(colleges: Colleges, neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("QUALITRACE_NEO4J_PASSWORD", PASSWORD)

    def action(*arguments: str, expect: int = 0) -> str:
        asked = ["across", *arguments, "--neo4j", neo4j.uri, "--only", colleges.across.only]
        done = CliRunner().invoke(app, asked, env={"COLUMNS": "200"})
        assert done.exit_code == expect, done.output
        return done.output

    return action


def test_each_command_tells_what_the_engine_does(run: Run, colleges: Colleges) -> None:
    across = colleges.across
    told = json.loads(run("registries", "--json"))["registries"]
    assert [one["name"] for one in told] == colleges.names
    counted = json.loads(run("coverage", "Duty", "--json"))
    total = across.coverage("Duty").total
    assert (counted["total"]["total"], counted["total"]["complete"]) == (total.total, total.complete)
    assert counted["registries"].keys() == set(colleges.names)
    assert counted["partial"] is False
    adopted = json.loads(run("adoption", POINT, "--to", "Post", "--json"))
    assert adopted["without"] == [colleges.names[2]]
    reached = [one["reached"][0]["label"]["zh"] for some in adopted["registries"].values() for one in some]
    assert reached == ["处长0", "处长1"]
    twice = json.loads(run("duplicates", "--json", expect=1))["duplicates"]
    assert [one["value"] for one in twice] == [TWICE]


def test_tables_name_every_registry(run: Run, colleges: Colleges) -> None:
    for said in (run("registries"), run("coverage", "Duty"), run("adoption", CODE)):
        assert all(name in said for name in colleges.names)
    assert TWICE in run("duplicates", expect=1)
    assert "Duty" in run("coverage", "nothing", expect=2)


def test_tables_say_of_which_registries_and_as_of_when(run: Run, colleges: Colleges) -> None:
    day = "2026-01-02"
    for asked in (("coverage", "Duty"), ("adoption", CODE), ("duplicates",)):
        said = run(*asked, "--as-of", day, expect=1 if asked == ("duplicates",) else 0)
        assert day in said
        listed = ", ".join(f"{one.name} #{one.position}" for one in colleges.across.registries())
        assert f"asked (3): {listed} · " in said
        assert min(one.at for one in colleges.across.registries()) in said
        told = json.loads(run(*asked, "--json", expect=1 if asked == ("duplicates",) else 0))["asked"]
        assert [one["name"] for one in told] == colleges.names


def test_what_is_reached_can_be_told_apart_and_what_is_not_is_said(run: Run, colleges: Colleges) -> None:
    said = run("adoption", POINT, "--to", "Post")
    assert "处长0 (post/a/1)" in said
    assert "采用 adopted (2): " + ", ".join(colleges.names[:2]) in said
    assert f"没有采用 not adopted (1): {colleges.names[2]}" in said
    assert "nothing leads there" in run("adoption", CODE, "--to", "Post")
    assert "nothing leads there" not in run("adoption", CODE)
    assert "check how it is written" in run("adoption", "no such code")
    assert "check how it is written" not in run("adoption", CODE)


def test_a_token_shows_the_people_of_its_registry_and_that_is_noted(
    run: Run, colleges: Colleges, tmp_path: Path
) -> None:
    mine = colleges.names[0]
    location = colleges.where[mine]
    book = AccessBook.open(location)
    try:
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        grant = Grant(mine, frozenset({Role.AUDITOR}))
        _, token = book.tokens.make("示例", {Role.READER}, expires=until, by="示例", grants=[grant])
        file = tmp_path / "token"
        file.write_text(token, encoding="utf-8")
        known = ("--access", location, "--token-file", str(file))
        said = run("adoption", POINT, "--to", "Person", "--json")
        assert secret(0) not in said
        assert book.reads() == []
        run("adoption", POINT, "--to", "Person", *known, expect=2)  # for no purpose
        assert book.reads() == []
        said = run("adoption", POINT, "--to", "Person", "--json", *known, "--purpose", "核查")
        assert secret(0) in said
        assert secret(1) not in said
        read = book.reads()[0].read
        assert len(book.reads()) == 1
        assert (read.who, read.purpose, read.route) == ("示例", "核查", f"across adoption {mine}")
        assert colleges.homes[mine].base + "person/1" in read.nodes
        file.write_text("nobody's", encoding="utf-8")
        run("adoption", POINT, *known, "--purpose", "核查", expect=2)
    finally:
        book.close()


def test_grants_are_read_as_they_are_written() -> None:
    unit = "https://college.example/id/unit/a=b@c"
    for text in ("c01=auditor", f"c01=steward@{unit}"):
        assert write_grants(read_grant(text)) == [text]
    for text in ("c01", "=auditor", "c01=nobody", "c01=steward", f"c01=auditor@{unit}", "c01=steward@a", "*"):
        with pytest.raises(QueryError):
            read_grant(text)
