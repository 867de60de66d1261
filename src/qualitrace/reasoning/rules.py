"""Rules (SPARQL CONSTRUCT) become steps: what they read, negate and write is read off their algebra."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, URIRef, Variable

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile, RuleModel
from qualitrace.reasoning.model import ANYTHING, Key, Step, type_key
from qualitrace.reasoning.patterns import Group, Triple, mentioned
from qualitrace.reasoning.reading import UnreadableError, body_of, read_rule, resolve
from qualitrace.reasoning.scopes import set_apart
from qualitrace.reasoning.standing import from_anywhere, stays
from qualitrace.reasoning.writing import construct
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text

# What may hold the word SERVICE without meaning it: addresses, texts, comments.
_NOISE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|\'\'\'.*?\'\'\'|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*""",
    re.DOTALL,
)
_SERVICE = re.compile(r"(?<![\w?$:])SERVICE(?![\w:])", re.IGNORECASE)
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# Below these, more facts can mean fewer conclusions.
_NEGATING = {"Minus", "LeftJoin", "AggregateJoin", "Group", "Slice"}
_EXISTS = {"Builtin_EXISTS", "Builtin_NOTEXISTS"}
_KEPT_SIDE = {"Minus", "LeftJoin"}  # their first operand is plain
_CHANGING = {"Builtin_NOW", "Graph"}
_UNSTEADY = {"Builtin_BNODE", "Builtin_UUID", "Builtin_STRUUID", "Builtin_RAND"}


@dataclass(slots=True)
class _Reading:
    """What the algebra of one query was found to do."""

    writes: set[Key] = field(default_factory=set)
    reads: set[Key] = field(default_factory=set)
    settled: set[Key] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    unsteady: bool = False
    stays: bool = False  # a path of no steps at all is a solution somewhere
    mixed: bool = False  # a name is several variables


_REFUSALS = {
    "construct": Text(zh="规则必须是 CONSTRUCT 查询。", en="A rule must be a CONSTRUCT query."),
    "dataset": Text(zh="规则不能用 FROM 另指数据集。", en="A rule may not choose a dataset with FROM."),
    "service": Text(zh="规则不能用 SERVICE 访问网络。", en="A rule may not reach the network with SERVICE."),
    "blank": Text(
        zh="规则的结论里不能有空白节点。", en="A rule may not create blank nodes in its conclusions."
    ),
    "unsteady": Text(
        zh="规则不能用 BNODE、UUID、STRUUID 或 RAND：每次运行的结论都会不同。",
        en="A rule may not use BNODE, UUID, STRUUID or RAND: it would conclude something else every time.",
    ),
}


def rule_step(rule: RuleModel, profile: Profile) -> Step:
    """Compile one rule. Raises ProfileError when it is none, or does what a rule may not do."""
    query = prologue(profile.prefixes.items()) + rule.query
    where = place(rule, profile)
    try:
        reading = _read(query)
    except Exception as error:  # the parser raises many kinds
        raise ProfileError(
            Text(zh="规则读不懂。", en="The rule cannot be read."),
            where=f"{where}: {error}",
            hint=Text(zh="规则应是一个 SPARQL CONSTRUCT 查询。", en="A rule is one SPARQL CONSTRUCT query."),
        ) from error
    if reading.refused:
        raise ProfileError(
            _REFUSALS[reading.refused[0]],
            where=where,
            hint=Text(
                zh="请让结论只用已有的节点、属性和值。",
                en="Conclude only from nodes, properties and values that are there.",
            ),
        )
    understood = _understood(query) if reading.stays or reading.mixed else None
    anything = {ANYTHING} if understood and from_anywhere(understood[1]) else set()
    if understood and reading.mixed:
        query = construct(*understood).filled(())
    return Step(
        name=rule.name,
        query=query,
        reads=frozenset(reading.reads | anything),
        writes=frozenset(reading.writes),
        settled=frozenset(reading.settled),
        unsteady=reading.unsteady,
    )


def _understood(query: str) -> tuple[tuple[Triple, ...], Group] | None:
    try:
        return read_rule(query)
    except UnreadableError:
        return None


def prologue(prefixes: Iterable[tuple[str, str]]) -> str:
    """Return the profile's prefixes as one line of SPARQL; a query's own declarations win."""
    return "".join(
        f"PREFIX {name}: <{namespace}> " for name, namespace in prefixes if _PREFIX.fullmatch(name)
    )


def place(rule: RuleModel, profile: Profile) -> str:
    """Return where a rule stands, as a person writes it."""
    if rule.path.is_relative_to(profile.directory):
        return rule.path.relative_to(profile.directory).as_posix()
    return rule.path.name


@lru_cache(maxsize=512)
def _read(query: str) -> _Reading:
    """Analyse a query. The parser is slow, and rules are read again at every commit: hence the cache."""
    reading = _Reading()
    if _SERVICE.search(_NOISE.sub(" ", query)):
        reading.refused.append("service")
        return reading
    parsed = parseQuery(query)
    form = parsed[1]
    if form.name != "ConstructQuery":
        reading.refused.append("construct")
        return reading
    if form.datasetClause:
        reading.refused.append("dataset")
    resolve(parsed)
    with contextlib.suppress(UnreadableError):
        body = body_of(parsed)
        reading.mixed = len(mentioned(set_apart(body))) > len(mentioned(body))
    algebra = translateQuery(parsed).algebra
    for subject, predicate, object_ in _template(algebra):
        if BNode in {type(subject), type(predicate), type(object_)}:
            reading.refused.append("blank")
        reading.writes.add(_key(predicate, object_))
    _visit(algebra.p, reading, settled=False)
    return reading


def _template(algebra: CompValue) -> list[tuple[object, object, object]]:
    """The triples of the template; of the pattern for ``CONSTRUCT WHERE``."""
    template = algebra.template
    if template:
        return [tuple(triple) for triple in template]
    return [triple for node in _inside(algebra.p) if node.name == "BGP" for triple in node.triples]


def _inside(node: object) -> Iterator[CompValue]:
    if isinstance(node, CompValue):
        yield node
        for key, value in node.items():
            if key != "_vars":
                yield from _inside(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _inside(value)


def _visit(node: object, reading: _Reading, *, settled: bool) -> None:
    if isinstance(node, list | tuple):
        for value in node:
            _visit(value, reading, settled=settled)
    if not isinstance(node, CompValue):
        return
    if node.name in _EXISTS:
        _visit(node.graph, reading, settled=True)  # the translated pattern is an attribute, not an item
        return
    _note(node, reading, settled=settled)
    for key, value in node.items():
        if key == "_vars":
            continue
        plain = node.name not in _NEGATING or (node.name in _KEPT_SIDE and key == "p1")
        _visit(value, reading, settled=settled or not plain)


def _note(node: CompValue, reading: _Reading, *, settled: bool) -> None:
    if node.name in _UNSTEADY:
        reading.refused.append("unsteady")
    elif node.name in _CHANGING:
        reading.unsteady = True
    elif node.name == "BGP":
        keys = {key for triple in node.triples for key in _keys(triple[1], triple[2])}
        reading.reads |= keys
        if settled:
            reading.settled |= keys
        reading.stays |= any(stays(triple[1]) for triple in node.triples)


def _keys(predicate: object, object_: object) -> Iterator[Key]:
    if not isinstance(predicate, Path):
        yield _key(predicate, object_)
        return
    match predicate:
        case SequencePath() | AlternativePath():
            parts: list[object] = list(predicate.args)
        case InvPath():
            parts = [predicate.arg]
        case MulPath():
            parts = [predicate.path]
        case NegatedPath():
            parts = [Variable("any")]
        case _:
            parts = [Variable("any")]
    for part in parts:
        yield from _keys(part, None)


def _key(predicate: object, object_: object) -> Key:
    if not isinstance(predicate, URIRef):
        return ANYTHING
    if str(predicate) == RDF_TYPE and isinstance(object_, URIRef):
        return type_key(str(object_))
    return str(predicate)
