"""Targets (SHACL 2.1.3): which nodes a shape is checked on."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib.term import BNode, Node

from qualitrace.terms import RDF_TYPE
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.expressions import Writer, block
from qualitrace.validation.hierarchy import instance_marker
from qualitrace.validation.reads import Read
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.sparql_reads import EVERYTHING
from qualitrace.validation.sparql_targets import TargetQuery, target_queries
from qualitrace.validation.vocabulary import SH, name_of


@dataclass(frozen=True, slots=True)
class Targets:
    """What a shape targets: nodes, instances of classes, subjects and objects of predicates (IRIs).

    ``queries`` find further focus nodes (SHACL-AF 3).
    """

    nodes: tuple[Node, ...]
    classes: tuple[str, ...]
    subjects_of: tuple[str, ...]
    objects_of: tuple[str, ...]
    queries: tuple[TargetQuery, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The targeted nodes as findings name them."""
        return frozenset(name_of(node) for node in self.nodes)

    def pattern(self, writer: Writer, variable: str) -> str:
        """Write the pattern that binds ``variable`` to the focus nodes; they may repeat."""
        parts = []
        if self.nodes:
            parts.append(f"VALUES {variable} {{ {' '.join(writer.term(node) for node in self.nodes)} }}")
        parts += [instance_marker(variable, name) for name in self.classes]
        for name in self.subjects_of:
            parts.append(f"{variable} {writer.iri(name)} {writer.fresh('object')} .")
        for name in self.objects_of:
            parts.append(f"{writer.fresh('subject')} {writer.iri(name)} {variable} .")
        parts += [query.pattern(writer, variable) for query in self.queries]
        if len(parts) == 1:
            return parts[0]
        return "\nUNION\n".join(block(part) for part in parts)

    def reads(self) -> tuple[Read, ...]:
        """List the triples that decide whether a node is a target."""
        return (
            *(EVERYTHING if self.queries else []),
            *([Read(RDF_TYPE)] if self.classes else []),
            *(Read(name) for name in self.subjects_of),
            *(Read(name, backwards=True) for name in self.objects_of),
        )


def targets_of(shapes: Shapes, shape: Shape) -> Targets:
    """Read the targets of a shape. A kind of target that is not known here is left out."""
    classes = {str(node) for node in shapes.values(shape, SH.targetClass)}
    if shapes.is_class(shape.node):
        classes.add(shape.name)
    return Targets(
        nodes=tuple(node for node in shapes.values(shape, SH.targetNode) if not isinstance(node, BNode)),
        classes=tuple(sorted(classes)),
        subjects_of=tuple(str(node) for node in shapes.values(shape, SH.targetSubjectsOf)),
        objects_of=tuple(str(node) for node in shapes.values(shape, SH.targetObjectsOf)),
        queries=_queries(shapes, shape),
    )


def _queries(shapes: Shapes, shape: Shape) -> tuple[TargetQuery, ...]:
    try:
        return tuple(target_queries(shapes, shape))
    except UnsupportedError:
        return ()  # the shape runs elsewhere
