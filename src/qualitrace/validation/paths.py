"""SHACL property paths (SHACL 2.3.1): read from RDF, written as SPARQL, turned round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import rdflib
from rdflib.namespace import RDF
from rdflib.term import Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.text import Text
from qualitrace.validation.vocabulary import SH, members


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate, forwards."""

    iri: str


@dataclass(frozen=True, slots=True)
class Inverse:
    """A path walked backwards."""

    inner: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """Paths one after the other. An empty sequence stays where it is."""

    items: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Any of several paths."""

    items: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path repeated: ``*`` (zero or more), ``+`` (one or more) or ``?`` (zero or one)."""

    inner: Path
    sign: str


Path = Predicate | Inverse | Sequence | Alternative | Repeat
HERE = Sequence(())
_REPEATS = ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?"))


def read_path(graph: rdflib.Graph, node: Node, above: frozenset[Node] = frozenset()) -> Path:
    """Read the path that ``node`` describes. Raises ProfileError for what is no path."""
    if isinstance(node, URIRef) and node != RDF.nil:
        return Predicate(str(node))
    if isinstance(node, Literal) or node in above:
        raise _not_a_path(node)
    above = above | {node}
    if graph.value(node, RDF.first) is not None:
        return Sequence(_several(graph, node, node, above))
    inner = graph.value(node, SH.inversePath)
    if inner is not None:
        return Inverse(read_path(graph, inner, above))
    inner = graph.value(node, SH.alternativePath)
    if inner is not None:
        return Alternative(_several(graph, node, inner, above))
    for predicate, sign in _REPEATS:
        inner = graph.value(node, predicate)
        if inner is not None:
            return Repeat(read_path(graph, inner, above), sign)
    raise _not_a_path(node)


def _several(graph: rdflib.Graph, node: Node, head: Node, above: frozenset[Node]) -> tuple[Path, ...]:
    items = tuple(read_path(graph, member, above) for member in members(graph, head))
    if len(items) < 2:
        raise _not_a_path(node)
    return items


def _not_a_path(node: Node) -> ProfileError:
    return ProfileError(
        Text(zh="sh:path 的值不是合法的属性路径。", en="The value of sh:path is not a property path."),
        where=str(node),
        hint=Text(
            zh="路径应是一个属性,或由属性组成的列表、逆向、可选或重复路径(SHACL 2.3.1)。",
            en="A path is a property, or a list, inverse, alternative or repetition of paths (SHACL 2.3.1).",
        ),
    )


def join(*parts: Path) -> Path:
    """Put paths one after the other, flattening sequences."""
    items: list[Path] = []
    for part in parts:
        items += part.items if isinstance(part, Sequence) else (part,)
    return items[0] if len(items) == 1 else Sequence(tuple(items))


def inverse(path: Path) -> Path:
    """Return the path walked backwards, with ``^`` on predicates only."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(inner):
            return normal(inner)
        case Sequence(items):
            return join(*(inverse(item) for item in reversed(items)))
        case Alternative(items):
            return Alternative(tuple(inverse(item) for item in items))
        case Repeat(inner, sign):
            return Repeat(inverse(inner), sign)


def normal(path: Path) -> Path:
    """Return an equal path with ``^`` on predicates only and nested sequences flattened."""
    match path:
        case Predicate():
            return path
        case Inverse(inner):
            return inverse(inner)
        case Sequence(items):
            return join(*(normal(item) for item in items))
        case Alternative(items):
            return Alternative(tuple(normal(item) for item in items))
        case Repeat(inner, sign):
            return Repeat(normal(inner), sign)


def hops(path: Path) -> tuple[Path, ...]:
    """Return the steps of the outermost sequence of a path."""
    path = normal(path)
    return path.items if isinstance(path, Sequence) else (path,)


def may_stay(path: Path) -> bool:
    """Tell whether the path can lead from a node to itself without any triple."""
    match path:
        case Predicate():
            return False
        case Inverse(inner):
            return may_stay(inner)
        case Sequence(items):
            return all(may_stay(item) for item in items)
        case Alternative(items):
            return any(may_stay(item) for item in items)
        case Repeat(inner, sign):
            return sign in "*?" or may_stay(inner)


def is_simple(path: Path) -> bool:
    """Tell whether no part of the path may stay where it is."""
    match path:
        case Predicate():
            return True
        case Inverse(inner):
            return is_simple(inner)
        case Sequence(items) | Alternative(items):
            return all(is_simple(item) for item in items)
        case Repeat(inner, sign):
            return sign == "+" and is_simple(inner)


def full_iri(value: str) -> str:
    """Write an IRI in full: ``<value>``."""
    return f"<{value}>"


def sparql(path: Path, iri: Callable[[str], str] = full_iri) -> str:
    """Write a path as SPARQL (SPARQL 1.1, 9.1). ``iri`` writes one predicate."""
    match path:
        case Predicate(value):
            return iri(value)
        case Inverse(inner):
            return "^" + _grouped(inner, iri)
        case Sequence(items):
            return "/".join(
                _grouped(item, iri) if isinstance(item, Alternative | Sequence) else sparql(item, iri)
                for item in items
            )
        case Alternative(items):
            return "|".join(sparql(item, iri) for item in items)
        case Repeat(inner, sign):
            return _grouped(inner, iri) + sign


def _grouped(path: Path, iri: Callable[[str], str]) -> str:
    text = sparql(path, iri)
    return text if isinstance(path, Predicate) else f"({text})"


def last_predicate(path: Path) -> str:
    """Return the predicate that ends the path (the one a message names), ``""`` when there is none."""
    match path:
        case Predicate(value):
            return value
        case Inverse(inner) | Repeat(inner):
            return last_predicate(inner)
        case Sequence(items) | Alternative(items):
            return last_predicate(items[-1]) if items else ""
