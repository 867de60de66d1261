"""Concepts of the profile's schemes, and its classes, by what people call them."""

from __future__ import annotations

from collections.abc import Iterable

import rdflib
from rdflib.namespace import SKOS

from qualitrace.loading.normalise import fold
from qualitrace.profile.model import Profile

_NAMES = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.notation)


class Concepts:
    """Look-up by folded label or notation. Built once per document."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._by_scheme: dict[str, dict[str, list[str]]] = {}
        self._labels: dict[tuple[str, ...], list[str]] = {}
        self._named: dict[tuple[str, ...], dict[str, str]] = {}

    def find(self, text: str, schemes: Iterable[str]) -> list[str]:
        """Return the concepts of ``schemes`` called ``text``, sorted."""
        wanted = fold(text)
        return sorted({iri for scheme in schemes for iri in self._scheme(scheme).get(wanted, ())})

    def labels(self, schemes: Iterable[str]) -> list[str]:
        """Return what the concepts of ``schemes`` are called (Chinese, else any language), sorted."""
        key = tuple(schemes)
        if key not in self._labels:
            graph = self._profile.ontology
            found: set[str] = set()
            for concept in {c for s in key for c in graph.subjects(SKOS.inScheme, rdflib.URIRef(s))}:
                labels = sorted(graph.objects(concept, SKOS.prefLabel), key=_chinese_first)
                found.update(str(label) for label in labels[:1])
            self._labels[key] = sorted(found)
        return self._labels[key]

    def class_named(self, text: str, under: Iterable[str]) -> str:
        """Return the class called ``text`` below one of ``under`` (any class when empty), else ``""``."""
        key = tuple(under)
        if key not in self._named:
            index: dict[str, str] = {}
            for iri in self._classes(key):
                model = self._profile.classes[iri]
                for name in (model.name, *model.labels.values()):
                    index.setdefault(fold(name), iri)
            self._named[key] = index
        return self._named[key].get(fold(text), "")

    def class_labels(self, under: Iterable[str]) -> list[str]:
        """Return what the classes below ``under`` are called."""
        return sorted({self._profile.classes[iri].labels.best("zh") for iri in self._classes(under)})

    def _classes(self, under: Iterable[str]) -> list[str]:
        roots = tuple(under)
        if not roots:
            return sorted(self._profile.classes)
        classes = {iri for root in roots for iri in (root, *self._profile.classes[root].children)}
        return sorted(classes & self._profile.classes.keys())

    def _scheme(self, scheme: str) -> dict[str, list[str]]:
        if scheme not in self._by_scheme:
            graph = self._profile.ontology
            index: dict[str, list[str]] = {}
            for concept in graph.subjects(SKOS.inScheme, rdflib.URIRef(scheme)):
                for predicate in _NAMES:
                    for name in graph.objects(concept, predicate):
                        index.setdefault(fold(str(name)), []).append(str(concept))
            self._by_scheme[scheme] = index
        return self._by_scheme[scheme]


def _chinese_first(label: rdflib.term.Node) -> tuple[bool, str]:
    language = label.language if isinstance(label, rdflib.Literal) else ""
    return language != "zh", str(label)
