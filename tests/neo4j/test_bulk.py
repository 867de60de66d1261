"""Files for ``neo4j-admin database import``: they hold what publishing writes, and it goes on from them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qualitrace.cli.app import app
from qualitrace.cli.neo4j_options import PASSWORD as VARIABLE
from qualitrace.exporting.importing import ARGUMENTS, draft
from qualitrace.journal import SourcedFact
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish
from qualitrace.store.neo4j import Neo4jEngine, Server, schema, veils
from qualitrace.terms import RDFS_LABEL, SKOS_NOTATION, XSD, Fact, literal
from tests.graphql.kitchens import FACTS
from tests.history.kitchen import POOL, commit, profile, statement
from tests.neo4j.test_publishing import equal, picture
from tests.neo4j_server import PASSWORD, Neo4jServer, free_port, server_in

SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#seeAlso"  # a list of texts
_FACES = (
    "MATCH (f:QualitraceFace) WHERE f.registry = $registry RETURN f.iri AS iri, labels(f) AS labels, "
    "properties(f) AS kept ORDER BY iri, f._own"
)
_MARK = "MATCH (q:QualitraceRegistry {name: $registry}) RETURN properties(q) AS kept"


def faces(engine: Neo4jEngine) -> list[object]:
    """Every face of a registry, and its mark, without what is another one for every publication."""
    rows = engine.server.read(_FACES, registry=engine.registry)
    rows += engine.server.read(_MARK, registry=engine.registry)
    for row in rows:
        for key in ("registry", "name") if "position" in row["kept"] else ("registry",):
            row["kept"].pop(key, None)
        row["kept"].pop("at", None)
    return list(rows)


def awkward() -> list[SourcedFact]:
    """Values that files can get wrong: quotes, delimiters, several lines, spaces, nothing, odd numbers."""
    about = FACTS[0].subject
    texts = [
        'a "b", c;d|e',
        "line 1\nline 2\r\nline 3",
        " \\ space \t",
        "",
        "'",
        "\\",
        '\\"',
        "a\u2028b",
        "\0\a",
    ]
    label, note = "http://www.w3.org/2004/02/skos/core#definition", "http://unknown.example/note"
    facts = [Fact(about, note, literal(text)) for text in texts]
    facts += [Fact(about, SEE_ALSO, literal(text)) for text in texts]
    facts += [Fact(about, label, literal(text, language=f"x-{n}")) for n, text in enumerate(texts)]
    facts += [Fact(about, note, literal("007", datatype=XSD + "integer"))]
    other = "http://elsewhere.example/it"
    facts += [Fact(other, "http://unknown.example/link", f"<{about}>")]
    facts += [
        Fact(other, one, literal("长" * 5000)) for one in (RDFS_LABEL, SKOS_NOTATION)
    ]  # no index takes them
    facts += [
        Fact(other, "http://unknown.example/note", literal("长" * 1_500_000))
    ]  # more than is read at once
    return [statement(fact) for fact in facts]


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Registry]]:
    """Two registries with bases of their own; the second has awkward values."""
    folder = tmp_path_factory.mktemp("bulk")
    made = [
        Registry.create(folder / f"{number}.db", profile(), base=f"https://kitchen{number}.example/id/")
        for number in (1, 2)
    ]
    commit(made[0], POOL)
    commit(made[1], [*POOL, *awkward()])
    yield made
    for one in made:
        one.close()


def export(*arguments: object) -> Result:
    given = ["export", "neo4j-admin", "--profile", str(profile().directory), *map(str, arguments)]
    return CliRunner().invoke(app, given, env={"COLUMNS": "300"})


@pytest.fixture(scope="module")
def directory(registries: list[Registry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both registries, exported one after the other into one directory."""
    target = tmp_path_factory.mktemp("export") / "files"
    for one in registries:
        done = export("-o", target, one.journal.where)
        assert done.exit_code == 0, done.output
    return target


@pytest.fixture(scope="module")
def imported(neo4j: Neo4jServer, directory: Path) -> Iterator[Neo4jServer]:
    """A server of a database that neo4j-admin made of these files."""
    home = Path(tempfile.mkdtemp(prefix="qt-neo4j-"))
    server = server_in(home, neo4j.jars, free_port())
    try:
        server.admin("database", "import", "full", "neo4j", "@import.args", folder=directory)
        server.start()
        yield server
    finally:
        if server.process is not None:
            server.kill()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def there(imported: Neo4jServer) -> Iterator[Server]:
    with Server(imported.account()) as server:
        yield server


def name_of(registry: Registry) -> str:
    return registry.base.removeprefix("https://").strip("/").replace("/", "-")


def engine_of(server: Server, registry: Registry, name: str = "") -> Neo4jEngine:
    return Neo4jEngine.of(server, registry.profile, name or name_of(registry))


def test_what_is_imported_is_what_publishing_writes(
    there: Server, registries: list[Registry], neo4j_database: Server, neo4j_registry: str
) -> None:
    for number, one in enumerate(registries):
        published = engine_of(neo4j_database, one, f"{neo4j_registry}-{number}")
        publish(one, published)
        held = engine_of(there, one)
        assert picture(held) == picture(published)
        assert faces(held) == faces(published)
        assert picture(held)[0]
        equal(one, held)
        published.clear()


def test_publishing_goes_on_from_an_import(
    imported: Neo4jServer, there: Server, registries: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    first = registries[0]
    engine = engine_of(there, first)
    wanted = schema.names((*schema.statements(engine.naming), *veils.statements(engine.naming)))
    asked = ["sync", "neo4j", "--to", imported.uri, "--registry", first.journal.where, "--json"]
    asked += ["--profile", str(profile().directory)]
    checked = CliRunner().invoke(app, [*asked, "--check"])
    assert (checked.exit_code, json.loads(checked.stdout)["equal"]) == (0, True), checked.output
    commit(first, (), [entry for entry in POOL if entry.fact == POOL[-1].fact])
    done = json.loads(CliRunner().invoke(app, asked).stdout)
    assert (done["from"], done["whole"], done["position"]) == (1, False, first.position)
    assert 0 < done["added"] + done["removed"] < 10
    equal(first, engine)
    assert wanted <= {row["name"] for row in there.read("SHOW INDEXES YIELD name RETURN name")}
    equal(registries[1], engine_of(there, registries[1]))


def test_the_files_of_the_shipped_profile_can_be_imported(neo4j: Neo4jServer, tmp_path: Path) -> None:
    """Also an empty registry, which has the profile's concepts alone."""
    target = tmp_path / "files"
    made = Registry.create(tmp_path / "r.db", load_profile())
    where = made.journal.where
    made.close()
    done = CliRunner().invoke(app, ["export", "neo4j-admin", "-o", str(target), where, "--name", "it"])
    assert done.exit_code == 0, done.output
    assert "database import full neo4j @import.args" in (target / "README.md").read_text(encoding="utf-8")
    server = server_in(tmp_path / "home", neo4j.jars, free_port())
    said = server.admin("database", "import", "full", "neo4j", "@import.args", folder=target)
    rows = json.loads((target / "it" / "about.json").read_text(encoding="utf-8"))["tables"]
    assert f"{rows['nodes'] + 1} nodes" in said  # and the mark
    assert f"{rows['links']} relationships" in said


def test_what_cannot_be_written_is_told(registries: list[Registry], directory: Path, tmp_path: Path) -> None:
    where = registries[0].journal.where
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    cases = {
        "other things in this directory": export("-o", tmp_path, where),
        "not a directory": export("-o", file, where),
        "in this directory already": export("-o", directory, where),
        "cannot name a registry": export("-o", tmp_path / "new", where, "--name", "a b"),
        "hold the present only": export("-o", tmp_path / "new", where, "--as-of", "2025-01-01"),
        "cannot have one name": export("-o", tmp_path / "new", where, where, "--name", "a"),
        "cannot be written": export("-o", file / "below", where),
    }
    for said, done in cases.items():
        assert done.exit_code == 2, said
        assert said in done.output, done.output
    assert not (tmp_path / "new").exists()
    other = CliRunner().invoke(app, ["export", "graphml", "-o", str(tmp_path / "g"), where])
    assert other.exit_code == 2
    assert "takes no name" in other.output


def test_what_an_interrupted_export_left_is_no_part_of_the_import(
    registries: list[Registry], tmp_path: Path
) -> None:
    first, target = registries[0], tmp_path / "files"
    assert export("-o", target, first.journal.where).exit_code == 0
    told = {path: path.read_text(encoding="utf-8") for path in target.iterdir() if path.is_file()}
    (target / name_of(first)).rename(draft(target, "another"))
    for path in told:
        path.unlink()
    done = export("-o", target, first.journal.where)
    assert done.exit_code == 0, done.output
    assert {path: path.read_text(encoding="utf-8") for path in told} == told
    for path in told:  # it was interrupted before it said how to import
        path.unlink()
    done = export("-o", target, registries[1].journal.where)
    assert done.exit_code == 0, done.output
    said = (target / ARGUMENTS).read_text(encoding="utf-8")
    assert all(f"{name_of(one)}/nodes.csv" in said for one in registries)


def test_a_value_that_files_cannot_carry_is_refused(tmp_path: Path) -> None:
    made = Registry.create(tmp_path / "r.db", profile())
    try:
        fact = Fact(FACTS[0].subject, SEE_ALSO, literal("a\x1fb"))
        commit(made, [*POOL, statement(fact)])
        done = export("-o", tmp_path / "files", made.journal.where)
    finally:
        made.close()
    assert done.exit_code == 2
    assert FACTS[0].subject in done.output
    assert os.listdir(tmp_path / "files") == []
