"""One name, one variable (floor 2).

SPARQL lets a rule use a name again for another variable: inside a query in a query, in a filter that does
not see the pattern beside its braces, below MINUS or EXISTS. A store that evaluates one part with the
values of another may take them for the same; and a rule is cut into pieces here. So such names are made
different (section 18.2 of https://www.w3.org/TR/sparql11-query/ says which variables a pattern has).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from qualitrace.reasoning.patterns import (
    Bind,
    Filter,
    Group,
    Minus,
    Optional,
    Part,
    Select,
    Slot,
    Triples,
    Union,
    Values,
    Words,
    mentioned,
    renamed,
)

_NONE: frozenset[str] = frozenset()


def set_apart(body: Group) -> Group:
    """Give every variable of a rule a name that no other one has."""
    return _apart(body, _NONE, _NONE, count(1))


def _visible(parts: Iterable[Part]) -> frozenset[str]:
    """The variables that a group with these parts may bind."""
    found: set[str] = set()
    for part in parts:
        match part:
            case Triples():
                found.update(name for triple in part.triples for name in triple.variables)
            case Values() | Slot():
                found.update(part.variables)
            case Bind():
                found.add(part.variable)
            case Optional():
                found |= _visible(part.group.parts)
            case Union():
                found.update(name for branch in part.branches for name in _visible(branch.parts))
            case Select():
                found.update(name for _, name in part.items)
            case _:
                pass
    return frozenset(found)


def _apart(group: Group, outer: frozenset[str], left: frozenset[str], numbers: Iterator[int]) -> Group:
    """``outer``: what EXISTS brings in; ``left``: what stands before OPTIONAL, for its own filters."""
    here, parts = _visible(group.parts) | outer | left, list[Part]()
    for at, part in enumerate(group.parts):
        before = _visible(group.parts[:at]) | outer
        match part:
            case Filter():
                parts.append(Filter(_words(part.words, here, numbers)))
            case Bind():
                parts.append(Bind(_words(part.words, before, numbers), part.variable))
            case Optional():
                parts.append(Optional(_apart(part.group, outer, before, numbers)))
            case Minus():
                parts.append(Minus(_apart(_own(part.group, before, numbers), outer, _NONE, numbers)))
            case Union():
                branches = (_apart(branch, outer, _NONE, numbers) for branch in part.branches)
                parts.append(Union(tuple(branches)))
            case Select():
                parts.append(_select(part, outer, numbers))
            case _:
                parts.append(part)
    return Group(tuple(parts))


def _words(words: Words, seen: frozenset[str], numbers: Iterator[int]) -> Words:
    unseen = {word for word in words if isinstance(word, str) and word.startswith("?") and word not in seen}
    other = {name: f"{name}__{next(numbers)}" for name in sorted(unseen)}
    return tuple(
        _apart(_own(one, seen, numbers), seen, _NONE, numbers)
        if isinstance(one, Group)
        else other.get(one, one)
        for one in words
    )


def _own(group: Group, shared: frozenset[str], numbers: Iterator[int]) -> Group:
    """The group with new names for all variables but the shared ones."""
    return renamed(group, {name: f"{name}__{next(numbers)}" for name in sorted(mentioned(group) - shared)})


def _select(part: Select, outer: frozenset[str], numbers: Iterator[int]) -> Select:
    shown = frozenset(name for _, name in part.items)
    (whole,) = _own(Group((part,)), shown, numbers).parts
    assert isinstance(whole, Select)
    return Select(
        whole.items,
        _apart(whole.where, outer & shown, _NONE, numbers),
        whole.modifier,
        whole.grouping,
        whole.having,
    )
