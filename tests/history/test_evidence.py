"""Evidence packs: verified offline, reproduced from their own facts; altered and hostile ones refused."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qualitrace.errors import DocumentError
from qualitrace.exporting.archives import pack, unpack
from qualitrace.exporting.evidence import MANIFEST, PUBLIC_KEY, SIGNATURE, evidence
from qualitrace.exporting.evidence_check import verify_evidence
from qualitrace.exporting.plain import canonical
from qualitrace.exporting.questions import Kind, Question
from qualitrace.exporting.signing import new_key, public_key_file, public_text, read_key
from qualitrace.registry import Registry
from qualitrace.store import STATED
from qualitrace.terms import RDFS_LABEL, Fact, iri, literal
from tests.graphql.kitchens import FACTS, TERMS, name
from tests.history.conftest import Program
from tests.history.kitchen import commit, profile, statement

TRACE = Question(Kind.TRACE, TERMS + "Cook", "2024-06-05", name("hazard/H1"))
COVERAGE = Question(Kind.COVERAGE, TERMS + "Hazard", "2024-06-15")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """#1 the kitchen, #2 much that has nothing to do with the question, #3 another name."""
    made = Registry.create(tmp_path / "r.db", profile())
    commit(made, map(statement, FACTS))
    others = [Fact(name(f"area/{n}"), RDFS_LABEL, literal(f"区域 {n}", language="zh")) for n in range(300)]
    kinds = [Fact(fact.subject, FACTS[0].predicate, iri(TERMS + "Area")) for fact in others]
    commit(made, (statement(fact, "areas.csv", row) for row, fact in enumerate([*others, *kinds])))
    label = Fact(name("hazard/H1"), RDFS_LABEL, literal("冷藏温度过高", language="zh"))
    new = label._replace(object=literal("过热", language="zh"))
    commit(made, [statement(new, "later.csv")], [statement(label)])
    yield made
    made.close()


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("question", [TRACE, COVERAGE])
@pytest.mark.parametrize("position", [1, 3])
def test_a_pack_is_verified_and_reproduced_offline(
    registry: Registry, tmp_path: Path, question: Question, position: int
) -> None:
    state = registry.at(position)
    path = written(tmp_path, evidence(state, question, KEY))
    registry.close()
    (tmp_path / "r.db").unlink()  # nothing but the pack is needed
    found = verify_evidence(path, KEY.public_key())
    assert [check for check in found.checks if not check.passed] == []
    assert len(found.checks) == 6
    assert (found.question, found.position) == (question, position)


def test_a_pack_says_what_was_known_then_and_where_from(registry: Registry, tmp_path: Path) -> None:
    parts = unpack(written(tmp_path, evidence(registry.at(1), TRACE, KEY)))
    answer = json.loads(parts["answer.json"])
    assert answer["nodes"][TRACE.node]["label"]["zh"] == "冷藏温度过高"
    facts = json.loads(parts["facts.json"])
    assert all(places for *_, places in facts)
    assert {place["document"] for *_, places in facts for place in places} == {"a.csv"}
    manifest = json.loads(parts[MANIFEST])
    (only,) = [one for one in registry.changesets() if one.position == 1]
    assert (manifest["position"], manifest["head"]) == (1, only.id)
    assert {name for name in parts if name.startswith("profile/")} >= {
        f"profile/{path.relative_to(registry.profile.directory).as_posix()}"
        for folder in ("ontology", "shapes", "reasoning")
        for path in (registry.profile.directory / folder).rglob("*.[tr]*")
    }
    assert "findings" in json.loads(parts["report.json"])


def test_a_pack_holds_what_the_answer_needs_and_not_the_whole_registry(registry: Registry) -> None:
    with zipfile.ZipFile(io.BytesIO(evidence(registry, TRACE, KEY))) as archive:
        count = len(json.loads(archive.read("facts.json")))
    assert 0 < count < sum(1 for _ in registry.engine.facts(STATED)) / 2


def test_the_same_question_has_the_same_pack(registry: Registry, tmp_path: Path) -> None:
    first = evidence(registry.at(1), TRACE, KEY)
    fresh = Registry.open(tmp_path / "r.db", profile())
    assert evidence(fresh.at(1), TRACE, KEY) == first
    assert evidence(fresh, TRACE, KEY) != first
    fresh.close()


def altered(part: bytes) -> bytes:
    return part.replace("冷藏".encode(), "热藏".encode(), 1) if "冷藏".encode() in part else part + b"\n"


@pytest.mark.parametrize(
    "part", ["answer.json", "facts.json", "facts.nt", "chain.json", "report.json", "question.json", MANIFEST]
)
def test_an_altered_part_is_found(registry: Registry, tmp_path: Path, part: str) -> None:
    parts = unpack(written(tmp_path, evidence(registry.at(1), TRACE, KEY)))
    parts[part] = altered(parts[part])
    found = verify_evidence(written(tmp_path, pack(parts)))
    assert not found.passed
    assert len(found.checks) == 2  # nothing in it was run


def signed_again(parts: dict[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """What somebody who alters a pack and signs it himself hands out."""
    manifest = json.loads(parts[MANIFEST])
    own = parts.keys() - {MANIFEST, SIGNATURE, PUBLIC_KEY}
    manifest["parts"] = {
        part: {"sha256": hashlib.sha256(parts[part]).hexdigest(), "bytes": len(parts[part])} for part in own
    }
    parts[MANIFEST] = canonical(manifest)
    parts[SIGNATURE] = key.sign(parts[MANIFEST]).hex().encode()
    parts[PUBLIC_KEY] = public_text(key.public_key())
    return pack(parts)


@pytest.mark.parametrize(
    ("part", "failing"),
    [
        ("answer.json", {5}),
        ("facts.json", {4, 5}),
        ("chain.json", {4}),
        ("profile/shapes/structure.ttl", {2}),
    ],
)
def test_what_is_signed_again_does_not_add_up(
    registry: Registry, tmp_path: Path, part: str, failing: set[int]
) -> None:
    parts = unpack(written(tmp_path, evidence(registry.at(1), TRACE, KEY)))
    parts[part] = altered(parts[part])
    path = written(tmp_path, signed_again(parts, OTHER))
    found = verify_evidence(path)
    assert {number for number, check in enumerate(found.checks) if not check.passed} == failing
    assert not verify_evidence(path, KEY.public_key()).passed


def test_a_true_pack_of_another_signer_is_not_taken_for_ours(registry: Registry, tmp_path: Path) -> None:
    path = written(tmp_path, evidence(registry, TRACE, OTHER))
    assert verify_evidence(path).passed
    assert verify_evidence(path, OTHER.public_key()).passed
    assert not verify_evidence(path, KEY.public_key()).passed


def hostile(make: Callable[[zipfile.ZipFile], None]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        make(archive)
    return stream.getvalue()


def link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("manifest.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("manifest.json", "{}")
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", "[]")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        hostile(lambda archive: archive.writestr("../outside", "x")),
        hostile(lambda archive: archive.writestr("/etc/cron.d/x", "x")),
        hostile(lambda archive: archive.writestr("a/../../x", "x")),
        hostile(lambda archive: archive.writestr("profile/ontology/..\\x.ttl", "x")),
        hostile(lambda archive: archive.writestr("C:x", "x")),
        hostile(lambda archive: archive.writestr("manifest.json", "{}")),
        hostile(lambda archive: [archive.writestr(f"part{n}", "") for n in range(600)]),
        hostile(lambda archive: archive.writestr("manifest.json", bytes(300 * 1024 * 1024))),
        hostile(link),
        hostile(twice),
    ],
    ids=[
        "empty",
        "text",
        "parent",
        "absolute",
        "through",
        "backslash",
        "drive",
        "bare",
        "many",
        "bomb",
        "link",
        "twice",
    ],
)
def test_a_hostile_pack_is_refused(tmp_path: Path, data: bytes) -> None:
    before = set(tmp_path.rglob("*"))
    path = written(tmp_path, data)
    with pytest.raises(DocumentError):
        verify_evidence(path)
    assert set(tmp_path.rglob("*")) - before == {path}


def test_a_part_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    data = hostile(lambda archive: archive.writestr("manifest.json", b"0" * 1000))
    lying = data.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(DocumentError):
        unpack(written(tmp_path, lying))
    with pytest.raises(DocumentError):
        unpack(written(tmp_path, data), most_bytes=999)


def test_keys_are_kept_for_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    public = new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_text(read_key(path).public_key()) == public_text(public_key_file(public))
    before = path.read_bytes()
    with pytest.raises(DocumentError):
        new_key(path)
    assert path.read_bytes() == before
    for wrong in (public, tmp_path / "none"):
        with pytest.raises(DocumentError):
            read_key(wrong)


def test_evidence_on_the_command_line(loaded: Program, tmp_path: Path) -> None:
    key, output = tmp_path / "office.key", tmp_path / "evidence.zip"
    assert loaded("key", "new", key).exit_code == 0
    asked = ("evidence", "trace", "unit/示例处", "--to", "人员", "--as-of", "2024-01-01", "--known-at", "2")
    result = loaded(*asked, "--key", key, "--output", output)
    assert result.exit_code == 0, result.stderr
    assert loaded("evidence", "verify", output, "--public-key", f"{key}.pub").exit_code == 0
    told = json.loads(loaded("evidence", "verify", output, "--json").stdout)
    assert told["passed"]
    assert told["position"] == 2
    data = output.read_bytes()
    parts = unpack(output)
    parts["answer.json"] = parts["answer.json"].replace("示例甲".encode(), "示例乙".encode())
    output.write_bytes(pack(parts))
    assert loaded("evidence", "verify", output).exit_code == 1
    output.write_bytes(data[: len(data) // 2])
    assert loaded("evidence", "verify", output).exit_code == 2
    assert (
        loaded(
            "evidence", "trace", "unit/示例处", "--to", "人员", "--key", f"{key}.pub", "--output", output
        ).exit_code
        == 2
    )
