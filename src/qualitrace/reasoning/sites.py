"""Where a rule reads facts: what a changed fact there can touch, and what follows through it (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.term import URIRef

from qualitrace.reasoning.patterns import (
    Bind,
    Filter,
    Group,
    Minus,
    Optional,
    Part,
    Select,
    Slot,
    Triple,
    Triples,
    Union,
    Values,
    Words,
    certain,
    groups_in,
    mentioned,
    narrowed,
    renamed,
    variables_in,
)


@dataclass(frozen=True, slots=True)
class Site:
    """One place where a rule reads facts.

    ``edge`` is the triple pattern that a changed fact takes the place of. ``around``: solutions of this
    group contain every solution of the rule that a fact there can bring or end, however the rule goes
    on; it holds no negation. ``settled``: a fact there may end a conclusion by appearing. Otherwise
    ``through`` has exactly the rule's solutions that use the fact there.
    """

    edge: Triple
    around: Group
    settled: bool
    through: Group | None = None


class _Names:
    """Variables that no rule uses."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> str:
        return f"?own__{next(self._numbers)}"


def sites(body: Group) -> list[Site]:
    """Find every place where a rule reads facts. ``around`` and ``through`` have slots for ``edge``."""
    found = []
    for site in _sites(body, _Names()):
        slot = site.edge.variables
        through = site.through and narrowed(site.through, frozenset(slot))
        found.append(replace(site, around=Group((Slot(slot), *site.around.parts)), through=through))
    return found


def _sites(group: Group, names: _Names) -> Iterator[Site]:
    for at, part in enumerate(group.parts):
        before, after = group.parts[:at], group.parts[at + 1 :]
        for site in _sites_of(part, certain(before), certain(group.parts), names):
            around = Group(site.around.parts + positive(Group(before + after)))
            through = site.through and Group((*before, *site.through.parts, *after))
            yield replace(site, around=around, through=through)


def _sites_of(part: Part, before: frozenset[str], whole: frozenset[str], names: _Names) -> Iterator[Site]:
    """The sites of one part. ``before``, ``whole``: what is surely bound before it, and in its group."""
    match part:
        case Triples():
            for triples, edge in _edges(part, names):
                opened = Triples(triples)
                yield Site(edge, Group((opened,)), False, Group((Slot(edge.variables), opened)))
        case Union():
            for site in (site for branch in part.branches for site in _sites(branch, names)):
                through = site.through
                braced = through if through is None or _flat(through) else _braced(through)
                yield replace(site, through=braced)
        case Select():
            yield from _sites_of_select(part, names)
        case Optional() | Minus():
            yield from _hidden(part.group, before, (), names)
        case Filter() | Bind():
            for inner in groups_in(part.words):
                yield from _hidden(inner, whole if isinstance(part, Filter) else before, (), names)
        case _:
            pass


def _hidden(inner: Group, shared: frozenset[str], beside: tuple[Part, ...], names: _Names) -> Iterator[Site]:
    """Sites below OPTIONAL, MINUS or EXISTS. What is not surely bound outside is another variable there."""
    own = {name: names.new() for name in sorted(mentioned(inner) - shared)}
    for site in _sites(renamed(inner, own), names):
        yield Site(site.edge, Group(site.around.parts + beside), settled=True)


def _sites_of_select(part: Select, names: _Names) -> Iterator[Site]:
    for site in _sites(part.where, names):
        if part.counts or site.through is None:
            yield replace(site, settled=True, through=None)
        else:
            yield replace(site, through=_braced(Group((replace(part, where=site.through),))))
    for words in (*part.having, *(one for one, _ in part.items if one), *(one for one, _ in part.grouping)):
        for inner in groups_in(words):
            yield from _hidden(inner, certain(part.where.parts), positive(part.where), names)


def _braced(group: Group) -> Group:
    return Group((Union((group,)),))


def positive(group: Group) -> tuple[Part, ...]:
    """Parts that hold in every solution of the group; nothing in them is missing, counted or worked out."""
    kept: list[Part] = []
    for part in group.parts:
        match part:
            case Triples() | Values():
                kept.append(part)
            case Union(branches=(one,)):
                kept.extend(positive(one))
            case Union():
                kept.append(Union(tuple(Group(positive(branch)) for branch in part.branches)))
            case Select() if part.grouping or not part.counts:  # else it answers though nothing is found
                kept.extend(positive(part.where))
            case _:
                pass
    known = certain(kept)
    return (*kept, *(part for part in group.parts if isinstance(part, Filter) and _plain(part.words, known)))


def _plain(words: Words, known: frozenset[str]) -> bool:
    return not any(True for _ in groups_in(words)) and known.issuperset(variables_in(words))


def _flat(group: Group) -> bool:
    """Whether it means the same without its braces."""
    return all(isinstance(part, Triples | Slot | Values | Union) for part in group.parts)


def _edges(part: Triples, names: _Names) -> Iterator[tuple[tuple[Triple, ...], Triple]]:
    """Each place in a block where facts are read, and the block with that place laid open."""
    for at, triple in enumerate(part.triples):
        for opened, edge in _opened(triple, names):
            yield (edge, *opened, *part.triples[:at], *part.triples[at + 1 :]), edge


def _opened(triple: Triple, names: _Names) -> Iterator[tuple[tuple[Triple, ...], Triple]]:
    """The facts that a pattern reads, each with what must hold beside it."""
    start, path, end = triple.subject, triple.predicate, triple.object
    match path:
        case SequencePath():
            yield from _opened_sequence(start, path, end, names)
        case AlternativePath():
            for one in path.args:
                yield from _opened(Triple(start, _written(one), end), names)
        case InvPath():
            yield from _opened(Triple(end, _written(path.arg), start), names)
        case MulPath():
            yield from _opened_repetition(start, path, end, names)
        case NegatedPath():
            yield (triple,), Triple(start, names.new(), end)
        case _:
            yield (), triple


def _opened_sequence(
    start: str, path: SequencePath, end: str, names: _Names
) -> Iterator[tuple[tuple[Triple, ...], Triple]]:
    stops = [start, *(names.new() for _ in path.args[1:]), end]
    links = [Triple(stops[at], _written(link), stops[at + 1]) for at, link in enumerate(path.args)]
    for at, link in enumerate(links):
        for opened, edge in _opened(link, names):
            yield (*links[:at], *opened, *links[at + 1 :]), edge


def _opened_repetition(
    start: str, path: MulPath, end: str, names: _Names
) -> Iterator[tuple[tuple[Triple, ...], Triple]]:
    if str(path.mod) == "?":
        yield from _opened(Triple(start, _written(path.path), end), names)
        return
    here, there, more = names.new(), names.new(), MulPath(path.path, "*")
    for opened, edge in _opened(Triple(here, _written(path.path), there), names):
        yield (*opened, Triple(start, more, here), Triple(there, more, end)), edge


def _written(link: object) -> str | Path:
    if isinstance(link, Path):
        return link
    if not isinstance(link, URIRef):
        raise TypeError(f"no property: {link!r}")
    return f"<{link}>"
