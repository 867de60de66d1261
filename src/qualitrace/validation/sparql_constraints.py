"""SPARQL-based constraints: ``sh:sparql`` with ``sh:select`` (SHACL 5).

The query runs once for all focus nodes: it stands in a LATERAL block, which evaluates it with
``$this`` bound everywhere in it, as pre-binding asks (SHACL 5.3.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import rdflib
from rdflib.namespace import OWL, RDF
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace import terms
from qualitrace.text import Text
from qualitrace.validation import sparql_text
from qualitrace.validation.constraint import Constraint, Search, UnsupportedError, component
from qualitrace.validation.expressions import Writer
from qualitrace.validation.paths import Predicate
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_reads import query_reads
from qualitrace.validation.sparql_steps import in_steps
from qualitrace.validation.sparql_text import Token
from qualitrace.validation.vocabulary import QT, SH, name_of, text_of, transitive

SHAPES_GRAPH = terms.QT + "shapes"  # the name $shapesGraph stands for
_BEFORE_CALLS = {*"(,!=<>+-*", "&&", "||", "!=", "<=", ">="}
_PREBOUND = {"this", "currentShape", "shapesGraph"}


def sparql_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """``sh:sparql`` (SHACL 5.1). Raises ProfileError for a query that pre-binding does not allow."""
    for node in shapes.values(shape, SH.sparql):
        if shapes.truth(node, SH.deactivated):
            continue
        yield Constraint(
            component("SPARQL"),
            "sparql",
            select_search(shapes, shape, node, {}),
            Text(zh="“{value}”违反了规则。", en="“{value}” breaks the rule."),
            messages=shapes.messages_of(node),
            remedy=text_of(shapes.graph, node, QT.remedy),
            node=node,
        )


def select_search(shapes: Shapes, shape: Shape, node: Node, parameters: Mapping[str, Node]) -> Search:
    """Make the search of a ``sh:select`` query; ``parameters`` are bound like ``$this`` (SHACL 6.2.3)."""
    where = name_of(shape.node)
    tokens, prefixes = query_tokens(shapes, node, SH.select, where)
    sparql_text.check_prebinding(tokens, _PREBOUND | set(parameters), where)
    check_current_shape(shape, tokens)
    check_functions(tokens, prefixes)
    projected = next(iter(sparql_text.selections(tokens)), (None, False))[0]
    names = sparql_text.variables(tokens) if projected is None else projected
    columns = tuple(name for name in names if name not in _PREBOUND and name not in parameters)

    def pattern(writer: Writer, focus: str, variables: Sequence[str]) -> str:
        terms = {"this": focus, **dict(zip(columns, variables, strict=True))}
        return query_text(writer, shape, tokens, prefixes, terms, parameters, where)

    return Search(
        pattern,
        columns,
        query_reads(tokens, prefixes, shape.path, parameters),
        value_is_focus=shape.path is None,
        asks_shapes=asks_shapes(tokens),
        is_query=True,
    )


def query_text(
    writer: Writer,
    shape: Shape,
    tokens: list[Token],
    prefixes: Mapping[str, str],
    terms: Mapping[str, str],
    parameters: Mapping[str, Node],
    where: str,
) -> str:
    """Write a query with its own variables, ``$PATH`` and parameters put in."""
    for name, value in parameters.items():
        if isinstance(value, BNode):
            raise UnsupportedError(
                Text(
                    zh=f"参数 {name} 的值没有标识", en=f"the value of its parameter {name} has no identifier"
                )
            )
    tokens = in_steps(tokens)
    named = {name: writer.term(value) for name, value in parameters.items()}
    named["currentShape"] = writer.iri(shape.name)
    named["shapesGraph"] = writer.iri(SHAPES_GRAPH)
    if shape.path is not None:
        path = writer.path(shape.path)
        named["PATH"] = path if isinstance(shape.path, Predicate) else f"({path})"
    named.update(terms)
    for name in sparql_text.variables(tokens):
        if name not in named:
            named[name] = writer.fresh(name)
    expanded = sparql_text.expand(tokens, prefixes, writer.iri, where)
    return sparql_text.write(sparql_text.rename(expanded, named))


def asks_shapes(tokens: list[Token]) -> bool:
    """Tell whether a query asks the shapes graph itself (``$shapesGraph``)."""
    return "shapesGraph" in sparql_text.variables(tokens)


def check_current_shape(shape: Shape, tokens: list[Token]) -> None:
    """Raise UnsupportedError when a query names a shape that has no IRI."""
    if not shape.is_named and "currentShape" in sparql_text.variables(tokens):
        raise UnsupportedError(
            Text(zh="查询用到没有标识的 $currentShape", en="$currentShape has no identifier")
        )


def check_functions(tokens: list[Token], prefixes: Mapping[str, str]) -> None:
    """Raise UnsupportedError when a query calls a function that the engine does not have."""
    words = [token for token in sparql_text.expand(tokens, prefixes, str, "") if token.kind != "space"]
    for before, token, following in zip(words, words[1:], words[2:], strict=False):
        # Between a term and a bracket it is a verb before a list.
        in_expression = before.kind == "word" or before.text in _BEFORE_CALLS
        is_call = token.kind == "iri" and following.text == "(" and in_expression
        name = token.text.strip("<>")
        if is_call and not name.startswith(terms.XSD):
            raise UnsupportedError(Text(zh=f"用到函数 {name}", en=f"it calls the function {name}"))


def query_tokens(
    shapes: Shapes, node: Node, predicate: URIRef, where: str
) -> tuple[list[Token], dict[str, str]]:
    """Read the query of a constraint or validator, with its prefixes."""
    texts = list(shapes.graph.objects(node, predicate))
    if len(texts) != 1 or not isinstance(texts[0], Literal):
        raise sparql_text.problem(
            where, zh="SPARQL 规则应有且只有一个查询。", en="A SPARQL rule must have exactly one query."
        )
    tokens = sparql_text.tokens_of(str(texts[0]))
    tokens, prefixes = sparql_text.without_prologue(tokens, prefixes_of(shapes.graph, node))
    sparql_text.expand(tokens, prefixes, str, where)  # every prefix is known
    return tokens, prefixes


def prefixes_of(graph: rdflib.Graph, node: Node) -> dict[str, str]:
    """Gather the prefixes of a query: ``sh:prefixes`` (SHACL 5.2.1), else the graph's own.

    Prefixes bound in the shapes files fill in what is not declared, as the reference validator does.
    """
    found = {prefix: str(namespace) for prefix, namespace in graph.namespaces()}
    declaring = set(graph.objects(node, SH.prefixes))
    declaring |= {i for d in declaring for i in transitive(graph.transitive_objects(d, OWL.imports))}
    others = set(graph.subjects(RDF.type, OWL.Ontology)) - declaring
    for ontology in (*others, *declaring):
        for declaration in graph.objects(ontology, SH.declare):
            prefix, namespace = graph.value(declaration, SH.prefix), graph.value(declaration, SH.namespace)
            if prefix is not None and namespace is not None:
                found[str(prefix)] = str(namespace)
    return found
