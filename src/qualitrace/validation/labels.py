"""Labels of nodes, asked for together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyoxigraph as ox

from qualitrace.terms import RDFS, SKOS
from qualitrace.text import Text
from qualitrace.validation.data import Data, Term, batches, bindings, values_block
from qualitrace.validation.vocabulary import local_name

LABELS = (RDFS + "label", SKOS + "prefLabel")


class Labels:
    """Finds labels for many nodes with few queries, and remembers them."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._known: dict[Term, Text] = {}

    def learn(self, terms: Iterable[Term | None]) -> None:
        """Ask for the labels of nodes that will be named."""
        asked = [t for t in dict.fromkeys(terms) if t is not None and t not in self._known]
        nodes = [term for term in asked if not isinstance(term, ox.Literal)]
        found: dict[Term, dict[str, dict[str, str]]] = {node: {} for node in nodes}
        for batch in batches(nodes):
            for predicate in LABELS:
                query = f"SELECT ?node ?label {{ {values_block('?node', batch)} ?node <{predicate}> ?label }}"
                for row in self._data.select(query, bindings("?node", batch)):
                    label = row["label"]
                    if isinstance(label, ox.Literal):
                        texts = found[row["node"]].setdefault(predicate, {})
                        language = (label.language or "").lower()
                        # The first in order, so that two labels in one language answer the same each time.
                        texts[language] = min(texts.get(language, label.value), label.value)
        for node, by_predicate in found.items():
            merged: dict[str, str] = {}
            for predicate in reversed(LABELS):
                merged |= by_predicate.get(predicate, {})
            self._known[node] = Text(merged)

    def of(self, term: Term) -> Text:
        """Return the label of a node that was learnt; empty when it has none."""
        return self._known.get(term, Text())

    def name(self, term: Term, *languages: str) -> str:
        """Name a term in a message: its label, else its text or the end of its IRI."""
        if isinstance(term, ox.Literal):
            return term.value
        label = self.of(term).best(*languages)
        if label:
            return label
        return local_name(term.value) or term.value if isinstance(term, ox.NamedNode) else str(term)

    def namer(self, language: str) -> Callable[[Term], str]:
        """Return :meth:`name` for one language."""
        return lambda term: self.name(term, language)
