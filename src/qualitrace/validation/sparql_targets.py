"""Targets that are queries: ``sh:target`` with a SPARQL-based target or target type (SHACL-AF 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib.namespace import RDF
from rdflib.term import BNode, Node, URIRef

from qualitrace.text import Text
from qualitrace.validation import sparql_text
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.expressions import Writer, block
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_constraints import query_tokens
from qualitrace.validation.sparql_text import Token
from qualitrace.validation.vocabulary import SH, local_name, name_of


@dataclass(frozen=True, slots=True)
class TargetQuery:
    """A query whose ``?this`` are focus nodes, with the terms that stand for its parameters."""

    tokens: tuple[Token, ...]
    prefixes: Mapping[str, str]
    parameters: Mapping[str, Node]
    where: str

    def pattern(self, writer: Writer, variable: str) -> str:
        """Write the pattern that binds ``variable`` to what the query finds."""
        tokens = list(self.tokens)
        named = {name: writer.term(value) for name, value in self.parameters.items()}
        named["this"] = variable
        for name in sparql_text.variables(tokens):
            if name not in named:
                named[name] = writer.fresh(name)
        expanded = sparql_text.expand(tokens, self.prefixes, writer.iri, self.where)
        return block(sparql_text.write(sparql_text.rename(expanded, named)))


def target_queries(shapes: Shapes, shape: Shape) -> list[TargetQuery]:
    """Read the query targets of a shape. Raises UnsupportedError for a kind of target not known here."""
    return [_query(shapes, shape, node) for node in shapes.values(shape, SH.target)]


def _query(shapes: Shapes, shape: Shape, node: Node) -> TargetQuery:
    where = name_of(shape.node)
    if (node, SH.select, None) in shapes.graph:
        return _read(shapes, node, {}, where)
    for kind in sorted(shapes.graph.objects(node, RDF.type), key=shapes.order):
        if (kind, SH.select, None) in shapes.graph:
            return _read(shapes, kind, _parameters(shapes, node, kind), where)
    raise UnsupportedError(Text(zh="用到另一种 sh:target", en="it uses another kind of sh:target"))


def _parameters(shapes: Shapes, node: Node, kind: Node) -> dict[str, Node]:
    """The values of a target type's parameters (SHACL-AF 3.2)."""
    found: dict[str, Node] = {}
    for parameter in sorted(shapes.graph.objects(kind, SH.parameter), key=shapes.order):
        path = shapes.graph.value(parameter, SH.path)
        values = list(shapes.graph.objects(node, path)) if isinstance(path, URIRef) else []
        if len(values) == 1 and not isinstance(values[0], BNode):
            found[local_name(str(path))] = values[0]
        elif values or not shapes.truth(parameter, SH.optional):
            raise UnsupportedError(
                Text(zh="sh:target 缺少参数的值", en="a parameter of its sh:target has no single value")
            )
    return found


def _read(shapes: Shapes, node: Node, parameters: Mapping[str, Node], where: str) -> TargetQuery:
    tokens, prefixes = query_tokens(shapes, node, SH.select, where)
    if any(token.is_word("SERVICE", "FROM") for token in tokens):
        raise sparql_text.problem(
            where,
            zh="目标查询中不能用 SERVICE 或 FROM。",
            en="SERVICE and FROM are not allowed in the query of a target.",
        )
    projected = next(iter(sparql_text.selections(tokens)), ([], False))[0]
    if projected is not None and "this" not in projected:
        raise UnsupportedError(
            Text(zh="目标查询没有给出 ?this", en="the query of its target does not select ?this")
        )
    return TargetQuery(tuple(tokens), prefixes, parameters, where)
