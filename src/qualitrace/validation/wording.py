"""The words of a finding: message and suggested fix, with names put in for what they mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from qualitrace.text import Text
from qualitrace.validation.constraint import Search
from qualitrace.validation.data import Term
from qualitrace.validation.labels import Labels
from qualitrace.validation.paths import last_predicate
from qualitrace.validation.run import Hit
from qualitrace.validation.vocabulary import map_text

_PLACE = re.compile(r"\{\{|\}\}|\{([?$]?\w+)\}|<([^<>\s]+)>")
_HERE = Text(zh="此项", en="this node")


def message_of(hit: Hit, labels: Labels) -> Text:
    """Word the message of a hit: the query's ``?message``, the constraint's, the shape's, else our own."""
    constraint, shape = hit.check.constraint, hit.check.shape
    said = hit.row.get("message")
    if isinstance(said, ox.Literal):
        return Text({(said.language or "").lower(): said.value})
    own = constraint.messages or shape.messages
    if own:
        return map_text(own, lambda language, words: _fill(words, hit, labels, language, ours=False))
    return map_text(
        constraint.default, lambda language, words: _fill(words, hit, labels, language, ours=True)
    )


def fix_of(hit: Hit) -> Text:
    """Return the suggested fix: the constraint's, else that of the nearest shape that has one."""
    if hit.check.constraint.remedy:
        return hit.check.constraint.remedy
    return next((shape.remedy for shape in reversed(hit.check.shapes) if shape.remedy), Text())


def path_label(hit: Hit, labels: Labels, language: str) -> str:
    """Name what the result is about: the property shape's name, else the property's label."""
    shape = hit.check.shape
    if hit.path is not None:
        return labels.name(hit.path, language)
    if shape.path is None:
        return _HERE.best(language)
    named = shape.labels.get(language) or shape.labels.get("")
    predicate = last_predicate(shape.path)
    return named or (labels.name(ox.NamedNode(predicate), language) if predicate else "")


def mentioned(hits: Iterable[Hit]) -> Iterator[Term | None]:
    """Iterate over every node whose label the findings will need."""
    for hit in hits:
        yield from (hit.focus, hit.value, hit.path, *hit.row.values())
        yield from hit.check.mentions


def _fill(words: str, hit: Hit, labels: Labels, language: str, *, ours: bool) -> str:
    """Fill in ``{?variable}`` (SHACL 5.3.2); in our own messages also ``{path}``, ``{value}`` and IRIs."""

    def put(match: re.Match[str]) -> str:
        name, iri = match.groups()
        if iri is not None:
            return labels.name(ox.NamedNode(iri), language) if ours else match.group()
        if name is None:
            return match.group()[0] if ours else match.group()
        if name[0] in "?$":
            term = _variable(hit, name[1:])
            return match.group() if term is None else labels.name(term, language)
        if not ours:
            return match.group()
        if name == "path":
            return path_label(hit, labels, language)
        return (
            labels.name(hit.value, language) if name == "value" and hit.value is not None else match.group()
        )

    return _PLACE.sub(put, words)


def _variable(hit: Hit, name: str) -> Term | None:
    if name == "this":
        return hit.focus
    if name == "value" and isinstance(hit.check.constraint.test, Search):
        return hit.row.get("value", hit.value)
    return hit.value if name == "value" else hit.row.get(name)
