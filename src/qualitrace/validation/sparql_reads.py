"""Which triples a SPARQL query of a rule reads, seen from its focus node.

The triple patterns of a query are edges between its variables. Where a chain of patterns that must
all match leads from ``$this`` to a pattern, its triples matter only at the end of that chain;
where none does, they can matter to any focus node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node, URIRef, Variable

from qualitrace.validation import sparql_text
from qualitrace.validation.paths import (
    HERE,
    Alternative,
    Inverse,
    Path,
    Predicate,
    Repeat,
    Sequence,
    inverse,
    join,
    normal,
    sparql,
)
from qualitrace.validation.reads import ANY, Read, path_reads
from qualitrace.validation.sparql_text import Token
from qualitrace.validation.vocabulary import ntriples

EVERYTHING = (Read(ANY, everywhere=True),)
Known = Mapping[Node, Path]  # variable → the path that leads to it from the focus node
Triple = tuple[Node, object, Node]
_MANDATORY = {"Join", "Filter", "Extend", "BGP", "LeftJoin"}


def query_reads(
    tokens: list[Token],
    prefixes: Mapping[str, str],
    path: Path | None,
    parameters: Mapping[str, Node],
    start: str = "this",
) -> tuple[Read, ...]:
    """List what a query reads, from the node that ``start`` names; everything when it is not understood."""
    try:
        named = {name: ntriples(value) for name, value in parameters.items()}
        named |= {"currentShape": "<urn:x-shape>", "shapesGraph": "<urn:x-shapes>"}
        if path is not None:
            named["PATH"] = f"({sparql(path)})"
        full = sparql_text.expand(tokens, prefixes, lambda iri: f"<{iri}>", "")
        text = sparql_text.write(sparql_text.rename(full, named))
    except Exception:  # noqa: BLE001 - what cannot be written is read as everything
        return EVERYTHING
    return _reads_of(f"ASK {text}" if text.startswith("{") else text, start)


@lru_cache(maxsize=1024)  # parsing takes most of the time of compiling, and the queries are the same again
def _reads_of(text: str, start: str) -> tuple[Read, ...]:
    try:
        algebra = translateQuery(parseQuery(text)).algebra
    except Exception:  # noqa: BLE001 - what the parser cannot take is read as everything
        return EVERYTHING
    found: list[Read] = []
    _walk(algebra.p if "p" in algebra else algebra, {Variable(start): HERE}, Variable(start), found)
    return tuple(dict.fromkeys(found))


def _walk(node: CompValue, known: Known, start: Variable, found: list[Read]) -> None:
    """Add the reads of a group; ``known`` holds the variables that are bound around it."""
    triples, parts = [], []
    for part in _mandatory(node):
        if part.name == "BGP":
            triples += part.triples
        else:
            parts.append(part)
    known = _follow(triples, known, found)
    for part in parts:
        _walk_part(part, known, start, found)


def _walk_part(part: CompValue, known: Known, start: Variable, found: list[Read]) -> None:
    if part.name == "Filter" or part.name == "Extend":
        for inner in _exists(part.expr):
            _walk(inner, known, start, found)
    elif part.name == "LeftJoin":
        # The optional part sees what the part before it binds, not what is joined later.
        bound = {var for triple in _triples(part.p1) for var in (triple[0], triple[2])} | {start}
        visible = {variable: path for variable, path in known.items() if variable in bound}
        _walk(part.p2, visible, start, found)
        for inner in _exists(part.expr):
            _walk(inner, known, start, found)
    elif part.name == "Union":
        _walk(part.p1, known, start, found)
        _walk(part.p2, known, start, found)
    elif part.name != "Graph":  # GRAPH asks the shapes graph, which does not change
        for inner in _children(part):
            _walk(inner, {start: HERE} if start in known else {}, start, found)


def _mandatory(node: CompValue) -> Iterator[CompValue]:
    """Iterate over the parts of a group that must all match, and over what filters and extends them."""
    if node.name not in _MANDATORY:
        yield node
        return
    if node.name != "Join":
        yield node
    for child in (node.get("p"), node.get("p1"), node.get("p2") if node.name == "Join" else None):
        if isinstance(child, CompValue):
            yield from _mandatory(child)


def _triples(node: CompValue) -> list[Triple]:
    return [triple for part in _mandatory(node) if part.name == "BGP" for triple in part.triples]


def _children(part: CompValue) -> Iterator[CompValue]:
    for value in part.values():
        if isinstance(value, CompValue):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, CompValue))


def _exists(expression: object) -> Iterator[CompValue]:
    """Iterate over the patterns of EXISTS and NOT EXISTS within an expression."""
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            yield expression.graph
            return
        for value in expression.values():
            yield from _exists(value)
    elif isinstance(expression, list | tuple):
        for item in expression:
            yield from _exists(item)


def _follow(triples: Iterable[Triple], known: Known, found: list[Read]) -> Known:
    """Follow triple patterns from the variables that are known, and add what they read."""
    waiting, known = list(triples), dict(known)
    while True:
        reached = [t for t in waiting if t[0] in known or (t[2] in known and not isinstance(t[1], Variable))]
        if not reached:
            break
        subject, verb, value = reached[0]
        waiting.remove(reached[0])
        path = _path(verb)
        if subject in known:
            here = known[subject]
            found += [r.after(here) for r in (path_reads(path) if path else [Read(ANY)])]
            if path and isinstance(value, Variable | BNode):
                known.setdefault(value, join(here, normal(path)))
        elif path:
            back = inverse(path)
            found += [r.after(known[value]) for r in path_reads(back)]
            if isinstance(subject, Variable | BNode):
                known.setdefault(subject, join(known[value], back))
    for _, verb, _ in waiting:
        path = _path(verb)
        reads = path_reads(path) if path else [Read(ANY)]
        found += [Read(read.predicate, everywhere=True) for read in reads]
    return known


def _path(verb: object) -> Path | None:
    """Turn a predicate or property path of rdflib into a path; None for a variable or a negated set."""
    match verb:
        case URIRef():
            return Predicate(str(verb))
        case InvPath():
            inner = _path(verb.arg)
            return None if inner is None else Inverse(inner)
        case SequencePath() | AlternativePath():
            items = [_path(arg) for arg in verb.args]
            whole = tuple(item for item in items if item is not None)
            if len(whole) != len(items):
                return None
            return Sequence(whole) if isinstance(verb, SequencePath) else Alternative(whole)
        case MulPath():
            inner = _path(verb.path)
            sign = {(True, True): "*", (False, True): "+", (True, False): "?"}[verb.zero, verb.more]
            return None if inner is None else Repeat(inner, sign)
        case _:
            return None
