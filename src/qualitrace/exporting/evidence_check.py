"""Verifying an evidence pack, with nothing but the pack (floor 4)."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from qualitrace.errors import DocumentError, QualitraceError
from qualitrace.exporting.archives import unpack
from qualitrace.exporting.evidence import FORMAT, MANIFEST, PUBLIC_KEY, SIGNATURE, digest_of
from qualitrace.exporting.questions import Question, answer, comparable
from qualitrace.exporting.rebuilding import rebuilt
from qualitrace.exporting.signing import fingerprint, read_public_key, signed_by
from qualitrace.journal import Basis, Changeset, Document, Record, Source, SourcedFact
from qualitrace.journal.model import Decision
from qualitrace.profile import load_profile
from qualitrace.terms import Fact
from qualitrace.text import Text

_PROFILE = "profile/"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; ``detail`` says what was found, in short."""

    what: Text
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking a pack found. ``signer`` is the fingerprint of the key that signed it."""

    checks: tuple[Check, ...]
    question: Question | None
    position: int
    head: str
    signer: str

    @property
    def passed(self) -> bool:
        """True when every check passed."""
        return all(check.passed for check in self.checks)


def verify_evidence(path: Path, public_key: Ed25519PublicKey | None = None) -> Verified:
    """Check a pack: its parts, its signature, its chain of hashes, and its answer, asked again.

    Needs no registry and no network. When parts or signature are not right nothing of the pack is run.
    Without ``public_key`` the signature only shows that nothing was altered since somebody signed.
    Raises DocumentError for a file that is no pack at all.
    """
    parts = unpack(path)
    missing = {MANIFEST, SIGNATURE, PUBLIC_KEY} - parts.keys()
    if missing:
        raise _damaged(path, ", ".join(sorted(missing)))
    manifest = _json(parts[MANIFEST], path, MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _damaged(path, MANIFEST)
    key = read_public_key(parts[PUBLIC_KEY], f"{path}: {PUBLIC_KEY}")
    checks = [_parts_check(parts, manifest), _signature_check(parts, key, public_key)]
    question = None
    if all(check.passed for check in checks):
        try:
            pack = _Pack(parts, manifest, path)
            question = pack.question
            checks += pack.checks()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _damaged(path, str(error)) from error
    position = manifest.get("position")
    return Verified(
        tuple(checks),
        question,
        position if isinstance(position, int) else 0,
        str(manifest.get("head", "")),
        fingerprint(key),
    )


def _parts_check(parts: Mapping[str, bytes], manifest: dict[str, Any]) -> Check:
    what = Text(zh="各部分与清单一致", en="the parts are those of the manifest")
    listed = manifest.get("parts")
    if not isinstance(listed, dict):
        return Check(what, False, MANIFEST)
    wrong = set(listed) ^ (parts.keys() - {MANIFEST, SIGNATURE, PUBLIC_KEY})
    for name in listed.keys() & parts.keys():
        told = {"sha256": hashlib.sha256(parts[name]).hexdigest(), "bytes": len(parts[name])}
        if listed[name] != told:
            wrong.add(name)
    return Check(what, not wrong, ", ".join(sorted(wrong)) or f"{len(listed)}")


def _signature_check(
    parts: Mapping[str, bytes], key: Ed25519PublicKey, expected: Ed25519PublicKey | None
) -> Check:
    what = Text(zh="签名有效(Ed25519)", en="the signature holds (Ed25519)")
    try:
        signature = bytes.fromhex(parts[SIGNATURE].decode("ascii").strip())
    except ValueError:
        return Check(what, False, SIGNATURE)
    if expected is not None and fingerprint(expected) != fingerprint(key):
        return Check(what, False, f"{fingerprint(key)[:16]} ≠ {fingerprint(expected)[:16]}")
    return Check(what, signed_by(key, signature, parts[MANIFEST]), fingerprint(key)[:16])


class _Pack:
    """The parts of a pack whose signature holds, read."""

    def __init__(self, parts: Mapping[str, bytes], manifest: dict[str, Any], path: Path) -> None:
        self.manifest = manifest
        self.parts = parts
        self.path = path
        self.question = Question.read(self.read("question.json"))
        rows = self.read("facts.json")
        self.facts = [
            (Fact(str(s), str(p), str(o)), [_source(place) for place in places]) for s, p, o, places in rows
        ]
        self.chain = self.read("chain.json")
        self.profile = {
            name.removeprefix(_PROFILE): data for name, data in parts.items() if name.startswith(_PROFILE)
        }

    def read(self, name: str) -> Any:
        return _json(self.parts[name], self.path, name)

    def checks(self) -> Iterator[Check]:
        """Check what the parts say of each other, and ask the question again."""
        yield self._rules()
        yield self._hashes()
        yield self._contents()
        yield self._reproduced()

    def _rules(self) -> Check:
        found = digest_of(self.profile)
        told = self.manifest["profile"]["sha256"]
        what = Text(zh="规则与所记摘要一致", en="the rules are those of the digest")
        return Check(what, found == told, found[:16])

    def _hashes(self) -> Check:
        """Each changeset names the one before it, up to the one that the answer stands at."""
        hashes = self.chain["hashes"]
        last = hashes[-1] if hashes else {"position": 0, "id": ""}
        linked = all(
            later["parent"] == earlier["id"] and later["position"] == earlier["position"] + 1
            for earlier, later in itertools.pairwise(hashes)
        )
        told = (self.manifest["position"], self.manifest["head"])
        what = Text(zh="变更的哈希链相连", en="the chain of changesets holds")
        return Check(what, linked and (last["position"], last["id"]) == told, f"{len(hashes)}")

    def _contents(self) -> Check:
        """The changesets involved hash to their identifiers, and state every fact in its place."""
        what = Text(zh="事实及出处在变更内容中", en="the facts and their places are in the changesets")
        contents = self.chain["contents"]
        if not contents and self.chain["involved"]:
            return Check(what, True, "hashes only")
        ids = {one["position"]: one["id"] for one in self.chain["hashes"]}
        stated: set[SourcedFact] = set()
        for content in contents:
            changeset = _changeset(content)
            if changeset.digest() != content["id"] or ids.get(content["position"]) != content["id"]:
                return Check(what, False, f"#{content['position']}")
            stated |= set(changeset.added)
        unknown = [
            fact for fact, places in self.facts for place in places if SourcedFact(fact, place) not in stated
        ]
        return Check(what, not unknown, unknown[0].ntriples() if unknown else f"{len(self.facts)}")

    def _reproduced(self) -> Check:
        """The same question, asked of the facts and rules of the pack alone, has the same answer."""
        what = Text(
            zh="用包内的事实和规则重新得出同一答案",
            en="the same answer follows from the facts and rules in the pack",
        )
        try:
            with tempfile.TemporaryDirectory() as folder:
                profile = load_profile(_written(self.profile, Path(folder) / "profile"))
                base = str(self.manifest["base"])
                with rebuilt(Path(folder), profile, base, self.facts) as made:
                    found = comparable(answer(self.question, made))
        except QualitraceError as error:
            return Check(what, False, str(error))
        return Check(what, found == self.read("answer.json"))


def _written(parts: Mapping[str, bytes], root: Path) -> Path:
    """Write the profile's files below a folder of our own; their names were checked when unpacked."""
    for name, data in parts.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return root


def _source(place: Any) -> Source:
    return Source(place["document"], place["part"], place["row"], place["cell"], Basis(place["basis"]))


def _changeset(content: dict[str, Any]) -> Changeset:
    def entry(row: list[Any]) -> SourcedFact:
        subject, predicate, term, document, part, number, cell, basis = row
        return SourcedFact(Fact(subject, predicate, term), Source(document, part, number, cell, Basis(basis)))

    return Changeset(
        position=content["position"],
        parent=content["parent"],
        author=content["author"],
        at=content["at"],
        message=content["message"],
        documents=tuple(Document(name, sha256) for name, sha256 in content["documents"]),
        added=tuple(entry(row) for row in content["added"]),
        removed=tuple(entry(row) for row in content["removed"]),
        records=tuple(Record(Decision(kind), body) for kind, body in content["records"]),
    )


def _json(data: bytes, path: Path, name: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, name) from error


def _damaged(path: Path, where: str) -> DocumentError:
    return DocumentError(
        Text(zh="这不是可用的证据包。", en="This is no evidence pack that can be used."),
        where=f"{path}: {where}",
        hint=Text(zh="请向出具者索取原件。", en="Ask whoever made it for the original."),
    )
