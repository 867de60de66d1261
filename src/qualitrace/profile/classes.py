"""Compiling ontology and shapes to class models."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node, URIRef

from qualitrace import terms
from qualitrace.profile.lifecycle import ended
from qualitrace.profile.material import Material
from qualitrace.profile.model import ChainModel, ClassModel, PathStep, PropertyPath
from qualitrace.profile.node_shapes import shapes_by_class
from qualitrace.profile.paths import RepeatingPathError, read_path
from qualitrace.profile.properties import PropertyCompiler
from qualitrace.profile.property_shapes import EXPOSURES, read_exposure
from qualitrace.profile.vocabulary import (
    CLASS_TYPES,
    CODE_IDENTIFIER,
    DEFINITIONS,
    LABELS,
    QT,
    below,
    is_graphql_name,
    levels,
    local_name,
    members,
    text_of,
)
from qualitrace.text import Text

_META = (terms.OWL, terms.RDF, terms.RDFS, terms.SH, terms.QT, terms.XSD)


def compile_classes(material: Material) -> dict[str, ClassModel]:
    """Return the class models by IRI, in order of name.

    A class counts when it is declared (``owl:Class`` or ``rdfs:Class``) and labelled, or when a shape
    targets it. Unlabelled, untargeted classes are mentions of other vocabularies.
    """
    shapes = shapes_by_class(material)
    names = _class_names(material, shapes)
    compiler = PropertyCompiler(material, shapes)
    models = [_class_model(material, iri, name, shapes, names, compiler) for iri, name in names.items()]
    return {model.iri: model for model in sorted(models, key=lambda model: model.name)}


def _class_model(
    material: Material,
    iri: str,
    name: str,
    shapes: Mapping[str, tuple[Node, ...]],
    known: Mapping[str, str],
    compiler: PropertyCompiler,
) -> ClassModel:
    near = [name for level in levels(material.parents, iri) for name in level]
    own = list(shapes.get(iri, ()))
    return ClassModel(
        iri=iri,
        name=name,
        labels=_text(material, iri, own, LABELS),
        definitions=_text(material, iri, own, DEFINITIONS),
        parents=frozenset(near[1:]) & known.keys(),
        children=below(material.parents, iri) & known.keys(),
        properties=compiler.properties_of(iri),
        chains=tuple(chain for name in near for chain in _chains(material, name)),
        steward=_steward(material, near, shapes),
        exposure=_exposure(material, iri, shapes),
        abstract=not own,
        ended=ended(material.everything, (URIRef(iri), *own), material.lifecycles),
    )


def _class_names(material: Material, shapes: Mapping[str, tuple[Node, ...]]) -> dict[str, str]:
    graph = material.everything
    declared = {
        str(node)
        for kind in CLASS_TYPES
        for node in graph.subjects(RDF.type, kind)
        if isinstance(node, URIRef) and text_of(graph, node, *LABELS)
    }
    names: dict[str, str] = {}
    holders: dict[str, str] = {}
    for iri in sorted(declared | shapes.keys()):
        if iri.startswith(_META):
            continue
        name = _class_name(material, iri, shapes.get(iri, ()))
        if not name:
            continue
        names[iri] = name
        other = holders.setdefault(name.lower(), iri)
        if other != iri:
            material.tell(
                f"两个类都叫 {name}：{material.short(other)} 与 {material.short(iri)}",
                f"two classes are both named {name}: {material.short(other)} and {material.short(iri)}",
                URIRef(iri),
                hint_zh="请给其中一个类（或它的形状）加 sh:codeIdentifier。",
                hint_en="Give one of them, or its shape, a sh:codeIdentifier.",
            )
    return names


def _class_name(material: Material, iri: str, shapes: tuple[Node, ...]) -> str:
    graph = material.everything
    stated = [graph.value(node, CODE_IDENTIFIER) for node in (URIRef(iri), *shapes)]
    given = next((str(name) for name in stated if name is not None), local_name(iri))
    name = given[:1].upper() + given[1:]
    if is_graphql_name(name):
        return name
    material.tell(
        f"类 {material.short(iri)} 的接口名 {given!r} 不能用",
        f"the class {material.short(iri)} cannot be named {given!r} in the API",
        URIRef(iri),
        hint_zh='请加 sh:codeIdentifier "英文名"（字母、数字、下划线）。',
        hint_en='Add sh:codeIdentifier "Name" (letters, digits, underscore).',
    )
    return ""


def _text(material: Material, iri: str, shapes: list[Node], predicates: tuple[URIRef, ...]) -> Text:
    found = text_of(material.everything, URIRef(iri), *predicates)
    if found or not shapes:
        return found
    return text_of(material.shapes, shapes[0], *predicates)


def _exposure(material: Material, iri: str, shapes: Mapping[str, tuple[Node, ...]]) -> str:
    for level in levels(material.parents, iri):
        stated = [read_exposure(material, shape) for name in level for shape in shapes.get(name, ())]
        found = max((value for value in stated if value), key=EXPOSURES.index, default="")
        if found:
            return found
    return EXPOSURES[0]


def _steward(material: Material, near: list[str], shapes: Mapping[str, tuple[Node, ...]]) -> PropertyPath:
    for name in near:
        for shape in shapes.get(name, ()):
            stated = sorted(material.everything.objects(shape, QT.steward), key=material.written)
            if stated:
                return _steward_path(material, shape, stated)
    return ()


def _steward_path(material: Material, shape: Node, stated: list[Node]) -> PropertyPath:
    try:
        if len(stated) > 1:
            raise ValueError("several paths")
        return read_path(material.everything, stated[0])
    except (RepeatingPathError, ValueError):
        material.tell(
            "qt:steward 不是可用的路径",
            "qt:steward is not a usable path",
            shape,
            hint_zh="请写一个 SHACL 路径（属性、sh:inversePath、列表或 sh:alternativePath），不要用 * 或 +。",
            hint_en="Give one SHACL path (a property, sh:inversePath, a list or sh:alternativePath),"
            " without * or +.",
        )
        return ()


def _chains(material: Material, iri: str) -> list[ChainModel]:
    graph = material.everything
    return [
        chain
        for head in sorted(graph.objects(URIRef(iri), QT.chain), key=material.written)
        if (chain := _chain(material, URIRef(iri), head)) is not None
    ]


def _chain(material: Material, owner: URIRef, head: Node) -> ChainModel | None:
    graph = material.everything
    try:
        paths = [read_path(graph, member) for member in members(graph, head)]
        if not paths or any(len(path) != 1 or len(path[0]) != 1 for path in paths):
            raise ValueError("not single steps")
    except ValueError:
        material.tell(
            f"{material.short(str(owner))} 的 qt:chain 不是属性的列表",
            f"the qt:chain of {material.short(str(owner))} is not a list of properties",
            owner,
            hint_zh="写法：qt:chain ( 属性1 [ sh:inversePath 属性2 ] )",
            hint_en="Write it so: qt:chain ( property1 [ sh:inversePath property2 ] )",
        )
        return None
    links = tuple(path[0][0] for path in paths)
    return ChainModel(links=links, labels=_chain_labels(material, links))


def _chain_labels(material: Material, links: tuple[PathStep, ...]) -> Text:
    texts = [text_of(material.everything, URIRef(link.predicate), *LABELS) for link in links]
    languages = sorted({language for text in texts for language in text})
    return Text(
        {
            language: " → ".join(
                ("^" if link.inverse else "") + (text.best(language) or local_name(link.predicate))
                for link, text in zip(links, texts, strict=True)
            )
            for language in languages
        }
    )


def declared_properties(material: Material) -> frozenset[str]:
    """Return every IRI the profile declares as a property, or uses as a sub-property."""
    graph = material.everything
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property)
    typed = {str(node) for kind in kinds for node in graph.subjects(RDF.type, kind)}
    return frozenset(typed | {str(node) for node in graph.subjects(RDFS.subPropertyOf)})
