"""The words of a finding: message and suggested fix, with names put in for what they mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from qualitrace.text import Text
from qualitrace.validation.compiler import Check
from qualitrace.validation.constraint import Search
from qualitrace.validation.data import Term
from qualitrace.validation.labels import Labels
from qualitrace.validation.paths import last_predicate
from qualitrace.validation.run import Hit

_PLACE = re.compile(r"\{\{|\}\}|\{([?$]?\w+)\}|<([^<>\s]+)>")
_HERE = Text(zh="此项", en="this node")


class _Place(NamedTuple):
    """Where a term of the hit is named: by a variable of the query, or what the result is about."""

    written: str  # stays where the hit has no such term
    variable: str
    is_path: bool = False


class Wording:
    """Words the findings of one check. What is the same for all of them is worked out once."""

    def __init__(self, check: Check, labels: Labels) -> None:
        self._check = check
        self._labels = labels
        self._finds_path = "path" in check.columns
        self.fix = _fix_of(check)
        own = check.constraint.messages or check.shape.messages
        self._parts = {
            language: tuple(self._taken_apart(words, language, ours=not own))
            for language, words in (own or check.constraint.default).items()
        }
        fixed = all(isinstance(part, str) for parts in self._parts.values() for part in parts)
        self._fixed = (
            Text({at: "".join(map(str, parts)) for at, parts in self._parts.items()}) if fixed else None
        )

    def message(self, hit: Hit) -> Text:
        """Word the message: the query's ``?message``, the constraint's, the shape's, else our own."""
        said = hit.row.get("message")
        if isinstance(said, ox.Literal):
            return Text({(said.language or "").lower(): said.value})
        if self._fixed is not None:
            return self._fixed
        return Text(
            {
                language: "".join(
                    part if isinstance(part, str) else self._named(part, hit, language) for part in parts
                )
                for language, parts in self._parts.items()
            }
        )

    def _taken_apart(self, words: str, language: str, *, ours: bool) -> Iterator[str | _Place]:
        """Find ``{?variable}`` (SHACL 5.3.2); in our own messages also ``{path}``, ``{value}``, IRIs."""
        end = 0
        for match in _PLACE.finditer(words):
            yield words[end : match.start()]
            yield self._part(match, language, ours=ours)
            end = match.end()
        yield words[end:]

    def _part(self, match: re.Match[str], language: str, *, ours: bool) -> str | _Place:
        written = match.group()
        name, iri = match.groups()
        if name is not None and name[0] in "?$":
            return _Place(written, name[1:])
        if not ours:
            return written
        if iri is not None:
            return self._labels.name(ox.NamedNode(iri), language)
        if name is None:
            return written[0]
        if name == "path":
            return _Place(written, "", is_path=True) if self._finds_path else self._about(language)
        return _Place(written, "value") if name == "value" else written

    def _named(self, place: _Place, hit: Hit, language: str) -> str:
        if place.is_path:
            return self._about(language) if hit.path is None else self._labels.name(hit.path, language)
        term = self._variable(hit, place)
        return place.written if term is None else self._labels.name(term, language)

    def _about(self, language: str) -> str:
        """Name what the results are about: the property shape's name, else the property's label."""
        shape = self._check.shape
        if shape.path is None:
            return _HERE.best(language)
        named = shape.labels.get(language) or shape.labels.get("")
        predicate = last_predicate(shape.path)
        return named or (self._labels.name(ox.NamedNode(predicate), language) if predicate else "")

    def _variable(self, hit: Hit, place: _Place) -> Term | None:
        if place.variable == "this":
            return hit.focus
        if place.variable != "value":
            return hit.row.get(place.variable)
        if place.written != "{value}" and isinstance(self._check.constraint.test, Search):
            return hit.row.get("value", hit.value)
        return hit.value


def _fix_of(check: Check) -> Text:
    """Return the suggested fix: the constraint's, else that of the nearest shape that has one."""
    if check.constraint.remedy:
        return check.constraint.remedy
    return next((shape.remedy for shape in reversed(check.shapes) if shape.remedy), Text())


def mentioned(hit: Hit) -> Iterable[Term]:
    """Return the terms of a hit that its message may name."""
    return (term for term in (hit.focus, hit.value, hit.path, *hit.row.values()) if term is not None)
