"""Registries of a wanted size: the profile's demonstration, many times over under other names (floor 5)."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from qualitrace import demonstration
from qualitrace.journal import Basis, Changeset, Document, Journal, Source, SourcedFact
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, PROFILE
from qualitrace.terms import Fact, iri, iri_of, is_iri, lit_of, literal

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The facts of a profile's demonstration.

    ``stated`` with their places, ``inferred``, ``ontology`` as N-Triples text. ``copies`` of
    ``examples/demo.yaml`` says of other copies, ``codes``: how the values of which predicates are told
    apart, and ``settled``: facts with which predicate give way to the facts that follow from them with
    which other one, so that no rule takes the copies for one college.
    """

    base: str
    codes: Mapping[str, str]
    settled: Mapping[str, str]
    documents: tuple[Document, ...]
    stated: tuple[SourcedFact, ...]
    inferred: tuple[Fact, ...]
    ontology: str

    @property
    def size(self) -> int:
        """How many facts one copy holds, without the ontology."""
        return len({entry.fact for entry in self.stated}) + len(self.inferred)

    def copies(self, size: int) -> int:
        """How many copies come nearest to ``size`` facts; at least one."""
        return max(1, round(size / self.size))


def read_demonstration(profile: Profile) -> Demonstration:
    """Build the demonstration and read its facts. Raises ProfileError when there is none."""
    with tempfile.TemporaryDirectory() as folder:
        registry = demonstration.build(profile, Path(folder) / "demo.db")
        try:
            documents = tuple(registry.journal.documents())
            stated = tuple(entry for one in documents for entry in registry.journal.statements(one.name))
            inferred = tuple(sorted(registry.engine.facts(INFERRED)))
            graph = ox.NamedNode(PROFILE)
            triples = [q.triple for q in registry.engine.store.quads_for_pattern(None, None, None, graph)]
            ontology = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
        finally:
            registry.close()
    told = demonstration.settings(profile).get("copies") or {}
    codes = {profile.expand(name): str(pattern) for name, pattern in (told.get("codes") or {}).items()}
    settled = {profile.expand(a): profile.expand(b) for a, b in (told.get("settled") or {}).items()}
    return Demonstration(profile.base, codes, settled, documents, stated, inferred, ontology)


def _apart(demo: Demonstration) -> tuple[SourcedFact, ...]:
    """What one of several copies states, when no rule may mix them."""
    follows = set(demo.settled.values())
    place = Source(demo.documents[0].name, basis=Basis.DERIVED)
    return (
        *(entry for entry in demo.stated if entry.fact.predicate not in demo.settled),
        *(SourcedFact(fact, place) for fact in demo.inferred if fact.predicate in follows),
    )


def renamed(fact: Fact, demo: Demonstration, number: int) -> Fact:
    """The same fact about copy ``number``: other identifiers, other codes. Copy 0 keeps its names."""
    if number == 0:
        return fact
    subject, object_ = _other(fact.subject, demo.base, number), fact.object
    if is_iri(object_):
        object_ = iri(_other(iri_of(object_), demo.base, number))
    elif pattern := demo.codes.get(fact.predicate):
        text = lit_of(object_)
        code = pattern.format(n=number, code=text.value)
        object_ = literal(code, datatype=text.datatype, language=text.language)
    return Fact(subject, fact.predicate, object_)


def _other(name: str, base: str, number: int) -> str:
    return f"{base}{number}/{name[len(base) :]}" if name.startswith(base) else name


def write_ntriples(demo: Demonstration, size: int, path: Path, *, progress: Step | None = None) -> int:
    """Write about ``size`` facts (stated and inferred) and the ontology as N-Triples, for any engine.

    Returns how many facts there are, without the ontology; no fact comes twice.
    """
    count, copies = 0, demo.copies(size)
    own = dict.fromkeys([entry.fact for entry in demo.stated] + list(demo.inferred))
    with path.open("w", encoding="utf-8") as out:
        out.write(demo.ontology)
        for number in range(copies):
            for fact in own:
                if number and not fact.subject.startswith(demo.base):
                    continue  # said of something that all copies share
                one = renamed(fact, demo, number)
                out.write(f"{iri(one.subject)} {iri(one.predicate)} {one.object} .\n")
                count += 1
            if progress:
                progress(number + 1, copies)
    return count


def changesets(demo: Demonstration, size: int) -> Iterator[Changeset]:
    """Changesets, one for each copy, that together state about ``size`` facts (with what follows)."""
    parent, seen, copies = "", set[Fact](), demo.copies(size)
    stated = demo.stated if copies == 1 else _apart(demo)
    for number in range(copies):
        documents = tuple(replace(one, name=_named(one.name, number)) for one in demo.documents)
        added = tuple(
            SourcedFact(
                renamed(entry.fact, demo, number),
                replace(entry.source, document=_named(entry.source.document, number)),
            )
            for entry in stated
        )
        facts = tuple(fact for fact in dict.fromkeys(e.fact for e in added) if fact not in seen)
        seen.update(fact for fact in facts if not fact.subject.startswith(demo.base))
        at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
        draft = Changeset(
            position=number + 1,
            parent=parent,
            author="bench",
            at=at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            message=f"copy {number}",
            documents=documents,
            added=added,
            removed=(),
            facts_added=facts,
            facts_removed=(),
            records=(),
        )
        done = replace(draft, id=draft.digest())
        parent = done.id
        yield done


def _named(document: str, number: int) -> str:
    return document if number == 0 else f"{number}-{document}"


def write_journal(
    demo: Demonstration, size: int, location: str | Path, profile: Profile, *, progress: Step | None = None
) -> None:
    """Make a journal that states about ``size`` facts (with what follows), without checking them.

    A registry is then opened as usual: ``Registry.open(location, profile)``.
    """
    journal = Journal.create(location, {"profile": profile.iri, "base": demo.base})
    try:
        copies = demo.copies(size)
        for changeset in changesets(demo, size):
            journal.append(changeset)
            if progress:
                progress(changeset.position, copies)
    finally:
        journal.close()
