"""SHACL names, and small questions to a shapes graph.

Nothing here knows a profile's own terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import rdflib
from rdflib.namespace import RDF
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace import terms
from qualitrace.errors import ProfileError
from qualitrace.text import Text


class _Vocabulary(rdflib.Namespace):
    """A namespace that makes each of its terms once."""

    def term(self, name: str) -> URIRef:
        return _term(str(self), name)


@cache
def _term(namespace: str, name: str) -> URIRef:
    return URIRef(namespace + name)


SH = _Vocabulary(terms.SH)
QT = _Vocabulary(terms.QT)


def local_name(iri: str) -> str:
    """Return the part of an IRI after its last ``#``, ``/`` or ``:``."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def members(graph: rdflib.Graph, head: Node) -> Iterator[Node]:
    """Iterate over an RDF list. Raises ProfileError when it is not well formed (SHACL 1.5)."""
    seen = set[Node]()
    while head != RDF.nil:
        first, rest = list(graph.objects(head, RDF.first)), list(graph.objects(head, RDF.rest))
        if head in seen or len(first) != 1 or len(rest) != 1:
            raise ProfileError(
                Text(zh="这里需要一个完整的 RDF 列表。", en="A well-formed RDF list is needed here."),
                where=str(head),
                hint=Text(zh="请用圆括号 ( … ) 书写列表。", en="Write the list in parentheses: ( … )."),
            )
        seen.add(head)
        yield first[0]
        head = rest[0]


def text_of(graph: rdflib.Graph, node: Node, *predicates: URIRef) -> Text:
    """Gather the literals of ``predicates`` by language; an earlier predicate wins."""
    return text_in(graph.objects(node, predicate) for predicate in predicates)


def text_in(values: Iterable[Iterable[Node]]) -> Text:
    """Like :func:`text_of`, of the values of each predicate."""
    found: dict[str, str] = {}
    for group in values:
        for value in sorted(v for v in group if isinstance(v, Literal)):
            found.setdefault((value.language or "").lower(), str(value))
    return Text(found)


def map_text(text: Text, change: Callable[[str, str], str]) -> Text:
    """Return the text with ``change(language, words)`` applied to each language."""
    return Text({language: change(language, words) for language, words in text.items()})


def name_of(node: Node) -> str:
    """Return a node as findings name it: the IRI, ``_:id``, or a literal in N-Triples syntax."""
    if isinstance(node, URIRef):
        return str(node)
    if isinstance(node, BNode):
        return f"_:{node}"
    return ntriples(node)


def ntriples(node: Node) -> str:
    """Return the N-Triples form of a term."""
    if isinstance(node, Literal):
        language = (node.language or "").lower()
        return terms.literal(str(node), datatype=str(node.datatype or ""), language=language)
    return f"<{node}>" if isinstance(node, URIRef) else f"_:{node}"


def transitive(nodes: Iterable[Node | None]) -> Iterator[Node]:
    """Give the nodes of one of rdflib's transitive walks, which are never None, their type."""
    return (node for node in nodes if node is not None)


def is_true(node: Node | None) -> bool:
    """Tell whether a node is the literal ``true`` itself (SHACL 4.4.5 accepts no other spelling)."""
    return isinstance(node, Literal) and str(node) == "true"
