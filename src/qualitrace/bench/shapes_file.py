"""Shapes as other engines can read them (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import rdflib
from rdflib.namespace import RDF
from rdflib.term import Node, URIRef

from qualitrace.terms import SH as SH_NAMESPACE

SH = rdflib.Namespace(SH_NAMESPACE)


def standard(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes without the names of the API, which some engines refuse as unknown."""
    copy = rdflib.Graph()
    for triple in shapes:
        if triple[1] != SH.codeIdentifier:
            copy.add(triple)
    return copy


def unreadable(shapes: rdflib.Graph) -> list[URIRef]:
    """Return the named property shapes that shacl-rust cannot read: a sequence within an alternative."""
    pairs = shapes.subject_objects(SH.path)
    return sorted({s for s, path in pairs if isinstance(s, URIRef) and _nested(shapes, path)})


def _nested(shapes: rdflib.Graph, path: Node) -> bool:
    inner = list(_parts(shapes, path))
    is_alternative = (path, SH.alternativePath, None) in shapes
    if is_alternative and any((part, RDF.first, None) in shapes for part in inner):
        return True
    return any(_nested(shapes, part) for part in inner)


def _parts(shapes: rdflib.Graph, path: Node) -> Iterator[Node]:
    if (path, RDF.first, None) in shapes:
        yield from shapes.items(path)
    for head in shapes.objects(path, SH.alternativePath):
        yield from shapes.items(head)
    for sign in (SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath):
        yield from shapes.objects(path, sign)


def without(shapes: rdflib.Graph, left_out: Sequence[Node]) -> rdflib.Graph:
    """The shapes without some of them."""
    copy = rdflib.Graph()
    gone = set(left_out)
    for triple in shapes:
        if triple[0] not in gone and triple[2] not in gone:
            copy.add(triple)
    return copy
