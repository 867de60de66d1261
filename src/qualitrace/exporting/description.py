"""One node as it is known: what is said of it, what links to it, and where each of it was read (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from qualitrace.journal.model import Basis, Source
from qualitrace.profile.dates import interval, iso
from qualitrace.profile.model import Profile
from qualitrace.registry.speaking import Speaker
from qualitrace.store import INFERRED, PROFILE, STATED, Engine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS, SKOS_NOTATION, Fact, iri, iri_of, is_iri, lit_of
from qualitrace.text import Text
from qualitrace.tracing.model import Node

_NAMES = (RDFS_LABEL, SKOS + "prefLabel")


class Described(Protocol):
    """What a description is read from: a registry, a past state of it, or what somebody sees of one."""

    @property
    def profile(self) -> Profile:
        """The profile."""
        ...

    @property
    def base(self) -> str:
        """Base of the identifiers."""
        ...

    @property
    def engine(self) -> Engine:
        """The store."""
        ...

    def sources(self, facts: Iterable[Fact]) -> dict[Fact, tuple[Source, ...]]:
        """Return the places that state each fact."""
        ...


@dataclass(frozen=True, slots=True)
class Value:
    """A value, or the other end of a link: how it is shown, how it is known, where it was read."""

    fact: Fact
    text: Text
    node: Node | None  # None for a literal
    kind: Text  # what the node's class is called
    basis: Basis
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one property."""

    property: str
    label: Text
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A node. ``facts`` is all that is shown of it; ``more`` counts links to it that are not listed."""

    node: Node
    kinds: tuple[Text, ...]
    valid_from: str  # ISO date, "" when open
    valid_to: str
    values: tuple[Group, ...]
    links: tuple[Group, ...]
    incoming: tuple[Group, ...]
    more: int
    facts: frozenset[Fact]  # about the node, linking to it, and the names of what it links with
    sources: dict[Fact, tuple[Source, ...]]


def describe(
    state: Described, name: str, *, most: int = 500, as_of: dt.date | None = None
) -> Description | None:
    """Describe a node by its IRI; None when nothing is known of it.

    At most ``most`` links to it are listed. With ``as_of``, links with what does not exist on that date
    are left out.
    """
    engine = state.engine
    out = _facts(engine, lambda graph: engine.facts(graph, subject=name))
    if not any(fact.predicate == RDF_TYPE for fact in out):
        return None
    into = _facts(engine, lambda graph: engine.facts(graph, object=iri(name)))
    there = _Existing(state, as_of)
    out = {
        fact: basis for fact, basis in out.items() if not is_iri(fact.object) or there(iri_of(fact.object))
    }
    into = {fact: basis for fact, basis in sorted(into.items()) if there(fact.subject)}
    listed = dict(list(into.items())[:most])
    sources = state.sources([fact for fact, basis in (out | listed).items() if basis is Basis.STATED])
    speaker = Speaker(state.profile, state.base, engine)
    told = _Telling(speaker, sources)
    plain = {fact: basis for fact, basis in out.items() if fact.predicate not in (RDF_TYPE, *_NAMES)}
    node = speaker.node(name)
    begins, ends = there.days(name)
    return Description(
        node=node,
        kinds=tuple(speaker.value(iri(kind)) for kind in node.classes),
        valid_from=begins,
        valid_to=ends,
        values=told.groups((f, b) for f, b in plain.items() if not is_iri(f.object)),
        links=told.groups((f, b) for f, b in plain.items() if is_iri(f.object)),
        incoming=told.groups(listed.items(), backwards=True),
        more=len(into) - len(listed),
        facts=frozenset({*out, *listed, *_names(engine, out, listed)}),
        sources=sources,
    )


def _facts(engine: Engine, found: Callable[[str], Iterable[Fact]]) -> dict[Fact, Basis]:
    """The facts that are found, with how they are known. What the profile says counts as stated."""
    inferred = dict.fromkeys(found(INFERRED), Basis.INFERRED)
    stated = [*found(PROFILE), *found(STATED)]
    facts = {**inferred, **dict.fromkeys(stated, Basis.STATED)}
    return {fact: basis for fact, basis in facts.items() if not _blank(fact)}


def _blank(fact: Fact) -> bool:
    """Tell whether a fact is about a blank node, as only the profile has: it has no address."""
    return fact.subject.startswith("_:") or fact.object.startswith("_:")


def _names(engine: Engine, out: Iterable[Fact], into: Iterable[Fact]) -> Iterator[Fact]:
    """What the other ends of links are called and are."""
    ends = {iri_of(fact.object) for fact in out if is_iri(fact.object)} | {fact.subject for fact in into}
    for end in sorted(ends):
        for predicate in (*_NAMES, SKOS_NOTATION):
            yield from engine.facts(subject=end, predicate=predicate)


class _Existing:
    """Tells which nodes exist on a date; without a date all do."""

    def __init__(self, state: Described, as_of: dt.date | None) -> None:
        self._engine, self._trace = state.engine, state.profile.trace
        self._day = None if as_of is None else as_of.toordinal()

    def __call__(self, node: str) -> bool:
        if self._day is None:
            return True
        days = self._interval(node)
        return days is None or days[0] <= self._day <= days[1]

    def days(self, node: str) -> tuple[str, str]:
        """Return the first and the last day of a node as ISO dates; "" for an open end."""
        found = self._interval(node)
        return ("", "") if found is None else (iso(found[0]), iso(found[1]))

    def _interval(self, node: str) -> tuple[int, int] | None:
        begins, ends = (
            [fact.object for one in sorted(of) for fact in self._engine.facts(subject=node, predicate=one)]
            for of in (self._trace.valid_from, self._trace.valid_to)
        )
        return interval(begins, ends)


class _Telling:
    """Puts facts in words."""

    def __init__(self, speaker: Speaker, sources: dict[Fact, tuple[Source, ...]]) -> None:
        self._speaker = speaker
        self._sources = sources

    def groups(self, facts: Iterable[tuple[Fact, Basis]], *, backwards: bool = False) -> tuple[Group, ...]:
        """Group facts by property; ``backwards``: their other end is the subject."""
        by_property = sorted(facts, key=lambda pair: (pair[0].predicate, pair[0]))
        made = [
            Group(predicate, self._speaker.property(predicate), self._values(list(pairs), backwards))
            for predicate, pairs in groupby(by_property, key=lambda pair: pair[0].predicate)
        ]
        return tuple(sorted(made, key=lambda group: (group.label.best("zh"), group.property)))

    def _values(self, pairs: Sequence[tuple[Fact, Basis]], backwards: bool) -> tuple[Value, ...]:
        values = (self._value(fact, basis, backwards) for fact, basis in pairs)
        return tuple(sorted(values, key=lambda value: (value.text.best("zh"), value.fact)))

    def _value(self, fact: Fact, basis: Basis, backwards: bool) -> Value:
        places = self._sources.get(fact, ())
        end = fact.subject if backwards else iri_of(fact.object) if is_iri(fact.object) else ""
        if not end:
            return Value(fact, _literal(fact.object), None, Text(), basis, places)
        node = self._speaker.node(end)
        text = node.label if node.classes else self._speaker.value(iri(end))
        return Value(fact, text, node, self._speaker.kind(node), basis, places)


def _literal(term: str) -> Text:
    lit = lit_of(term)
    return Text({lit.language: lit.value})
