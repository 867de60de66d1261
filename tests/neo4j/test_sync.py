"""The command, and what it says when Neo4j cannot be used."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from qualitrace.cli.app import app
from qualitrace.cli.neo4j_options import PASSWORD as VARIABLE
from qualitrace.cli.syncing import _follow, _publication, _turn
from qualitrace.errors import UnavailableError
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Account, Naming, Neo4jEngine, Server
from tests.history.kitchen import POOL, commit, profile
from tests.neo4j.test_publishing import equal
from tests.neo4j_server import PASSWORD, Neo4jServer, free_port

Sync = Callable[..., Result]


@pytest.fixture
def sync(registry: Registry, neo4j_registry: str, monkeypatch: pytest.MonkeyPatch) -> Sync:
    """Run the command; whatever it says, the password is not in it."""
    monkeypatch.setenv("QUALITRACE_REGISTRY", registry.journal.where)
    monkeypatch.setenv("QUALITRACE_PROFILE", str(profile().directory))
    monkeypatch.setenv(VARIABLE, PASSWORD)
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments: object) -> Result:
        done = CliRunner().invoke(app, ["sync", "neo4j", "--name", neo4j_registry, *map(str, arguments)])
        assert PASSWORD not in done.output
        return done

    return run


def test_it_says_what_it_did(
    sync: Sync, registry: Registry, engine: Neo4jEngine, neo4j: Neo4jServer, tmp_path: Path
) -> None:
    commit(registry, POOL)
    first = sync("--to", neo4j.uri, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    mark = engine.at
    assert (told["position"], told["stated"], told["whole"]) == (1, mark.stated, True)
    assert told["added"] == mark.stated + mark.inferred
    assert "已是最新" in sync("--to", neo4j.uri).output
    equal(registry, engine)
    checked = sync("--to", neo4j.uri, "--check", "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["equal"]) == (0, True)
    engine.server.run("MATCH (n {registry: $name}) SET n.label = 'x'", name=engine.registry)
    assert sync("--to", neo4j.uri, "--check").exit_code == 1
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    assert sync("--to", neo4j.uri, "--rebuild", "--password-file", secret).exit_code == 0
    equal(registry, engine)


def test_following_publishes_news_and_waits_while_neo4j_is_away(
    registry: Registry, engine: Neo4jEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Registry.open(registry.journal.where, profile())
    work = _publication(registry, engine, rebuild=False, seconds=60, as_json=False)
    try:
        commit(writer, POOL)
        assert _turn(registry, work, 1.0) == 1.0
        assert engine.position == 1
        equal(registry, engine)
        written = engine.writes
        assert _turn(registry, work, 1.0) == 1.0
        assert engine.writes == written  # nothing was new
        with monkeypatch.context() as patched:
            patched.setattr(engine, "put", gone)
            commit(writer, (), POOL)
            assert _turn(registry, work, 1.0) == 2.0
            assert _turn(registry, work, 20.0) == 30.0
            assert engine.position == 1
        assert _turn(registry, work, 30.0) == 1.0
        assert engine.position == 2
        equal(registry, engine)
    finally:
        writer.close()


@pytest.mark.parametrize("rebuild", [False, True])
def test_following_waits_for_a_neo4j_that_is_away_at_its_start(
    registry: Registry,
    engine: Neo4jEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rebuild: bool,
) -> None:
    commit(registry, POOL)
    publish(registry, engine)
    before, there, pauses = engine.at, engine.server, list[float]()

    def until_it_is_there(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            monkeypatch.setattr(engine, "server", there)
        elif len(pauses) > 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("qualitrace.cli.syncing.time", SimpleNamespace(sleep=until_it_is_there))
    with Server(Account(f"bolt://127.0.0.1:{free_port()}", password=PASSWORD, patience=0.01)) as away:
        monkeypatch.setattr(engine, "server", away)
        commit(registry, (), POOL)
        work = _publication(registry, engine, rebuild=rebuild, seconds=60, as_json=True)
        assert _follow(registry, work, as_json=True) == 0
    assert pauses == [2.0, 4.0, 8.0, 1.0]
    said, error = capsys.readouterr()
    told = json.loads(said)
    assert (told["from"], told["position"], told["whole"]) == (before.position, registry.position, rebuild)
    assert error.count("trying again in") == 3
    equal(registry, engine)


@pytest.mark.parametrize("when", ["publishing", "waiting"])
def test_following_that_is_ended_too_early_says_so(
    registry: Registry,
    engine: Neo4jEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    when: str,
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    commit(registry, POOL)
    work = _publication(registry, engine, rebuild=False, seconds=60, as_json=True)
    with monkeypatch.context() as patched:
        patched.setattr("qualitrace.cli.syncing.time", SimpleNamespace(sleep=ended))
        patched.setattr(engine, "put", ended if when == "publishing" else gone)
        assert _follow(registry, work, as_json=True) == 2
    assert "not all of it was published" in capsys.readouterr().err
    assert engine.position == 0
    work()
    equal(registry, engine)


def gone(*_: object, **__: object) -> None:
    raise UnavailableError(profile().titles)


@contextmanager
def web_page() -> Iterator[str]:
    """Something that answers, and is no Neo4j."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"bolt://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_cannot_be_used_is_told(
    sync: Sync, neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cases = {
        "no such database": sync("--to", neo4j.uri, "--database", "elsewhere"),
        "keeps for itself": sync("--to", neo4j.uri, "--database", "System"),
        "process list": sync("--to", f"bolt://neo4j:{'x' * 8}@127.0.0.1:{neo4j.port}"),
        "not the address": sync("--to", f"http://127.0.0.1:{neo4j.port}"),
        "This is not the address": sync("--to", "bolt://neo4j:secret@[127.0.0.1"),
        "address of a Neo4j server": sync("--to", "bolt://127.0.0.1:76870"),
        "Write bolt://HOST:7687": sync("--to", f"{neo4j.uri}?policy=near"),
        "Say it with --database": sync("--to", f"{neo4j.uri}/elsewhere"),
        "where Neo4j is": sync(),
        "cannot be read": sync("--to", neo4j.uri, "--password-file", tmp_path / "none"),
        "cannot name": sync("--to", neo4j.uri, "--name", "a b"),
    }
    monkeypatch.setenv(VARIABLE, "wrong password")
    cases["user or password"] = sync("--to", neo4j.uri)
    monkeypatch.delenv(VARIABLE)
    cases["was not given"] = sync("--to", neo4j.uri)
    for said, done in cases.items():
        assert done.exit_code == 2
        assert said in done.output
        assert "办法 hint" in done.output or said == "cannot be read"
        assert "secret" not in done.output


def test_a_server_that_is_no_neo4j_or_away_or_does_not_encrypt(neo4j: Neo4jServer) -> None:
    with web_page() as uri:
        refused(uri, "not the Bolt port")
    refused(uri, "cannot be reached\\.")
    refused(neo4j.uri.replace("bolt", "bolt+s"), "with encryption")
    refused(neo4j.uri.replace("bolt", "neo4j+ssc"), "with encryption")


def refused(uri: str, said: str) -> None:
    account = Account(uri, password=PASSWORD, patience=1)
    with Server(account) as server, pytest.raises(UnavailableError, match=said) as told:
        server.check()
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_data_model_names_all_there_is(sync: Sync, tmp_path: Path, language: str) -> None:
    page = tmp_path / "model.md"
    assert sync("--describe", "--output", page, "--language", language).exit_code == 0
    text, naming = page.read_text(encoding="utf-8"), Naming.of(profile())
    assert all(f"`:{label}`" in text for label in naming.labels.values())
    for model in profile().classes.values():
        for one in model.properties:
            if one.predicate:
                named = naming.types if one.target or one.is_iri else {one.predicate: ""}
                assert f"`{named[one.predicate] or naming.keys[one.predicate].key}" in text
