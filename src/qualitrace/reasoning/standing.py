"""Paths that may take no step (floor 2).

``?a v:p* ?b`` also holds between every node and itself. Where another pattern says which node, that adds
nothing to read; where none does, the rule reads every fact, because each may bring a node.
"""

from __future__ import annotations

from collections.abc import Iterable

from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

from qualitrace.reasoning.patterns import (
    Bind,
    Filter,
    Group,
    Minus,
    Optional,
    Part,
    Select,
    Triples,
    Union,
    certain,
    groups_in,
)
from qualitrace.reasoning.sites import positive


def stays(path: object) -> bool:
    """Tell whether a path holds without a step."""
    match path:
        case MulPath():
            return str(path.mod) in "*?" or stays(path.path)
        case SequencePath():
            return all(stays(one) for one in path.args)
        case AlternativePath():
            return any(stays(one) for one in path.args)
        case InvPath():
            return stays(path.arg)
        case _:
            return False


def from_anywhere(group: Group, known: frozenset[str] = frozenset()) -> bool:
    """Tell whether a path that may take no step stands in a group without a node to start from."""
    here = known | certain(_steps(positive(group)))
    before: list[Part] = []
    for part in group.parts:
        if _loose(part, here, certain(_steps(positive(Group(tuple(before)))))):
            return True
        before.append(part)
    return False


def _loose(part: Part, here: frozenset[str], before: frozenset[str]) -> bool:
    match part:
        case Triples():
            ends = [(one.subject, one.object) for one in part.triples if stays(one.predicate)]
            return any(all(end.startswith("?") and end not in here for end in pair) for pair in ends)
        case Optional() | Minus():
            return from_anywhere(part.group, before)
        case Filter() | Bind():
            return any(from_anywhere(inner, here) for inner in groups_in(part.words))
        case Union():
            return any(from_anywhere(branch, here) for branch in part.branches)
        case Select():
            return from_anywhere(part.where, here & part.shown)
        case _:
            return False


def _steps(parts: Iterable[Part]) -> list[Part]:
    """The parts without the paths that may take no step."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Triples):
            found.append(Triples(tuple(one for one in part.triples if not stays(one.predicate))))
        elif isinstance(part, Union):
            found.append(Union(tuple(Group(tuple(_steps(branch.parts))) for branch in part.branches)))
    return found
