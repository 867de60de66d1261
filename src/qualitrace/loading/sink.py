"""Where facts gather: each once per table with its best source, conflicts told, bodies described."""

from __future__ import annotations

from collections.abc import Mapping

from qualitrace.journal.model import Basis, Source, SourcedFact
from qualitrace.loading import messages, row_messages
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.names import Named, NameRules
from qualitrace.loading.normalise import fold
from qualitrace.profile.model import Profile
from qualitrace.terms import QT, RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of, literal

_RANK = {Basis.STATED: 0, Basis.MERGED: 1, Basis.DERIVED: 2}


class Sink:
    """Gathers facts and what contradicts them, in the order they come."""

    def __init__(self, profile: Profile, rules: NameRules) -> None:
        self.profile = profile
        self.rules = rules
        self.notices: list[Notice] = []
        self.bodies: dict[str, tuple[Named, Source]] = {}  # by IRI, with the first place
        self._sources: dict[Fact, dict[str, Source]] = {}
        self._single: dict[tuple[str, str], tuple[str, Source]] = {}
        self._single_predicates: dict[str, frozenset[str]] = {}

    def add(self, fact: Fact, source: Source) -> None:
        """Add a fact; of several places in one table the best is kept (stated before merged)."""
        places = self._sources.setdefault(fact, {})
        held = places.get(source.part)
        if held is None or _RANK[source.basis] < _RANK[held.basis]:
            places[source.part] = source

    def value(self, class_iri: str, fact: Fact, source: Source) -> None:
        """Add a literal. Where the class allows one only, the first stays and the other is told."""
        if fact.predicate in self._single_of(class_iri):
            key = (fact.subject, fact.predicate)
            held, place = self._single.setdefault(key, (fact.object, source))
            if held != fact.object:
                self._conflict(fact, source, held, place)
                return
        self.add(fact, source)

    def _conflict(self, fact: Fact, source: Source, held: str, place: Source) -> None:
        said, kept = lit_of(fact.object).value, lit_of(held).value
        if fold(said) != fold(kept):
            label = self._label(fact.predicate)
            message = row_messages.two_values(label, kept, place.place())
            self.notices.append(Notice(NoticeKind.DISAGREEMENT, source, message, said))

    def _label(self, predicate: str) -> str:
        for model in self.profile.classes.values():
            for known in model.properties:
                if known.predicate == predicate and known.labels:
                    return known.labels.best("zh")
        return self.profile.shorten(predicate)

    def _single_of(self, class_iri: str) -> frozenset[str]:
        if class_iri not in self._single_predicates:
            model = self.profile.classes.get(class_iri)
            known = model.properties if model else ()
            single = {p.predicate for p in known if p.predicate and not p.many}
            self._single_predicates[class_iri] = frozenset(single | {RDFS_LABEL})
        return self._single_predicates[class_iri]

    def body(self, named: Named, source: Source) -> None:
        """Describe a body or group where it is first met."""
        if named.alias:
            self.add(Fact(named.iri, QT + "alias", literal(named.alias)), source)
        if named.iri in self.bodies:
            return
        self.bodies[named.iri] = (named, source)
        if named.class_iri:
            guess = Source(source.document, source.part, source.row, source.cell, Basis.DERIVED)
            self.add(Fact(named.iri, RDF_TYPE, iri(named.class_iri)), guess if named.guessed else source)
        if named.by_default:
            self.notices.append(
                Notice(NoticeKind.AMBIGUOUS, source, messages.class_guessed(named.name), named.name)
            )
        self.value(named.class_iri, Fact(named.iri, RDFS_LABEL, literal(named.name)), source)
        if named.member_class and self.rules.member_link:
            self.add(Fact(named.iri, self.rules.member_link, iri(named.member_class)), source)

    def facts(self) -> tuple[SourcedFact, ...]:
        """Return the facts with their places, in the order they came; no place repeats a better one."""
        gathered = []
        for fact, places in self._sources.items():
            best = min(_RANK[source.basis] for source in places.values())
            gathered += [SourcedFact(fact, s) for s in places.values() if _RANK[s.basis] == best]
        return tuple(gathered)

    def named(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the bodies and groups that were met, by class IRI."""
        found: dict[str, set[str]] = {}
        for named, _ in self.bodies.values():
            found.setdefault(named.class_iri, set()).add(named.name)
        return {class_iri: tuple(sorted(names)) for class_iri, names in sorted(found.items())}

    def counts(self) -> Mapping[str, int]:
        """Return how many nodes of each class were found."""
        found: dict[str, set[str]] = {}
        for fact in self._sources:
            if fact.predicate == RDF_TYPE and is_iri(fact.object):
                found.setdefault(iri_of(fact.object), set()).add(fact.subject)
        return {class_iri: len(nodes) for class_iri, nodes in sorted(found.items())}
