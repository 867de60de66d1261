"""The body of a rule as a tree that can be cut, narrowed and written again (floor 2).

Terms and words of expressions are SPARQL text; those that begin with ``?`` are variables. What the
parts mean is section 18.2 of https://www.w3.org/TR/sparql11-query/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rdflib.paths import Path

Words = tuple["str | Group", ...]  # an expression, with the patterns of EXISTS in their places

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern; the predicate may be a property path."""

    subject: str
    predicate: str | Path
    object: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables in order, each once."""
        return variables_in((self.subject, self.predicate, self.object))


@dataclass(frozen=True, slots=True)
class Triples:
    """Triple patterns that hold together."""

    triples: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """``FILTER``."""

    words: Words


@dataclass(frozen=True, slots=True)
class Bind:
    """``BIND``."""

    words: Words
    variable: str


@dataclass(frozen=True, slots=True)
class Optional:
    """``OPTIONAL``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Minus:
    """``MINUS``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Union:
    """``{ } UNION { }``; with one branch, a group in a group."""

    branches: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """``VALUES`` as it is written in the rule."""

    variables: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where ``VALUES`` for these variables are put when the query is asked."""

    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """A query in a query. ``items``: what it answers, by expression or (None) as it is."""

    items: tuple[tuple[Words | None, str], ...]
    where: Group
    modifier: str = ""
    grouping: tuple[tuple[Words, str | None], ...] = ()
    having: tuple[Words, ...] = ()

    @property
    def shown(self) -> frozenset[str]:
        """The variables that it passes on as they are."""
        return frozenset(name for words, name in self.items if words is None)

    @property
    def counts(self) -> bool:
        """Whether more facts inside can mean other answers instead of more."""
        aggregates = any(_AGGREGATES.intersection(words or ()) for words, _ in self.items)
        return bool(self.grouping or self.having or aggregates)


Part = Triples | Filter | Bind | Optional | Minus | Union | Values | Slot | Select


@dataclass(frozen=True, slots=True)
class Group:
    """``{ … }``: parts in their order."""

    parts: tuple[Part, ...]


def variables_in(words: Iterable[object]) -> tuple[str, ...]:
    """The variables among words, in order, each once."""
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str) and word.startswith("?")))


def groups_in(words: Words) -> Iterator[Group]:
    """The patterns of EXISTS in an expression."""
    return (word for word in words if isinstance(word, Group))


def certain(parts: Iterable[Part]) -> frozenset[str]:
    """The variables that are bound in every solution of a group with these parts."""
    bound: set[str] = set()
    for part in parts:
        match part:
            case Triples():
                bound.update(name for triple in part.triples for name in triple.variables)
            case Values():
                bound.update(
                    name
                    for at, name in enumerate(part.variables)
                    if all(row[at] != "UNDEF" for row in part.rows)
                )
            case Slot():
                bound.update(part.variables)
            case Union():
                bound |= frozenset.intersection(*(certain(branch.parts) for branch in part.branches))
            case Select():
                bound |= part.shown & certain(part.where.parts)
            case _:
                pass
    return frozenset(bound)


def first_bound(group: Group) -> frozenset[str]:
    """The variables whose values may be given at the head of a group without changing what it means.

    They are bound before anything looks at whether they are.
    """
    first: list[Part] = []
    for part in group.parts:
        if isinstance(part, Optional | Minus | Bind):
            break
        first.append(part)
    return certain(first)


def narrowed(group: Group, names: frozenset[str]) -> Group:
    """The group with slots for values of ``names``, also in the groups inside, where that is the same.

    Names that the group does not bind before it looks whether they are bound are passed over.
    """
    here = names & first_bound(group)
    parts = tuple(_narrowed(part, names, here) for part in group.parts if not _given(part, here))
    alone = any(isinstance(part, Select) for part in parts)  # nothing may stand beside a query inside
    return Group((Slot(tuple(sorted(here))), *parts) if here and not alone else parts)


def _given(part: Part, names: frozenset[str]) -> bool:
    """Whether the part is a slot that another one makes superfluous."""
    return isinstance(part, Slot) and names.issuperset(part.variables)


def _narrowed(part: Part, names: frozenset[str], here: frozenset[str]) -> Part:
    """``here``: what is bound before anything optional; only that may narrow what is left out or missing."""
    match part:
        case Optional():
            return Optional(narrowed(part.group, here))
        case Minus():
            return Minus(narrowed(part.group, here))
        case Union():
            return Union(tuple(narrowed(branch, names) for branch in part.branches))
        case Select():
            inner = names & part.shown
            if part.grouping:
                inner &= {one for words, _ in part.grouping for one in variables_in(words) if len(words) == 1}
            elif part.counts:
                inner = frozenset()
            return replace(part, where=narrowed(part.where, inner)) if inner else part
        case _:
            return part


def renamed(group: Group, names: Mapping[str, str]) -> Group:
    """The group with other names for some variables."""
    return Group(tuple(_renamed(part, names) for part in group.parts)) if names else group


def _renamed(part: Part, names: Mapping[str, str]) -> Part:
    match part:
        case Triples():
            return Triples(tuple(_renamed_triple(triple, names) for triple in part.triples))
        case Filter():
            return Filter(_renamed_words(part.words, names))
        case Bind():
            return Bind(_renamed_words(part.words, names), names.get(part.variable, part.variable))
        case Optional() | Minus():
            return replace(part, group=renamed(part.group, names))
        case Union():
            return Union(tuple(renamed(branch, names) for branch in part.branches))
        case Values() | Slot():
            return replace(part, variables=tuple(names.get(name, name) for name in part.variables))
        case Select():
            return _renamed_select(part, names)


def _renamed_select(part: Select, names: Mapping[str, str]) -> Select:
    return Select(
        tuple((words and _renamed_words(words, names), names.get(name, name)) for words, name in part.items),
        renamed(part.where, names),
        part.modifier,
        tuple(
            (_renamed_words(words, names), name and names.get(name, name)) for words, name in part.grouping
        ),
        tuple(_renamed_words(words, names) for words in part.having),
    )


def _renamed_words(words: Words, names: Mapping[str, str]) -> Words:
    return tuple(renamed(one, names) if isinstance(one, Group) else names.get(one, one) for one in words)


def _renamed_triple(triple: Triple, names: Mapping[str, str]) -> Triple:
    predicate = triple.predicate
    if isinstance(predicate, str):
        predicate = names.get(predicate, predicate)
    return Triple(
        names.get(triple.subject, triple.subject), predicate, names.get(triple.object, triple.object)
    )


def mentioned(group: Group) -> frozenset[str]:
    """Every variable written anywhere in a group."""
    return frozenset(_mentioned(group))


def _mentioned(group: Group) -> Iterator[str]:
    for part in group.parts:
        match part:
            case Triples():
                yield from (name for triple in part.triples for name in triple.variables)
            case Filter() | Bind():
                yield from _in_words(part.words)
                if isinstance(part, Bind):
                    yield part.variable
            case Optional() | Minus():
                yield from _mentioned(part.group)
            case Union():
                yield from (name for branch in part.branches for name in _mentioned(branch))
            case Values() | Slot():
                yield from part.variables
            case Select():
                yield from _mentioned_in_select(part)


def _mentioned_in_select(part: Select) -> Iterator[str]:
    yield from _mentioned(part.where)
    for words, name in (*part.items, *part.grouping):
        yield from _in_words(words or ())
        if name:
            yield name
    for words in part.having:
        yield from _in_words(words)


def _in_words(words: Words) -> Iterator[str]:
    yield from variables_in(words)
    for group in groups_in(words):
        yield from _mentioned(group)
