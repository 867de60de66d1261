"""The body of a rule is read into a pattern (floor 2).

rdflib parses; this takes over what it found, writes it again and compares, so that a rule is either
understood whole or not at all.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translatePath, translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Prologue
from rdflib.term import BNode, Literal, URIRef, Variable

from qualitrace.reasoning.patterns import (
    Bind,
    Filter,
    Group,
    Minus,
    Optional,
    Part,
    Select,
    Triple,
    Triples,
    Union,
    Values,
)
from qualitrace.reasoning.scopes import set_apart
from qualitrace.reasoning.writing import group_text, path_text
from qualitrace.terms import literal

_LEVELS = {
    "ConditionalOrExpression",
    "ConditionalAndExpression",
    "RelationalExpression",
    "AdditiveExpression",
    "MultiplicativeExpression",
}
_UNARY = {"UnaryNot": "!", "UnaryMinus": "-", "UnaryPlus": "+"}
_EXISTS = {"Builtin_EXISTS": "EXISTS", "Builtin_NOTEXISTS": "NOT EXISTS"}
_TAIL = ("having", "groupby", "orderby", "limitoffset", "valuesClause")


class UnreadableError(Exception):
    """The rule uses something that is not taken apart; it is run as it is. Never leaves the package."""


@lru_cache(maxsize=512)
def read_rule(query: str) -> tuple[tuple[Triple, ...], Group]:
    """Read a CONSTRUCT query: its head and its body. Raises UnreadableError.

    In the body, a name that is two variables in different scopes is two names (:func:`set_apart`).
    """
    parsed = parseQuery(query)
    resolve(parsed)
    form, body = parsed[1], body_of(parsed)
    head = _triples(form.template) if form.template else _only_triples(body)
    if _written_again(body) != _shape(form.where):
        raise UnreadableError("the rule is not the same when it is written again")
    return head, set_apart(body)


def resolve(parsed: Any) -> None:
    """Resolve the names in a parsed query and make its paths."""
    prologue = translatePrologue(parsed[0], None)
    parsed[1] = traverse(parsed[1], visitPost=functools.partial(_resolved, prologue=prologue))
    parsed[1].where = traverse(parsed[1].where, visitPost=translatePath)
    if parsed[1].template:
        parsed[1].template = traverse(parsed[1].template, visitPost=translatePath)


def body_of(parsed: Any) -> Group:
    """Take over the body of a resolved query as it stands. Raises UnreadableError."""
    form = parsed[1]
    if any(getattr(form, key) for key in _TAIL):
        raise UnreadableError("GROUP BY, HAVING, ORDER BY, LIMIT, VALUES")
    return _group(form.where)


def _written_again(body: Group) -> object:
    try:
        parsed = parseQuery(f"CONSTRUCT {{ }} WHERE {group_text(body)}")
        resolve(parsed)
        return _shape(parsed[1].where)
    except Exception as error:  # the parser raises many kinds
        raise UnreadableError("the rule cannot be written again") from error


def _only_triples(body: Group) -> tuple[Triple, ...]:
    return tuple(triple for part in body.parts if isinstance(part, Triples) for triple in part.triples)


def _resolved(node: Any, prologue: Prologue) -> Any:
    if isinstance(node, CompValue) and node.name == "literal":
        datatype = str(prologue.absolutize(node.datatype)) if node.datatype else None
        return Literal(str(node.string), lang=node.lang, datatype=datatype, normalize=False)
    return translatePName(node, prologue)


def _group(node: Any) -> Group:
    if node.name == "SubSelect":
        return Group((_select(node),))
    return Group(tuple(_part(part) for part in node.part or ()))


def _part(node: Any) -> Part:
    match node.name:
        case "TriplesBlock":
            return Triples(_triples(node.triples))
        case "Filter":
            return Filter(tuple(_words(node.expr)))
        case "Bind":
            return Bind(tuple(_words(node.expr)), _term(node.var))
        case "OptionalGraphPattern":
            return Optional(_group(node.graph))
        case "MinusGraphPattern":
            return Minus(_group(node.graph))
        case "GroupOrUnionGraphPattern":
            return Union(tuple(_group(branch) for branch in node.graph))
        case "InlineData":
            return Values(tuple(map(_term, node.var)), tuple(tuple(map(_term, row)) for row in _rows(node)))
        case _:
            raise UnreadableError(str(node.name))


def _rows(node: Any) -> list[list[Any]]:
    return [row if isinstance(row, list) else [row] for row in node.value or ()]


def _triples(blocks: Any) -> tuple[Triple, ...]:
    flat = [term for block in blocks for term in block]
    return tuple(
        Triple(_term(flat[at]), _predicate(flat[at + 1]), _term(flat[at + 2]))
        for at in range(0, len(flat), 3)
    )


def _predicate(term: Any) -> str | Path:
    return term if isinstance(term, Path) else _term(term)


def _term(term: Any) -> str:
    match term:
        case Variable():
            return f"?{term}"
        case BNode():  # a variable by another name
            return f"?blank_{term}"
        case URIRef():
            return f"<{term}>"
        case Literal():
            return literal(str(term), datatype=str(term.datatype or ""), language=term.language or "")
        case "UNDEF":
            return "UNDEF"
        case _:
            raise UnreadableError(repr(term))


def _words(node: Any) -> Iterator[str | Group]:
    if not isinstance(node, CompValue):
        yield _term(node)
    elif node.name in _LEVELS:
        yield from _operation(node)
    elif node.name in _UNARY:
        yield from (_UNARY[node.name], "(", *_words(node.expr), ")")
    elif node.name in _EXISTS:
        yield from (_EXISTS[node.name], _group(node.graph))
    elif node.name.startswith("Builtin_"):
        name = node.name.removeprefix("Builtin_")
        yield from (f"{name}(", *_listed(value for value in node.values()), ")")  # COALESCE( needs this
    elif node.name == "Function":
        yield from (_term(node.iri), "(", "DISTINCT" if node.distinct else "", *_listed([node.expr]), ")")
    elif node.name.startswith("Aggregate_"):
        yield from _aggregate(node)
    else:
        raise UnreadableError(str(node.name))


def _operation(node: Any) -> Iterator[str | Group]:
    if not node.other:
        yield from _words(node.expr)
        return
    others = node.other if isinstance(node.other, list) else [node.other]
    if node.op in ("IN", "NOT IN"):
        yield from ("(", *_words(node.expr), node.op, "(", *_listed([node.other]), ")", ")")
        return
    signs = {"ConditionalOrExpression": "||", "ConditionalAndExpression": "&&"}
    between = [signs[node.name]] * len(others) if node.name in signs else node.op
    between = between if isinstance(between, list) else [between]
    yield "("
    yield from _words(node.expr)
    for sign, one in zip(between, others, strict=True):
        yield from (str(sign), *_words(one))
    yield ")"


def _listed(values: Any) -> Iterator[str | Group]:
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    for at, one in enumerate(flat):
        if at:
            yield ","
        yield from _words(one)


def _aggregate(node: Any) -> Iterator[str | Group]:
    yield from (node.name.removeprefix("Aggregate_").upper().replace("GROUPCONCAT", "GROUP_CONCAT"), "(")
    if node.distinct:
        yield "DISTINCT"
    if node.vars == "*":
        yield "*"
    else:
        yield from _words(node.vars)
    if node.separator is not None:
        yield from ("; SEPARATOR =", _term(node.separator))
    yield ")"


def _select(node: Any) -> Select:
    if not node.projection or any(getattr(node, key) for key in ("orderby", "limitoffset", "valuesClause")):
        raise UnreadableError("SELECT *, ORDER BY, LIMIT or VALUES in a query inside")
    items = tuple(
        (tuple(_words(one.expr)), _term(one.evar)) if one.evar else (None, _term(one.var))
        for one in node.projection
    )
    grouping = node.groupby.condition if node.groupby else ()
    having = node.having.condition if node.having else ()
    return Select(
        items,
        _group(node.where),
        modifier=str(node.modifier or ""),
        grouping=tuple(
            (tuple(_words(one.expr)), _term(one.var) if one.var else None)
            if isinstance(one, CompValue) and one.name == "GroupAs"
            else (tuple(_words(one)), None)
            for one in grouping
        ),
        having=tuple(tuple(_words(one)) for one in having),
    )


def _shape(node: Any) -> object:
    """What was parsed, without brackets that change nothing."""
    if isinstance(node, CompValue):
        filled = [(key, value) for key, value in node.items() if value is not None and value != []]
        if node.name in _LEVELS and len(filled) == 1:
            return _shape(filled[0][1])
        if node.name == "TriplesBlock":
            return "triples", tuple(_shape(term) for block in node.triples for term in block)
        if node.name == "InlineData":
            return "values", _shape(node.var), _shape(_rows(node))
        name = node.name.replace("FakeGroupGraphPatten", "GroupGraphPatternSub")  # CONSTRUCT WHERE
        return name, tuple((key, _shape(value)) for key, value in filled)
    if isinstance(node, list | tuple):
        return tuple(_shape(value) for value in node)
    if isinstance(node, Path):
        return path_text(node)
    if isinstance(node, Variable | BNode | Literal | URIRef):
        return _term(node)
    return type(node).__name__, str(node)
