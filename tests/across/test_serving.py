"""``across serve`` as anybody starts it, without a registry; where its tokens and notes are kept."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.cli.app import app as program
from qualitrace.errors import RegistryError, SettingsError, UnavailableError
from qualitrace.web.opening import Work, opened
from qualitrace.web.settings_reading import read_settings
from tests.across.conftest import POINT, Colleges, secret
from tests.neo4j_server import PASSWORD, Neo4jServer
from tests.ports import free_port
from tests.web.processes import ROOT

WITHIN = 240  # seconds; a busy machine takes long


def made(location: str, *arguments: str, expect: int = 0) -> str:
    """Make a token as people do; returns what was printed."""
    asked = [
        "token",
        "make",
        "--registry",
        location,
        "--name",
        "示例",
        "--role",
        "reader",
        "--json",
        *arguments,
    ]
    done = CliRunner().invoke(program, asked)
    assert done.exit_code == expect, done.output
    return done.output


def test_it_is_started_by_its_command(colleges: Colleges, neo4j: Neo4jServer, tmp_path: Path) -> None:
    location, name = str(tmp_path / "office.db"), colleges.names[0]
    token = json.loads(made(location, "--across", "--grant", f"{name}=auditor"))["token"]
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    port = free_port()
    environ = {key: text for key, text in os.environ.items() if not key.startswith("QUALITRACE_")}
    environ |= {"PYTHONPATH": str(ROOT / "src"), "QUALITRACE_LIMITS_SECONDS": "600"}
    environ |= {"QUALITRACE_NEO4J_SECONDS": "600", "QUALITRACE_NEO4J_PATIENCE": "60"}
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "qualitrace.cli", "across", "serve", "--neo4j", neo4j.uri,
                "--password-file", str(tmp_path / "password"), "--registry", location, "--port", str(port),
                "--only", colleges.across.only,
            ],
            env=environ, stdout=subprocess.DEVNULL, stderr=written,
        )  # fmt: skip
    try:
        until = time.monotonic() + WITHIN
        while True:
            assert process.poll() is None and time.monotonic() < until, log.read_text("utf-8")
            try:
                status, _ = ask(port, "GET", "/readyz")
            except OSError:
                time.sleep(0.1)
                continue
            assert status == 200
            break
        query = 'query Q($of: String!) { adoption(of: $of, to: "Person") { registries { registry nodes { '
        query += "reached { label } } } without partial left { registry why } } }"
        body = json.dumps({"query": query, "variables": {"of": POINT}})
        assert ask(port, "POST", "/graphql", body)[0] == 401
        status, said = ask(port, "POST", "/graphql", body, token)
        found = json.loads(said)["data"]["adoption"]
        assert (found["without"], found["left"], found["partial"]) == (colleges.names[2:], [], False)
        assert [one["registry"] for one in found["registries"]] == colleges.names[:2]
        assert secret(0) in said and secret(1) not in said
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(WITHIN)
    assert code == 0, log.read_text("utf-8")
    assert not Path(location).exists()
    book = AccessBook.open(location)
    try:
        assert [one.read.route for one in book.reads()] == [f"graphql Q adoption {name}"]
    finally:
        book.close()


def ask(port: int, method: str, path: str, body: str = "", token: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)
    try:
        known = {"Authorization": f"Bearer {token}", "Qualitrace-Purpose": "review"} if token else {}
        connection.request(method, path, body or None, {"Content-Type": "application/json", **known})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_without_anybody_who_may_ask_it_does_not_start(tmp_path: Path) -> None:
    environ = {
        "QUALITRACE_ACROSS_ANSWERS": "true",
        "QUALITRACE_NEO4J_URI": "bolt://127.0.0.1:1",
        "QUALITRACE_REGISTRY": str(tmp_path / "office.db"),
    }
    work = Work.of(read_settings(None, environ, {}).settings)
    with pytest.raises(UnavailableError) as refused, opened(work):
        pytest.fail("it answers anybody")
    assert all("token make --across" in text for text in refused.value.hint.values())


def test_it_needs_the_address_of_neo4j_and_answers_for_many_only() -> None:
    for given in ({"QUALITRACE_ACROSS_ANSWERS": "true"}, {"QUALITRACE_NEO4J_ANSWERS": "true"}):
        with pytest.raises(SettingsError) as refused:
            read_settings(None, given, {})
        assert "neo4j.uri" in str(refused.value)
    both = {
        "QUALITRACE_ACROSS_ANSWERS": "true",
        "QUALITRACE_NEO4J_ANSWERS": "true",
        "QUALITRACE_NEO4J_URI": "neo4j://graph.example:7687",
    }
    with pytest.raises(SettingsError) as refused:
        read_settings(None, both, {})
    assert "across.answers" in str(refused.value)
    del both["QUALITRACE_NEO4J_ANSWERS"]
    assert read_settings(None, both, {}).settings.across.answers


def test_tokens_can_be_kept_where_there_is_no_registry(tmp_path: Path) -> None:
    location = str(tmp_path / "office.db")
    assert "登记库" in made(location, expect=2)  # a wrong path makes none
    assert list(tmp_path.iterdir()) == []
    made(location, "--across", "--grant", "c01=auditor")
    assert (tmp_path / "office.db.access").stat().st_mode & 0o077 == 0
    made(location, "--grant", "c02=auditor")  # it is there now
    listed = CliRunner().invoke(program, ["token", "list", "--registry", location, "--json"])
    assert {one["grants"][0] for one in json.loads(listed.output)} == {"c01=auditor", "c02=auditor"}


def test_notes_can_be_kept_without_a_registry_in_either_database(location: str) -> None:
    with pytest.raises(RegistryError):
        AccessBook.open(location)
    book = AccessBook.open(location, alone=True)
    secret_ = book.tokens.make("示例", {Role.READER}, expires=None, by="示例")[1]
    book.close()
    again = AccessBook.open(location)
    try:
        assert again.principal(secret_).name == "示例"
    finally:
        again.close()
