"""Evidence packs: an answer with all that it rests on, in one signed archive (floor 4)."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qualitrace.errors import QualitraceError
from qualitrace.exporting.archives import pack
from qualitrace.exporting.plain import canonical, plain
from qualitrace.exporting.questions import Question, answer, comparable, nodes_of
from qualitrace.exporting.rebuilding import rebuilt
from qualitrace.exporting.signing import public_text
from qualitrace.journal import Changeset, Source, SourcedFact
from qualitrace.journal.lookup import statements_about
from qualitrace.profile.model import Profile
from qualitrace.registry.past import Past
from qualitrace.registry.records import report_json
from qualitrace.registry.registry import Registry
from qualitrace.store import STATED
from qualitrace.terms import Fact, iri, iri_of, is_iri

FORMAT = 1
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public-key.pem"
FOLDERS = ("ontology", "shapes", "reasoning")
MOST_STATEMENTS = 200_000  # of the changesets involved, in full; with more, their hashes only

Sourced = list[tuple[Fact, list[Source]]]


def evidence(state: Registry | Past, question: Question, key: Ed25519PrivateKey) -> bytes:
    """Return the pack for a question about a state of a registry: the same bytes each time.

    It holds question, answer, facts with their places, the profile's rules, the validation report, the
    changesets involved and the hashes from there to the state's own. Raises UnknownNodeError, QueryError.
    """
    with state.reading():
        given = answer(question, state)
        facts = _enough(state, question, comparable(given), nodes_of(question, given))
        profile = profile_parts(state.profile)
        parts: dict[str, bytes] = {
            "question.json": canonical(plain(question)),
            "answer.json": canonical(comparable(given)),
            "facts.json": canonical([[*fact, plain(places)] for fact, places in facts]),
            "facts.nt": "".join(f"{fact.ntriples()}\n" for fact, _ in facts).encode(),
            "report.json": canonical(report_json(state.validate())),
            "chain.json": canonical(_chain(state, facts)),
            **{f"profile/{name}": data for name, data in profile.items()},
        }
        manifest = canonical(
            {
                "format": FORMAT,
                "base": state.base,
                "position": state.position,
                "head": state.journal.id_at(state.position),
                "profile": {"iri": state.profile.iri, "sha256": digest_of(profile)},
                "parts": {
                    name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                    for name, data in parts.items()
                },
            }
        )
    signature = key.sign(manifest)
    return pack(
        {
            **parts,
            MANIFEST: manifest,
            SIGNATURE: signature.hex().encode() + b"\n",
            PUBLIC_KEY: public_text(key.public_key()),
        }
    )


def profile_parts(profile: Profile) -> dict[str, bytes]:
    """Return the files of a profile that answers and findings depend on, by their relative paths."""
    root, found = profile.directory, dict[str, bytes]()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in (".ttl", ".rq"):
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def digest_of(parts: Mapping[str, bytes]) -> str:
    """Return one SHA-256 (hex) of files: of their names and theirs, sorted."""
    lines = (f"{hashlib.sha256(parts[name]).hexdigest()}  {name}\n" for name in sorted(parts))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _enough(state: Registry | Past, question: Question, expected: Any, nodes: set[str]) -> Sourced:
    """Return the fewest facts, of a few choices, from which the same answer follows."""
    for chosen in _choices(state, nodes):
        facts = _sourced(state, chosen)
        if _answers(state.profile, state.base, facts, question, expected):
            return facts
    return facts


def _choices(state: Registry | Past, nodes: set[str]) -> Iterator[list[Fact]]:
    """The facts about the nodes of an answer, then about their neighbours too, then all."""
    engine, near = state.engine, set(nodes)
    everything = sum(1 for _ in engine.facts(STATED))
    for _ in range(2):
        found = {f for node in near for f in engine.facts(STATED, subject=node)}
        found |= {f for node in near for f in engine.facts(STATED, object=iri(node))}
        if len(found) * 2 > everything:
            break
        yield sorted(found)
        near |= {f.subject for f in found} | {iri_of(f.object) for f in found if is_iri(f.object)}
    yield sorted(engine.facts(STATED))


def _sourced(state: Registry | Past, facts: list[Fact]) -> Sourced:
    places = state.sources(facts)
    return [(fact, list(places.get(fact, ()))) for fact in facts]


def _answers(profile: Profile, base: str, facts: Sourced, question: Question, expected: Any) -> bool:
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            rebuilt(Path(folder), profile, base, facts) as made,
        ):
            return bool(comparable(answer(question, made)) == expected)
    except QualitraceError:  # too few facts to even ask
        return False


def _chain(state: Registry | Past, facts: Sourced) -> dict[str, Any]:
    """The hashes from the first changeset involved to the state's own, and the content of those involved."""
    wanted = {SourcedFact(fact, place) for fact, places in facts for place in places}
    stated = statements_about(state.journal, {entry.fact.subject for entry in wanted})
    involved = sorted({one.stated.position for one in stated if one.entry in wanted})
    first = involved[0] if involved else state.position
    hashes = [
        {"position": one.position, "id": one.id, "parent": one.parent, "author": one.author, "at": one.at}
        for one in state.journal.changesets(first - 1, state.position, changes=False)
    ]
    contents: list[Any] = []
    count = 0
    for position in involved:
        for one in state.journal.changesets(position - 1, position):
            count += len(one.added) + len(one.removed)
            contents.append(_content(one))
        if count > MOST_STATEMENTS:
            return {"hashes": hashes, "involved": involved, "contents": []}
    return {"hashes": hashes, "involved": involved, "contents": contents}


def _content(one: Changeset) -> dict[str, Any]:
    """What the identifier of a changeset is the hash of."""
    return {
        "position": one.position,
        "id": one.id,
        "parent": one.parent,
        "author": one.author,
        "at": one.at,
        "message": one.message,
        "documents": [[document.name, document.sha256] for document in one.documents],
        "records": [[record.kind.value, record.body] for record in one.records],
        "added": [[*entry.fact, *plain(entry.source).values()] for entry in one.added],
        "removed": [[*entry.fact, *plain(entry.source).values()] for entry in one.removed],
    }
