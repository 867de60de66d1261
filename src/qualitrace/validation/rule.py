"""A rule: what a report has one line for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qualitrace.text import Text
from qualitrace.validation.model import Severity
from qualitrace.validation.shapes import Shape


class Pattern(NamedTuple):
    """A pattern that binds ``start`` to the targets of a root, and ``?this`` to the nodes of a rule."""

    start: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A named shape, with the patterns that bind ``?this`` to the nodes it is checked on.

    ``roots`` are the shapes with targets it is reached from. ``predicates`` are read on the way from
    their targets to the rule's own focus nodes; empty when these are the same.
    """

    iri: str
    labels: Text
    severity: Severity
    patterns: tuple[Pattern, ...]
    roots: tuple[Shape, ...]
    predicates: frozenset[str]
