"""Labels of nodes, each looked up once."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from qualitrace.terms import RDFS, SKOS
from qualitrace.text import Text
from qualitrace.validation.data import Data, Term
from qualitrace.validation.vocabulary import local_name

LABELS = (RDFS + "label", SKOS + "prefLabel")
_NONE = Text()


class Labels:
    """Finds labels of nodes when they are asked for, and remembers them."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._known: dict[Term, Text] = {}

    def of(self, term: Term) -> Text:
        """Return the label of a node; empty when it has none."""
        if isinstance(term, ox.Literal):
            return _NONE
        known = self._known.get(term)
        if known is None:
            known = self._known[term] = self._look_up(term)
        return known

    def _look_up(self, node: Term) -> Text:
        merged: dict[str, str] = {}
        for predicate in reversed(LABELS):
            merged |= _by_language(self._data.objects(node, predicate))
        return Text(merged) if merged else _NONE

    def name(self, term: Term, *languages: str) -> str:
        """Name a term in a message: its label, else its text or the end of its IRI."""
        if isinstance(term, ox.Literal):
            return term.value
        label = self.of(term).best(*languages)
        if label:
            return label
        return local_name(term.value) or term.value if isinstance(term, ox.NamedNode) else str(term)


def _by_language(labels: Iterable[Term]) -> dict[str, str]:
    """Put labels by language; the first in order where there are two, so that runs agree."""
    texts: dict[str, str] = {}
    for label in labels:
        if isinstance(label, ox.Literal):
            language, words = (label.language or "").lower(), label.value
            if language not in texts or words < texts[language]:
                texts[language] = words
    return texts
