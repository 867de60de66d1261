"""Property paths (SHACL 2.3) as Cypher clauses (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from qualitrace.store.neo4j.naming import RESOURCE
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text
from qualitrace.validation.cluster.script import Script, Spot
from qualitrace.validation.cluster.terms import is_literal, literals
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence, normal

_MOST_WAYS = 64


class Hop(NamedTuple):
    """One step: any of some predicates, in one direction, once or again and again.

    A repeated one (``+``, ``*``) is followed however far it leads: Neo4j looks for the shortest way to each
    node, and so comes to an end where links go in circles.
    """

    predicates: tuple[str, ...]
    inverse: bool = False
    sign: str = ""


def reach(script: Script, start: Spot, path: Path | None, end: Spot) -> str:
    """Write the clause that binds ``end`` to the value nodes of ``start``, each once.

    Raises UnsupportedError for a path that has no form here.
    """
    if path is None:
        return f"WITH *, {start.term} AS {end.term}, {start.node} AS {end.node}"
    branches = [branch for way in ways(path) for branch in _branches(script, start, way, end)]
    if len(branches) == 1:
        branches = [branches[0].replace("RETURN ", "RETURN DISTINCT ", 1)]
    body = "\nUNION\n".join(branches)
    known = f"{start.term}, {start.node}" if start.is_node else f"{start.term}, {start.node}, registry"
    return f"CALL ({known}) {{\n{body}\n}}"


def ways(path: Path) -> list[tuple[Hop, ...]]:
    """Take a path apart into plain ways. Raises UnsupportedError."""
    found = _ways(normal(path))
    if len(found) > _MOST_WAYS:
        raise UnsupportedError(
            Text(zh="路径的选择太多", en="the path has too many alternatives to be written out")
        )
    return found


def _ways(path: Path) -> list[tuple[Hop, ...]]:
    match path:
        case Predicate(iri) if iri == RDF_TYPE:
            raise UnsupportedError(Text(zh="路径经过 rdf:type", en="the path goes through rdf:type"))
        case Predicate(iri):
            return [(Hop((iri,)),)]
        case Inverse(Predicate(iri)) if iri != RDF_TYPE:
            return [(Hop((iri,), True),)]
        case Sequence(items):
            return [sum(parts, ()) for parts in product(*map(_ways, items))]
        case Alternative(items):
            return [way for item in items for way in _ways(item)]
        case Repeat(inner, "?"):
            return [(), *_ways(inner)]
        case Repeat(inner, sign):
            return _repeated(_ways(inner), sign)
    raise UnsupportedError(Text(zh="路径经过 rdf:type", en="the path goes through rdf:type"))


def _repeated(inner: list[tuple[Hop, ...]], sign: str) -> list[tuple[Hop, ...]]:
    stays: list[tuple[Hop, ...]] = [()] if sign == "*" or () in inner else []
    moving = [way for way in inner if way]
    if not moving:
        return stays
    hops = [way[0] for way in moving if len(way) == 1 and not way[0].sign]
    if len(hops) != len(moving) or len({hop.inverse for hop in hops}) != 1:
        raise UnsupportedError(
            Text(
                zh="重复的路径(* 或 +)不是同一方向的属性",
                en="what is repeated (* or +) is not properties in one direction",
            )
        )
    names = tuple(name for hop in hops for name in hop.predicates)
    return [*stays, (Hop(names, hops[0].inverse, "+"),)]


def _branches(script: Script, start: Spot, way: tuple[Hop, ...], end: Spot) -> Iterator[str]:
    if not way:
        yield f"RETURN {start.term} AS {end.term}, {start.node} AS {end.node}"
        return
    yield from _walk(script, [], start.node, way, end)
    if way[0].inverse and not start.is_node:
        here = f"WITH {start.term}, registry WHERE {is_literal(start.term)}"
        yield from _back(script, [here], start.term, "registry", way, end)


def _walk(script: Script, lines: list[str], node: str, hops: tuple[Hop, ...], end: Spot) -> Iterator[str]:
    """Write the branches of a way from a node; a literal on it leads on to the nodes that hold it too."""
    hop, rest = hops[0], hops[1:]
    there = script.fresh("s")
    yield from _arrived(script, [*lines, step(script, node, hop, there)], there, rest, end)
    if hop.inverse or (rest and not rest[0].inverse):
        return  # no literal has links of its own
    if hop.sign:
        before = script.fresh("s")
        lines = [*lines, step(script, node, hop._replace(sign="*"), before)]
        node = before
    for predicate in hop.predicates:
        values = literals(script, node, predicate)
        if rest:
            text = script.fresh("v")
            found = [*lines, f"UNWIND {values} AS {text}"]
            yield from _back(script, found, text, f"{node}.registry", rest, end)
        else:
            yield "\n".join([*lines, f"UNWIND {values} AS {end.term} RETURN {end.term}, null AS {end.node}"])


def _back(
    script: Script, lines: list[str], text: str, registry: str, hops: tuple[Hop, ...], end: Spot
) -> Iterator[str]:
    """Write the branches of a way that goes from a literal back to the nodes of a registry that hold it."""
    hop, rest, holder = hops[0], hops[1:], script.fresh("s")
    held = " OR ".join(f"{text} IN ({literals(script, holder, one)})" for one in hop.predicates)
    there = f"{holder}.registry = {registry} AND {holder}.iri IS NOT NULL AND ({held})"
    lines = [*lines, f"MATCH ({holder}:{RESOURCE}) WHERE {there}"]
    yield from _arrived(script, lines, holder, rest, end)
    if hop.sign:
        yield from _walk(script, lines, holder, hops, end)


def _arrived(script: Script, lines: list[str], node: str, rest: tuple[Hop, ...], end: Spot) -> Iterator[str]:
    if rest:
        yield from _walk(script, lines, node, rest, end)
    else:
        yield "\n".join([*lines, f"RETURN '<' + {node}.iri + '>' AS {end.term}, {node} AS {end.node}"])


def step(script: Script, start: str, hop: Hop, end: str) -> str:
    """Write the clause of one step between nodes."""
    types, told = script.types(hop.predicates)
    left, right = ("<-", "-") if hop.inverse else ("-", "->")
    link = script.fresh("r")
    where = f" WHERE {told.format(link)}" if told else ""
    if not hop.sign:
        return f"MATCH ({start}){left}[{link}:{types}]{right}({end}){where}"
    one = f"({script.fresh('q')}){left}[{link}:{types}{where}]{right}({script.fresh('q')})"
    return f"MATCH ANY SHORTEST ({start}) ({one}){hop.sign} ({end})"
