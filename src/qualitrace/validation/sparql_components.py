"""Constraint components that a shapes graph declares itself (SHACL 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from rdflib.term import Literal, Node, URIRef

from qualitrace.text import Text
from qualitrace.validation import sparql_text
from qualitrace.validation.constraint import Constraint, Search, UnsupportedError
from qualitrace.validation.core_values import shown
from qualitrace.validation.expressions import Writer, values_of
from qualitrace.validation.reads import after
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_constraints import (
    asks_shapes,
    check_current_shape,
    check_functions,
    query_text,
    query_tokens,
    select_search,
)
from qualitrace.validation.sparql_reads import query_reads
from qualitrace.validation.vocabulary import SH, local_name, map_text, name_of, text_of


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter: the predicate shapes use, and its variable name."""

    predicate: URIRef
    name: str
    optional: bool


def component_constraints(shapes: Shapes, shape: Shape) -> Iterator[Constraint]:
    """The constraints of declared components whose parameters the shape has (SHACL 6.2.1)."""
    for declared in shapes.components:
        parameters = _parameters(shapes, declared)
        if not any(not parameter.optional for parameter in parameters):
            continue
        for values in _uses(shapes, shape, parameters):
            validator = _validator(shapes, shape, declared)
            if validator is None:
                raise UnsupportedError(
                    Text(
                        zh=f"约束组件 {declared} 没有适用的验证器",
                        en=f"the constraint component {declared} has no validator that fits",
                    )
                )
            yield Constraint(
                str(declared),
                local_name(str(declared)),
                _search(shapes, shape, validator, values),
                Text(zh="“{value}”违反了规则。", en="“{value}” breaks the rule."),
                messages=_messages(shapes, declared, validator, values),
            )


def _parameters(shapes: Shapes, declared: Node) -> list[Parameter]:
    found = []
    for node in sorted(shapes.graph.objects(declared, SH.parameter), key=shapes.order):
        path = shapes.graph.value(node, SH.path)
        if not isinstance(path, URIRef):
            raise sparql_text.problem(
                str(declared),
                zh="约束组件的参数应有一个 sh:path。",
                en="A parameter of a constraint component needs one sh:path.",
            )
        found.append(Parameter(path, local_name(str(path)), shapes.truth(node, SH.optional)))
    return found


def _uses(shapes: Shapes, shape: Shape, parameters: list[Parameter]) -> Iterator[Mapping[str, Node]]:
    """Each combination of parameter values that the shape has; none when a mandatory one is missing."""
    choices: list[list[tuple[str, Node] | None]] = []
    for parameter in parameters:
        values = shapes.values(shape, parameter.predicate)
        if not values and not parameter.optional:
            return
        choices.append([*((parameter.name, value) for value in values)] or [None])
    for chosen in product(*choices):
        yield dict(pair for pair in chosen if pair is not None)


def _validator(shapes: Shapes, shape: Shape, declared: Node) -> Node | None:
    own = SH.nodeValidator if shape.path is None else SH.propertyValidator
    for predicate in (own, SH.validator):
        found = sorted(shapes.graph.objects(declared, predicate), key=shapes.order)
        if found:
            return found[0]
    return None


def _search(shapes: Shapes, shape: Shape, validator: Node, values: Mapping[str, Node]) -> Search:
    if shapes.graph.value(validator, SH.select) is not None:
        return select_search(shapes, shape, validator, values)
    return _ask_search(shapes, shape, validator, values)


def _ask_search(shapes: Shapes, shape: Shape, validator: Node, values: Mapping[str, Node]) -> Search:
    """A ``sh:ask`` validator: each value node for which the query answers no (SHACL 6.2.4)."""
    where = name_of(validator)
    tokens, prefixes = query_tokens(shapes, validator, SH.ask, where)
    bound = {"this", "value", "currentShape", "shapesGraph", *values}
    sparql_text.check_prebinding(tokens, bound, where)
    check_current_shape(shape, tokens)
    check_functions(tokens, prefixes)
    start = next(at for at, token in enumerate(tokens) if token.text == "{")
    body = tokens[start:]

    def pattern(writer: Writer, focus: str, variables: Sequence[str]) -> str:
        value = focus if shape.path is None else variables[0]
        bind = values_of(writer, focus, shape.path, value) if shape.path is not None else ""
        terms = {"this": focus, "value": value}
        asked = query_text(writer, shape, body, prefixes, terms, values, where)
        return "\n".join(part for part in (bind, f"FILTER NOT EXISTS {asked}") if part)

    reads = query_reads(body, prefixes, None, values, start="value")
    return Search(
        pattern,
        () if shape.path is None else ("value",),
        (*after(shape.path, reads), *query_reads(body, prefixes, shape.path, values)),
        value_is_focus=shape.path is None,
        asks_shapes=asks_shapes(tokens),
        is_query=True,
    )


def _messages(shapes: Shapes, declared: Node, validator: Node, values: Mapping[str, Node]) -> Text:
    text = text_of(shapes.graph, validator, SH.message) or text_of(shapes.graph, declared, SH.message)
    text = text or text_of(shapes.graph, declared, SH.labelTemplate)

    def filled(language: str, words: str) -> str:
        for name, value in values.items():
            written = str(value) if isinstance(value, Literal) else shown(value)
            words = words.replace(f"{{${name}}}", written).replace(f"{{?{name}}}", written)
        return words

    return map_text(text, filled)
