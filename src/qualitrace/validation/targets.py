"""Targets (SHACL 2.1.3): which nodes a shape is checked on, as a pattern that binds a variable."""

from __future__ import annotations

from rdflib.term import BNode

from qualitrace.terms import RDF_TYPE
from qualitrace.validation.expressions import Writer, block
from qualitrace.validation.hierarchy import instance_marker
from qualitrace.validation.reads import Read
from qualitrace.validation.shapes import Shape, Shapes
from qualitrace.validation.vocabulary import SH


def target_pattern(shapes: Shapes, shape: Shape, writer: Writer, variable: str) -> str:
    """Write the pattern that binds ``variable`` to the shape's focus nodes; they may repeat."""
    parts = []
    nodes = [node for node in shapes.values(shape, SH.targetNode) if not isinstance(node, BNode)]
    if nodes:
        parts.append(f"VALUES {variable} {{ {' '.join(writer.term(node) for node in nodes)} }}")
    classes = {str(node) for node in shapes.values(shape, SH.targetClass)}
    if shapes.is_class(shape.node):
        classes.add(shape.name)
    parts += [instance_marker(variable, name) for name in sorted(classes)]
    for node in shapes.values(shape, SH.targetSubjectsOf):
        parts.append(f"{variable} {writer.term(node)} {writer.fresh('object')} .")
    for node in shapes.values(shape, SH.targetObjectsOf):
        parts.append(f"{writer.fresh('subject')} {writer.term(node)} {variable} .")
    if len(parts) == 1:
        return parts[0]
    return "\nUNION\n".join(block(part) for part in parts)


def target_reads(shapes: Shapes, shape: Shape) -> list[Read]:
    """List the triples that decide whether a node is a target of the shape."""
    found = []
    if shapes.values(shape, SH.targetClass) or shapes.is_class(shape.node):
        found.append(Read(RDF_TYPE))
    found += [Read(str(node)) for node in shapes.values(shape, SH.targetSubjectsOf)]
    found += [Read(str(node), backwards=True) for node in shapes.values(shape, SH.targetObjectsOf)]
    return found
