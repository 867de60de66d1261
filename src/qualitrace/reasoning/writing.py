"""Patterns are written as SPARQL, with holes for the values that a query is asked about (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
)

Binding = Mapping[str, str]  # variable (with its question mark) → term in N-Triples syntax


@dataclass(frozen=True, slots=True)
class Template:
    """A query in pieces: SPARQL text, and between it the variables whose values are to be put in."""

    pieces: tuple[str | tuple[str, ...], ...]

    @property
    def variables(self) -> frozenset[str]:
        """All variables that it takes values for."""
        return frozenset(name for piece in self.pieces if not isinstance(piece, str) for name in piece)

    def filled(self, bindings: Sequence[Binding]) -> str:
        """Write the query for these values; each binding has all of ``variables``."""
        return " ".join(
            piece if isinstance(piece, str) else _values(piece, bindings) for piece in self.pieces
        )


def construct(head: Iterable[Triple], body: Group) -> Template:
    """``CONSTRUCT`` of a head from a body."""
    text = " ".join(_triple(triple) for triple in head)
    return _template([f"CONSTRUCT {{ {text} }} WHERE", *_group(body)])


def select(names: Sequence[str], body: Group) -> Template:
    """``SELECT DISTINCT`` of variables; of none, one solution says that there is any."""
    if not names:
        return _template(["SELECT (1 AS ?any) WHERE", *_group(body), "LIMIT 1"])
    return _template([f"SELECT DISTINCT {' '.join(names)} WHERE", *_group(body)])


def everything(body: Group, most: int) -> Template:
    """Ask for ``most`` solutions of a body, with all they bind."""
    return _template(["SELECT * WHERE", *_group(body), f"LIMIT {most}"])


def group_text(group: Group) -> str:
    """Write a group that has no slots."""
    return Template(tuple(_group(group))).filled(())


def path_text(path: object) -> str:
    """Write a predicate or path; everything that could be read otherwise stands in brackets."""
    match path:
        case SequencePath():
            return f"({'/'.join(path_text(one) for one in path.args)})"
        case AlternativePath():
            return f"({'|'.join(path_text(one) for one in path.args)})"
        case InvPath():
            return f"^{path_text(path.arg)}" if isinstance(path.arg, URIRef) else f"^({path_text(path.arg)})"
        case MulPath():
            return f"({path_text(path.path)}){path.mod}"
        case NegatedPath():
            return f"!({'|'.join(path_text(one) for one in path.args)})"
        case _:
            return f"<{path}>"


def _template(pieces: Iterable[str | tuple[str, ...]]) -> Template:
    joined: list[str | tuple[str, ...]] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return Template(tuple(joined))


def _group(group: Group) -> Iterator[str | tuple[str, ...]]:
    yield "{"
    for part in group.parts:
        yield from _part(part)
    yield "}"


def _part(part: Part) -> Iterator[str | tuple[str, ...]]:
    match part:
        case Triples():
            yield " ".join(_triple(triple) for triple in part.triples)
        case Filter() | Bind():
            yield "FILTER (" if isinstance(part, Filter) else "BIND ("
            yield from _words(part.words)
            yield ")" if isinstance(part, Filter) else f"AS {part.variable} )"
        case Optional() | Minus():
            yield "OPTIONAL" if isinstance(part, Optional) else "MINUS"
            yield from _group(part.group)
        case Union():
            yield from _group(part.branches[0])
            for branch in part.branches[1:]:
                yield "UNION"
                yield from _group(branch)
        case _:
            yield from _given(part)


def _given(part: Values | Slot | Select) -> Iterator[str | tuple[str, ...]]:
    match part:
        case Values():
            rows = " ".join(f"({' '.join(row)})" for row in part.rows)
            yield f"VALUES ({' '.join(part.variables)}) {{ {rows} }}"
        case Slot():
            if part.variables:
                yield part.variables
        case Select():
            yield from _select(part)


def _select(part: Select) -> Iterator[str | tuple[str, ...]]:
    yield f"SELECT {part.modifier}"
    for words, name in part.items:
        if words is None:
            yield name
        else:
            yield "("
            yield from _words(words)
            yield f"AS {name} )"
    yield "WHERE"
    yield from _group(part.where)
    if part.grouping:
        yield "GROUP BY"
    for words, alias in part.grouping:
        if alias is None and len(words) == 1:
            yield from _words(words)
        else:
            yield "("
            yield from _words(words)
            yield f"AS {alias} )" if alias else ")"
    if part.having:
        yield "HAVING"
    for words in part.having:
        yield "("
        yield from _words(words)
        yield ")"


def _words(words: Words) -> Iterator[str | tuple[str, ...]]:
    for word in words:
        if isinstance(word, Group):
            yield from _group(word)
        else:
            yield word


def _triple(triple: Triple) -> str:
    predicate = triple.predicate
    if isinstance(predicate, Path):
        predicate = path_text(predicate)
    return f"{triple.subject} {predicate} {triple.object} ."


def _values(names: tuple[str, ...], bindings: Sequence[Binding]) -> str:
    rows = dict.fromkeys(" ".join([binding[name] for name in names]) for binding in bindings)
    return f"VALUES ({' '.join(names)}) {{ {' '.join(f'({row})' for row in rows)} }}"
