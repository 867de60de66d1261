"""Pieces of SPARQL: terms, conditions with their opposite, and patterns for value nodes.

Conditions never raise an error in the sense of SPARQL 17.2, so the opposite of each is its exact
complement and they can be combined by De Morgan's laws.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.terms import XSD
from qualitrace.validation.paths import Path, hops, is_simple, may_stay, sparql
from qualitrace.validation.vocabulary import ntriples

_PLAIN_LOCAL_NAME = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w-]*")
_PREFIX = re.compile(r"(?<![\w:-])(\w[\w.-]*|):")  # before the colon of a prefixed name
_WIDE = 88
# Literals that SPARQL writes without their datatype (SPARQL 1.1, 4.1.2).
_SHORT_FORMS = {
    XSD + "integer": re.compile(r"0|[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"[0-9]+\.[0-9]+"),
    XSD + "boolean": re.compile("true|false"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A SPARQL expression and its complement."""

    yes: str
    no: str

    def __invert__(self) -> Condition:
        return Condition(self.no, self.yes)


TRUE = Condition("true", "false")
FALSE = ~TRUE


def test(expression: str) -> Condition:
    """Make a condition of an expression that is always true or false."""
    is_call = re.fullmatch(r"\w+\([^()]*(?:\([^()]*\)[^()]*)*\)", expression)
    return Condition(expression, f"!{expression}" if is_call else f"!({expression})")


def safe_test(expression: str) -> Condition:
    """Make a condition of an expression that may raise an error, which counts as false."""
    return Condition(f"COALESCE({expression}, false)", f"!COALESCE({expression}, false)")


def exists(*pattern: str) -> Condition:
    """Make the condition that a pattern matches."""
    body = block(*pattern)
    return Condition(f"EXISTS {body}", f"NOT EXISTS {body}")


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Make the condition that all hold."""
    parts = [c for c in dict.fromkeys(conditions) if c != TRUE]
    if FALSE in parts:
        return FALSE
    if len(parts) < 2:
        return parts[0] if parts else TRUE
    return Condition(_chain("&&", [c.yes for c in parts]), _chain("||", [c.no for c in parts]))


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Make the condition that at least one holds."""
    return ~all_of(~c for c in conditions)


def sum_of(conditions: Iterable[Condition]) -> str:
    """Write the number of conditions that hold, as an expression."""
    return _chain("+", [f"IF({condition.yes}, 1, 0)" for condition in conditions])


def _chain(operator: str, parts: list[str]) -> str:
    line = f" {operator} ".join(parts)
    if "\n" not in line and len(line) < _WIDE:
        return f"({line})"
    return f"(\n{indent(f' {operator}{chr(10)}'.join(parts))}\n)"


def indent(text: str) -> str:
    """Indent every line by two spaces."""
    return textwrap.indent(text, "  ")


def block(*pattern: str) -> str:
    """Put a pattern in braces, on one line when it is short."""
    body = "\n".join(part for part in pattern if part)
    if "\n" not in body and len(body) < _WIDE:
        return f"{{ {body} }}"
    return f"{{\n{indent(body)}\n}}"


def keep_if(condition: Condition) -> str:
    """Write a FILTER that keeps what meets the condition; nothing for one that always holds."""
    if condition == TRUE:
        return ""
    needs_no_brackets = condition.yes.startswith(("EXISTS {", "NOT EXISTS {")) or (
        condition.yes.startswith("(") and condition.yes.endswith(")")
    )
    return f"FILTER {condition.yes}" if needs_no_brackets else f"FILTER ({condition.yes})"


@dataclass
class Writer:
    """Writes the terms of one query: shortens IRIs and hands out variable names."""

    prefixes: Mapping[str, str]
    counts: dict[str, int] = field(default_factory=dict)

    def fresh(self, base: str) -> str:
        """Return a variable that this query does not use yet: ``?value``, ``?value2``, …"""
        self.counts[base] = self.counts.get(base, 0) + 1
        return f"?{base}" if self.counts[base] == 1 else f"?{base}{self.counts[base]}"

    def iri(self, value: str) -> str:
        """Write an IRI, as a prefixed name where that reads plainly."""
        for prefix, namespace in self.prefixes.items():
            if namespace and value.startswith(namespace):
                local = value[len(namespace) :]
                if _PLAIN_LOCAL_NAME.fullmatch(local):
                    return f"{prefix}:{local}"
        return f"<{value}>"

    def path(self, path: Path) -> str:
        """Write a property path."""
        return sparql(path, self.iri)

    def term(self, node: Node) -> str:
        """Write an RDF term. Blank nodes have no form in a query: ValueError."""
        if isinstance(node, BNode):
            raise ValueError("a blank node cannot be written in a query")
        if isinstance(node, URIRef):
            return self.iri(str(node))
        if isinstance(node, Literal) and node.datatype is not None:
            short = _SHORT_FORMS.get(str(node.datatype))
            if short is not None and short.fullmatch(str(node)):
                return str(node)
            text, mark, _ = ntriples(node).rpartition("^^<")
            return f"{text}^^{self.iri(str(node.datatype))}" if mark else ntriples(node)
        return ntriples(node)

    def header(self, text: str) -> str:
        """Return the PREFIX lines that a query text needs."""
        used = set(_PREFIX.findall(text)) & set(self.prefixes)
        return "\n".join(f"PREFIX {prefix}: <{self.prefixes[prefix]}>" for prefix in sorted(used))


def same(writer: Writer, variable: str, node: Node) -> Condition:
    """Make the condition that a variable is this very term; never, for a blank node of the shapes."""
    if isinstance(node, BNode):
        return FALSE
    return test(f"sameTerm({variable}, {writer.term(node)})")


def one_of(nodes: Iterable[Node], writer: Writer, variable: str) -> Condition:
    """Make the condition that a variable is one of these terms."""
    nodes = list(nodes)
    iris = [writer.term(node) for node in nodes if isinstance(node, URIRef)]
    conditions = [same(writer, variable, node) for node in nodes if not isinstance(node, URIRef)]
    if iris:
        listed = f"{variable} IN ({', '.join(iris)})"
        conditions.insert(0, Condition(listed, listed.replace(" IN ", " NOT IN ", 1)))
    return any_of(conditions)


def reach(writer: Writer, start: str, path: Path | None, end: str) -> str:
    """Write the pattern that binds ``end`` to the value nodes of ``start`` (SHACL 2.3).

    The start is bound when the pattern runs. Steps are taken one by one from it (LATERAL), because
    inside EXISTS the engine would otherwise read every triple of a later step, and because a step
    that may stay where it is would otherwise be worked out for every node there is.
    """
    if path is None:
        return f"BIND({start} AS {end})"
    steps = hops(path)
    lines, here = [], start
    for number, step in enumerate(steps):
        there = end if number == len(steps) - 1 else writer.fresh("step")
        line = f"{here} {writer.path(step)} {there} ."
        lines.append(line if number == 0 and is_simple(step) else f"LATERAL {{ {line} }}")
        here = there
    if not may_stay(path):
        return "\n".join(lines)
    # The engine finds no zero-length path at a node that is in no triple; SHACL does.
    return f"LATERAL {{\n{indent(block(*lines) + f' UNION {{ BIND({start} AS {end}) }}')}\n}}"


def values_of(writer: Writer, start: str, path: Path | None, end: str) -> str:
    """Like :func:`reach`, in the plainest form where the pattern stands outside EXISTS."""
    if path is not None and is_simple(path):
        return f"{start} {writer.path(path)} {end} ."
    return reach(writer, start, path, end)
