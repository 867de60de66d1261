"""What a profile says about tracing, in the form that questions use."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDFS

from qualitrace.errors import QueryError
from qualitrace.profile.model import ChainModel, Profile, PropertyPath
from qualitrace.terms import OWL_THING, language_text
from qualitrace.text import Text

Types = frozenset[str]


class TraceSchema:
    """The tracing properties of a profile, numbered, with what can lead where.

    ``properties`` are IRIs in the order of their numbers; ``inherited`` tells by number.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.properties: tuple[str, ...] = tuple(sorted(profile.trace.properties))
        self.number: dict[str, int] = {iri: number for number, iri in enumerate(self.properties)}
        self.inherited: tuple[bool, ...] = tuple(
            profile.trace.properties[iri].inherited for iri in self.properties
        )
        self._leading: dict[str, frozenset[str]] = {}
        self._expected: dict[tuple[str, Types], tuple[int, ...]] = {}
        self._chains: dict[Types, tuple[ChainModel, ...]] = {}
        self._stewards: dict[Types, PropertyPath] = {}

    @cached_property
    def above(self) -> dict[int, frozenset[int]]:
        """Return the tracing properties strictly above each that has any (``rdfs:subPropertyOf``)."""
        graph = self.profile.ontology
        over = {
            iri: {str(term) for term in graph.transitive_objects(rdflib.URIRef(iri), RDFS.subPropertyOf)}
            for iri in self.properties
        }
        strict = {
            self.number[iri]: frozenset(
                self.number[other] for other in supers if other in over and iri not in over[other]
            )
            for iri, supers in over.items()
        }
        return {number: supers for number, supers in strict.items() if supers}

    def family(self, class_iri: str) -> Types:
        """Return a class and its subclasses; of ``owl:Thing``, every class there is.

        Raises QueryError when the profile has no such class.
        """
        if class_iri == OWL_THING:
            return frozenset(self.profile.classes)
        model = self.profile.classes.get(class_iri)
        if model is None:
            raise QueryError(
                Text(zh=f"配置里没有类“{class_iri}”。", en=f"The profile has no class “{class_iri}”."),
                hint=Text(
                    zh="请用配置里的类名，例如：" + "、".join(self._some_classes("zh")),
                    en="Name a class of the profile, such as: " + ", ".join(self._some_classes("en")),
                ),
            )
        return model.children | {class_iri}

    def most_specific(self, types: Iterable[str]) -> tuple[str, ...]:
        """Drop classes that follow from others, and classes the profile does not know if it knows any."""
        classes = self.profile.classes
        known = {iri for iri in types if iri in classes} or set(types)
        implied = {parent for iri in known if iri in classes for parent in classes[iri].parents - {iri}}
        return tuple(sorted(known - implied)) or tuple(sorted(known))

    def expected(self, to: str, types: Types) -> tuple[int, ...]:
        """Return the properties a node of these types must have on its way to class ``to``.

        These are the tracing properties with a name for their absence (``qt:absence``) whose domain
        holds the node and whose range can lead to ``to``. A property without a domain is expected
        of nobody.
        """
        key = (to, types)
        if key not in self._expected:
            self._expected[key] = tuple(
                self.number[iri]
                for iri in sorted(self.leading_to(to))
                if self.absence(iri) and not self.profile.trace.properties[iri].domains.isdisjoint(types)
            )
        return self._expected[key]

    def leading_to(self, to: str) -> frozenset[str]:
        """Return the tracing properties that could be a step on a path to class ``to``.

        Read from domains and ranges; a property without a range could lead anywhere.
        """
        if to not in self._leading:
            self._leading[to] = self._leading_to(self.family(to))
        return self._leading[to]

    def chains(self, types: Types) -> tuple[ChainModel, ...]:
        """Return the chains that nodes of these types must have: their classes' and those above."""
        if types not in self._chains:
            declared = (chain for iri in self._lineage(types) for chain in self.profile.classes[iri].chains)
            self._chains[types] = tuple({chain.links: chain for chain in declared}.values())
        return self._chains[types]

    def steward(self, types: Types) -> PropertyPath:
        """Return the steward path of the most specific class that has one, else ``()``."""
        if types not in self._stewards:
            paths = (self.profile.classes[iri].steward for iri in self._lineage(types))
            self._stewards[types] = next((path for path in paths if path), ())
        return self._stewards[types]

    def absence(self, predicate: str, *, inverse: bool = False) -> Text:
        """Return what a missing link is called (``qt:absence``); empty when it has no name.

        A link read backwards takes the name of the property that is its inverse (``owl:inverseOf``).
        """
        if not inverse:
            return self._absence_of(predicate)
        term = rdflib.URIRef(predicate)
        graph = self.profile.ontology
        inverses = {*graph.objects(term, OWL.inverseOf), *graph.subjects(OWL.inverseOf, term)}
        names = (self._absence_of(str(inverse)) for inverse in sorted(inverses, key=str))
        return next((name for name in names if name), Text())

    def missing(self, predicate: str, *, inverse: bool = False) -> Text:
        """Return what a missing link is called, made from the property's label when nothing is declared."""
        declared = self.absence(predicate, inverse=inverse)
        if declared:
            return declared
        terms = self.profile.ontology.objects(rdflib.URIRef(predicate), RDFS.label)
        labels = language_text([term.n3() for term in terms])
        zh, en = (labels.best(language) or self.profile.shorten(predicate) for language in ("zh", "en"))
        return Text(zh=f"缺少“{zh}”", en=f"no “{en}”")

    def _absence_of(self, predicate: str) -> Text:
        declared = self.profile.trace.properties.get(predicate)
        if declared is not None and declared.absence:
            return declared.absence
        return self.profile.trace.absences.get(predicate, Text())

    def _leading_to(self, family: Types) -> frozenset[str]:
        leading: set[str] = set()
        reachable: set[str] | Types = set(family)
        while True:
            found = {
                iri
                for iri in self.properties
                if iri not in leading
                and ((reach := self._ranges[iri]) is None or not reach.isdisjoint(reachable))
            }
            if not found:
                return frozenset(leading)
            leading |= found
            reachable = reachable.union(*(self._domain(iri) for iri in found))

    def _domain(self, iri: str) -> Types:
        return self.profile.trace.properties[iri].domains or frozenset(self.profile.classes)

    @cached_property
    def _ranges(self) -> dict[str, Types | None]:
        return {iri: self._range(rdflib.URIRef(iri)) for iri in self.properties}

    def _range(self, term: rdflib.term.Node) -> Types | None:
        """Return what the nearest stated ``rdfs:range`` can hold, upwards over super-properties."""
        graph = self.profile.ontology
        level, seen = {term}, {term}
        while level:
            stated = [found for name in level for found in graph.objects(name, RDFS.range)]
            if stated:
                return self._union([self._class(found) for found in stated])
            level = {up for name in level for up in graph.objects(name, RDFS.subPropertyOf)} - seen
            seen |= level
        return None

    def _class(self, term: rdflib.term.Node) -> Types | None:
        """Return the classes a range expression can hold; None when it cannot be told."""
        if isinstance(term, rdflib.URIRef):
            model = self.profile.classes.get(str(term))
            return None if model is None else model.children | {model.iri}
        members = self.profile.ontology.value(term, OWL.unionOf)
        if members is None:
            return None
        return self._union([self._class(member) for member in Collection(self.profile.ontology, members)])

    @staticmethod
    def _union(parts: list[Types | None]) -> Types | None:
        if not parts or any(part is None for part in parts):
            return None
        return frozenset[str]().union(*(part for part in parts if part is not None))

    def _lineage(self, types: Types) -> list[str]:
        classes = self.profile.classes
        known = {iri for iri in types if iri in classes}
        above = {parent for iri in known for parent in classes[iri].parents if parent in classes}
        return sorted(known | above, key=lambda iri: (-len(classes[iri].parents), iri))

    def _some_classes(self, language: str) -> list[str]:
        shown = [model for model in self.profile.classes.values() if not model.abstract]
        return sorted(model.labels.best(language) or model.name for model in shown)[:8]
