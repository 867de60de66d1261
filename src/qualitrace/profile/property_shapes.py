"""Reading single property shapes (SHACL 2.3) into what the model needs of them."""

from __future__ import annotations

from dataclasses import dataclass

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS, XSD
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.material import Material
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.profile.paths import RepeatingPathError, read_path
from qualitrace.profile.vocabulary import (
    CODE_IDENTIFIER,
    QT,
    levels,
    members,
    named_classes,
    ntriples_term,
    text_of,
)
from qualitrace.text import Text

EXPOSURES = ("public", "protected", "private")  # from most to least open
_LITERAL_PROPERTIES = {
    RDFS.label: RDF.langString,
    RDFS.comment: RDF.langString,
    SKOS.prefLabel: RDF.langString,
    SKOS.altLabel: RDF.langString,
    SKOS.definition: RDF.langString,
    SKOS.notation: XSD.string,
}


@dataclass(frozen=True, slots=True)
class PropertyShape:
    """One property shape. Empty strings and None mean: the shape does not say."""

    node: Node
    path: PropertyPath
    name: str  # sh:codeIdentifier
    labels: Text
    definitions: Text
    datatype: str
    target: str
    is_iri: bool
    max_count: int | None
    min_count: int
    values: tuple[str, ...]
    exposure: str
    order: float | None


def read_property_shape(material: Material, node: Node) -> PropertyShape | None:
    """Read one property shape; None when it is off or can only be validated (a repeating path)."""
    graph = material.shapes
    if _is_true(graph.value(node, SH.deactivated)):
        return None
    path = _path(material, node)
    if path is None:
        return None
    targets = _targets(material, node)
    datatype = _datatype(material, node)
    values = _values(material, node)
    return PropertyShape(
        node=node,
        path=path,
        name=str(graph.value(node, CODE_IDENTIFIER) or ""),
        labels=text_of(graph, node, SH.name),
        definitions=text_of(graph, node, SH.description),
        datatype=datatype,
        target=common_class(material, targets),
        is_iri=bool(targets) or _only_iris(material, node, values),
        max_count=_integer(material, node, SH.maxCount),
        min_count=_integer(material, node, SH.minCount) or 0,
        values=values,
        exposure=read_exposure(material, node),
        order=_number(material, node, SH.order),
    )


def read_exposure(material: Material, node: Node) -> str:
    """Return ``qt:exposure`` of a shape, ``""`` when it does not say; of several the strictest."""
    stated = [str(value) for value in material.everything.objects(node, QT.exposure)]
    for value in stated:
        if value not in EXPOSURES:
            material.tell(
                f"qt:exposure 不能是 {value!r}",
                f"qt:exposure cannot be {value!r}",
                node,
                hint_zh="可用的值：" + "、".join(EXPOSURES),
                hint_en="It is one of " + ", ".join(EXPOSURES) + ".",
            )
    return max((v for v in stated if v in EXPOSURES), key=EXPOSURES.index, default="")


def declared_type(material: Material, path: PropertyPath) -> tuple[str, str, bool]:
    """Return datatype, class and whether values are IRIs, as the ontology declares the path's end."""
    ends = [sequence[-1] for sequence in path if sequence]
    found = {_declared(material, step) for step in ends}
    return found.pop() if len(found) == 1 else ("", "", all(f[2] for f in found) and bool(found))


def common_class(material: Material, names: list[str]) -> str:
    """Return the most specific class that is every one of ``names`` or above it; ``""`` when none."""
    if not names:
        return ""
    lines = [[n for level in levels(material.parents, name) for n in level] for name in names]
    shared = [name for name in lines[0] if all(name in line for line in lines)]
    named = [name for name in shared if name not in (str(OWL.Thing), str(RDFS.Resource))]
    return named[0] if named else ""


def _declared(material: Material, step: PathStep) -> tuple[str, str, bool]:
    graph, predicate = material.everything, URIRef(step.predicate)
    side = RDFS.domain if step.inverse else RDFS.range
    classes = [name for end in graph.objects(predicate, side) for name in _classes_of(graph, end)]
    datatypes = sorted(name for name in classes if is_datatype(name))
    if datatypes:
        return datatypes[0], "", False
    if predicate in _LITERAL_PROPERTIES:
        return str(_LITERAL_PROPERTIES[predicate]), "", False
    is_object = (predicate, RDF.type, OWL.ObjectProperty) in graph
    return "", common_class(material, sorted(classes)), is_object or bool(classes)


def _classes_of(graph: rdflib.Graph, expression: Node) -> list[str]:
    try:
        return named_classes(graph, expression)
    except ValueError:
        return []


def is_datatype(name: str) -> bool:
    """Tell whether an IRI names a datatype of XSD or RDF."""
    return name.startswith(str(XSD)) or name in (str(RDF.langString), str(RDFS.Literal))


def _path(material: Material, node: Node) -> PropertyPath | None:
    stated = list(material.shapes.objects(node, SH.path))
    named = material.shapes.value(node, CODE_IDENTIFIER) is not None
    try:
        if len(stated) != 1:
            raise ValueError(f"{len(stated)} sh:path")
        path = read_path(material.shapes, stated[0])
        if all(path):
            return path
    except RepeatingPathError:
        pass
    except ValueError:
        material.tell(
            "这个属性形状没有可用的 sh:path",
            "this property shape has no usable sh:path",
            node,
            hint_zh="每个属性形状要有且只有一个 sh:path（SHACL 2.3.1）。",
            hint_en="A property shape has exactly one sh:path (SHACL 2.3.1).",
        )
        return None
    if named:
        material.tell(
            "重复的路径（* + ?）不能在接口里显示",
            "a path with repetition (* + ?) cannot be shown in the API",
            node,
            hint_zh="请去掉 sh:codeIdentifier；这条规则仍会照常检查。",
            hint_en="Leave out sh:codeIdentifier; the rule is still checked.",
        )
    return None


def _targets(material: Material, node: Node) -> list[str]:
    graph = material.shapes
    stated = sorted(str(c) for c in graph.objects(node, SH["class"]) if isinstance(c, URIRef))
    return stated[:1] or [str(c) for c in _choices(material, node, SH["class"])]


def _datatype(material: Material, node: Node) -> str:
    graph = material.shapes
    stated = sorted(str(d) for d in graph.objects(node, SH.datatype))
    if stated:
        return stated[0]
    choices = {str(choice) for choice in _choices(material, node, SH.datatype)}
    if choices == {str(XSD.string), str(RDF.langString)}:
        return str(RDF.langString)
    if len(choices) == 1:
        return choices.pop()
    says_language = any(graph.value(node, p) is not None for p in (SH.languageIn, SH.uniqueLang))
    return str(RDF.langString) if says_language else ""


def _choices(material: Material, node: Node, constraint: URIRef) -> list[Node]:
    """Return the values of ``constraint`` when every branch of a ``sh:or`` (or ``sh:xone``) has one."""
    graph = material.shapes
    for operator in (SH["or"], SH.xone):
        for head in graph.objects(node, operator):
            branches = _listed(material, node, head)
            values = [graph.value(branch, constraint) for branch in branches]
            found = [value for value in values if value is not None]
            if found and len(found) == len(branches):
                return found
    return []


def _values(material: Material, node: Node) -> tuple[str, ...]:
    head = material.shapes.value(node, SH["in"])
    return () if head is None else tuple(ntriples_term(v) for v in _listed(material, node, head))


def _only_iris(material: Material, node: Node, values: tuple[str, ...]) -> bool:
    kind = material.shapes.value(node, SH.nodeKind)
    return kind in (SH.IRI, SH.BlankNodeOrIRI) or (bool(values) and all(v.startswith("<") for v in values))


def _listed(material: Material, node: Node, head: Node) -> list[Node]:
    try:
        return list(members(material.shapes, head))
    except ValueError:
        material.tell("列表不完整", "a list is not closed properly", node)
        return []


def _integer(material: Material, node: Node, predicate: URIRef) -> int | None:
    found = _number(material, node, predicate)
    return None if found is None else int(found)


def _number(material: Material, node: Node, predicate: URIRef) -> float | None:
    value = material.shapes.value(node, predicate)
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        material.tell(
            f"{material.short(str(predicate))} 的值 {value} 不是数",
            f"{material.short(str(predicate))} is {value}, which is no number",
            node,
        )
        return None


def _is_true(value: Node | None) -> bool:
    return isinstance(value, Literal) and str(value) in ("true", "1")
