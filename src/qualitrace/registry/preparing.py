"""From documents to a change: what each states now against what it stated before (floor 3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from qualitrace.errors import RegistryError
from qualitrace.journal import Basis, Document, Journal, SourcedFact
from qualitrace.loading import Progress
from qualitrace.loading.model import Loaded
from qualitrace.profile.model import Profile
from qualitrace.registry.model import Change
from qualitrace.registry.naming import known_names
from qualitrace.store import STATED, Engine
from qualitrace.terms import QT, RDF_TYPE, RDFS_LABEL, Fact
from qualitrace.text import Text, readable

_NAMING = (RDF_TYPE, RDFS_LABEL, QT + "alias")


def prepare(
    paths: Sequence[Path],
    engine: Engine,
    journal: Journal,
    profile: Profile,
    base: str,
    *,
    progress: Progress | None = None,
) -> Change:
    """Read documents and work out what they change. Raises DocumentError, RegistryError."""
    from qualitrace.loading import load_document  # here: the readers take long to import

    names = [_name(path, journal) for path in paths]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RegistryError(
            Text(
                zh="一次装入的两个文件同名或内容相同。", en="Two of the files have the same name or content."
            ),
            where=", ".join(twice),
            hint=Text(zh="请改名或分次装入。", en="Rename one, or load them one after the other."),
        )
    others = _naming_facts(engine, journal, names)
    loaded: list[Loaded] = []
    # A second reading when there are several: each may name what only another one declares.
    for turn in range(2 if len(paths) > 1 else 1):
        declared = [_declared(one) for one in loaded]
        for number, (path, name) in enumerate(zip(paths, names, strict=True)):
            told = others.union(*(facts for at, facts in enumerate(declared) if at != number))
            known = known_names(told, profile)
            one = _renamed(load_document(path, profile, base=base, known=known, progress=progress), name)
            if turn:
                loaded[number] = one
            else:
                loaded.append(one)
    return _difference(loaded, journal)


def _name(path: Path, journal: Journal) -> str:
    """The name a document goes by: the same bytes under another name are the same document."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return readable(path.name)  # reading it will say what is wrong
    earlier = journal.knows(digest)
    return earlier.name if earlier else readable(path.name)


def _naming_facts(engine: Engine, journal: Journal, documents: Iterable[str]) -> set[Fact]:
    """What the registry says about names, less what only the documents to be read have said."""
    naming = {fact for predicate in _NAMING for fact in engine.facts(STATED, predicate=predicate)}
    reread = set(documents)
    own = {entry.fact for name in reread for entry in journal.statements(name)} & naming
    places = journal.sources(own)
    return naming - {fact for fact in own if {p.document for p in places.get(fact, ())} <= reread}


def _declared(loaded: Loaded) -> set[Fact]:
    """What a document itself says about names; a class it only guessed tells the others nothing."""
    return {
        entry.fact
        for entry in loaded.facts
        if entry.fact.predicate in _NAMING
        and not (entry.fact.predicate == RDF_TYPE and entry.source.basis is Basis.DERIVED)
    }


def _renamed(loaded: Loaded, name: str) -> Loaded:
    if name == loaded.document.name:
        return loaded
    facts = tuple(SourcedFact(entry.fact, replace(entry.source, document=name)) for entry in loaded.facts)
    return replace(loaded, document=Document(name, loaded.document.sha256), facts=facts)


def _difference(loaded: Sequence[Loaded], journal: Journal) -> Change:
    added: list[SourcedFact] = []
    removed: list[SourcedFact] = []
    unchanged: list[Document] = []
    for one in loaded:
        before, now = set(journal.statements(one.document.name)), dict.fromkeys(one.facts)
        more = [entry for entry in now if entry not in before]
        fewer = sorted((e for e in before if e not in now), key=lambda e: (e.fact, e.source.place()))
        if not more and not fewer:
            unchanged.append(one.document)
        added += more
        removed += fewer
    removed += _outdone(added, removed, journal)
    documents = tuple(one.document for one in loaded if one.document not in unchanged)
    return Change(documents, tuple(added), tuple(removed), tuple(loaded), tuple(unchanged))


def _outdone(
    added: Sequence[SourcedFact], removed: Sequence[SourcedFact], journal: Journal
) -> list[SourcedFact]:
    """Classes that earlier documents guessed and that one of these now states otherwise."""
    said = {
        entry.fact.subject: entry.fact
        for entry in added
        if entry.fact.predicate == RDF_TYPE and entry.source.basis is not Basis.DERIVED
    }
    gone = set(removed)
    return [
        entry
        for entry in journal.about(said)
        if entry.fact.predicate == RDF_TYPE
        and entry.source.basis is Basis.DERIVED
        and entry.fact != said[entry.fact.subject]
        and entry not in gone
    ]
