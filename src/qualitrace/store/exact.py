"""Literals as they were written, where Oxigraph keeps their value only (floor 1).

Oxigraph stores numbers, booleans and dates by value: ``"4.0"^^xsd:decimal`` comes back as ``"4"``, and
``"5"^^xsd:byte`` as ``"5"^^xsd:integer``. SHACL compares terms. An engine that notes here what it
stored otherwise than given lets reports name values as they were written and lets ``sh:datatype``
tell derived integers apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import pyoxigraph as ox

from qualitrace.terms import RDF, XSD

Place = tuple[str, str, ox.Literal]  # subject in N-Triples syntax, predicate, stored literal

_ALWAYS_KEPT = {XSD + "string", XSD + "anyURI", RDF + "langString", RDF + "HTML", RDF + "XMLLiteral"}
_CANONICAL = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD + "decimal": re.compile(r"0|-?(?:[1-9][0-9]{0,11}|0(?=\.))(?:\.[0-9]{0,5}[1-9])?"),
    XSD + "boolean": re.compile("true|false"),
    XSD + "date": re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"),
}


def stored_form(literal: ox.Literal) -> ox.Literal:
    """Return a literal as a store gives it back."""
    datatype = literal.datatype.value
    if datatype in _ALWAYS_KEPT:
        return literal
    canonical = _CANONICAL.get(datatype)
    if canonical is not None and canonical.fullmatch(literal.value):
        return literal
    return _through_store(literal)


@lru_cache(maxsize=65536)
def _through_store(literal: ox.Literal) -> ox.Literal:
    node = ox.NamedNode("urn:x-exact:node")
    store = ox.Store()
    store.add(ox.Quad(node, node, literal))
    found = next(iter(store)).object
    assert isinstance(found, ox.Literal)
    return found


class ExactLiterals:
    """How literals were written, where that is another form than the store has.

    By subject (in N-Triples syntax), predicate and stored literal. Where one form is noted, all are.
    """

    def __init__(self, quads: Iterable[ox.Quad | ox.Triple] = ()) -> None:
        self._written: dict[Place, frozenset[ox.Literal]] = {}
        self._by_predicate: dict[tuple[str, ox.Literal], Counter[ox.Literal]] = {}
        for quad in quads:
            self.note(str(quad.subject), quad.predicate.value, quad.object)

    def __bool__(self) -> bool:
        return bool(self._written)

    def copy(self) -> ExactLiterals:
        """Return the same notes, to be kept apart from now on."""
        made = ExactLiterals()
        for place, forms in self._written.items():
            made.put(*place, forms)
        return made

    def knows(self, subject: str, predicate: str, stored: ox.Literal) -> bool:
        """Tell whether a stored literal of a fact was written in another form."""
        return (subject, predicate, stored) in self._written

    def put(self, subject: str, predicate: str, stored: ox.Literal, forms: Iterable[ox.Literal]) -> None:
        """Say all forms in which a stored literal is written; none when it is not there any more."""
        place, now = (subject, predicate, stored), frozenset(forms)
        before = self._written.pop(place, frozenset())
        if now - {stored}:
            self._written[place] = now
        else:
            now = frozenset()
        if now != before:
            count = self._by_predicate.setdefault((predicate, stored), Counter())
            count.update(now)
            count.subtract(before)
            if not +count:
                del self._by_predicate[predicate, stored]

    def note(self, subject: str, predicate: str, value: object) -> None:
        """Note a fact that is being stored."""
        if isinstance(value, ox.Literal):
            stored = stored_form(value)
            known = self._written.get((subject, predicate, stored), frozenset())
            if known or stored != value:
                self.put(subject, predicate, stored, known | {value})

    def forget(self, subject: str, predicate: str, value: object) -> None:
        """Forget a fact that is being removed."""
        if isinstance(value, ox.Literal):
            stored = stored_form(value)
            known = self._written.get((subject, predicate, stored), frozenset())
            self.put(subject, predicate, stored, known - {value})

    def written(self, subject: str, predicate: str, stored: ox.Literal) -> list[ox.Literal]:
        """Return how a stored literal of a fact was written; itself when nothing else was noted."""
        return sorted(self._written.get((subject, predicate, stored), {stored}), key=str)

    def written_anywhere(self, predicate: str, stored: ox.Literal) -> list[ox.Literal]:
        """Return how a stored literal was written with a predicate, whatever its subject."""
        return sorted(+self._by_predicate.get((predicate, stored), Counter([stored])), key=str)
