"""Which node shapes speak of which classes, and which property shapes they hold."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib.namespace import RDF, SH
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.material import Material
from qualitrace.profile.vocabulary import CLASS_TYPES, members


def shapes_by_class(material: Material) -> Mapping[str, tuple[Node, ...]]:
    """Return the active node shapes of each class, as written: ``sh:targetClass`` and shapes that are
    classes themselves (implicit class targets, SHACL 2.1.3.3)."""
    found: dict[str, set[Node]] = {}
    for shape, target in material.shapes.subject_objects(SH.targetClass):
        if is_active(material, shape):
            found.setdefault(str(target), set()).add(shape)
    for shape in material.shapes.subjects(RDF.type, SH.NodeShape):
        is_class = any((shape, RDF.type, kind) in material.everything for kind in CLASS_TYPES)
        if isinstance(shape, URIRef) and is_class and is_active(material, shape):
            found.setdefault(str(shape), set()).add(shape)
    return {name: tuple(sorted(shapes, key=material.written)) for name, shapes in found.items()}


def property_shapes_of(material: Material, shape: Node) -> list[Node]:
    """Return the property shapes of a node shape as written, those of ``sh:node`` and ``sh:and`` too."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    waiting = [shape]
    while waiting:
        part = waiting.pop(0)
        if part in seen or not is_active(material, part):
            continue
        seen.add(part)
        found.update(dict.fromkeys(sorted(material.shapes.objects(part, SH.property), key=material.written)))
        waiting += sorted(material.shapes.objects(part, SH.node), key=material.written)
        for head in material.shapes.objects(part, SH["and"]):
            waiting += _members(material, head)
    return list(found)


def is_active(material: Material, shape: Node) -> bool:
    """Tell whether a shape is in force (not ``sh:deactivated``)."""
    value = material.shapes.value(shape, SH.deactivated)
    return not (isinstance(value, Literal) and str(value) in ("true", "1"))


def _members(material: Material, head: Node) -> list[Node]:
    try:
        return list(members(material.shapes, head))
    except ValueError:
        material.tell("sh:and 的列表不完整", "the list of sh:and is not closed properly", head)
        return []
