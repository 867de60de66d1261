"""Merging property shapes into the properties of a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rdflib.term import Node, URIRef

from qualitrace.profile.lifecycle import ended
from qualitrace.profile.material import Material
from qualitrace.profile.model import Ended, PathStep, PropertyModel, PropertyPath
from qualitrace.profile.node_shapes import property_shapes_of
from qualitrace.profile.paths import path_text
from qualitrace.profile.property_shapes import (
    EXPOSURES,
    PropertyShape,
    declared_type,
    read_property_shape,
)
from qualitrace.profile.vocabulary import (
    DEFINITIONS,
    LABELS,
    is_graphql_name,
    levels,
    local_name,
    text_of,
)
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text

TYPE_PATH: PropertyPath = ((PathStep(RDF_TYPE),),)  # a rule on classes; every node shows its own anyway
Near = tuple[int, PropertyShape]  # how many classes up the shape speaks from, and the shape


class PropertyCompiler:
    """Makes the properties of classes; every property shape is read once, however many inherit it."""

    def __init__(self, material: Material, shapes: Mapping[str, tuple[Node, ...]]) -> None:
        self._material = material
        self._shapes = shapes
        self._read: dict[Node, PropertyShape | None] = {}

    def properties_of(self, iri: str) -> tuple[PropertyModel, ...]:
        """Return a class's own and inherited properties, by ``sh:order``, then name."""
        by_path: dict[PropertyPath, list[Near]] = {}
        for distance, names in enumerate(levels(self._material.parents, iri)):
            for name in names:
                for shape in self._shapes.get(name, ()):
                    for node in property_shapes_of(self._material, shape):
                        found = self._property_shape(node)
                        if found is not None and found.path != TYPE_PATH:
                            by_path.setdefault(found.path, []).append((distance, found))
        merged = [self._merge(path, shapes) for path, shapes in by_path.items()]
        models = [model for model in merged if model is not None]
        self._check_names(iri, models)
        return tuple(sorted(models, key=lambda model: (model.order, model.name)))

    def _property_shape(self, node: Node) -> PropertyShape | None:
        if node not in self._read:
            self._read[node] = read_property_shape(self._material, node)
        return self._read[node]

    def _merge(self, path: PropertyPath, near: Sequence[Near]) -> PropertyModel | None:
        """Merge shapes on one path: what describes comes from the nearest, what limits adds up."""
        shapes = [shape for _, shape in near]
        exposure = _exposure(near)
        name = self._name(path, shapes, exposure)
        if not name:
            return None
        datatype, target, is_iri = self._type(path, shapes)
        max_counts = [shape.max_count for shape in shapes if shape.max_count is not None]
        orders = [shape.order for shape in shapes if shape.order is not None]
        labels, definitions = self._texts(path, shapes)
        return PropertyModel(
            name=name,
            path=path,
            labels=labels,
            definitions=definitions,
            datatype=datatype,
            target=target,
            is_iri=is_iri,
            many=min(max_counts, default=2) > 1,
            min_count=max(shape.min_count for shape in shapes),
            values=next((shape.values for shape in shapes if shape.values), ()),
            exposure=exposure,
            order=orders[0] if orders else 0.0,
            shape=str(shapes[0].node),
            ended=self._ended(path, shapes),
        )

    def _name(self, path: PropertyPath, shapes: Sequence[PropertyShape], exposure: str) -> str:
        stated = next((shape.name for shape in shapes if shape.name), "")
        plain = len(path) == 1 and len(path[0]) == 1 and not path[0][0].inverse
        name = stated or (local_name(path[0][0].predicate) if plain else "")
        if is_graphql_name(name):
            return name
        if not name and exposure == "private":
            return ""
        shown = path_text(path, self._material.short)
        self._material.tell(
            f"属性 {shown} 需要一个接口名" + (f"（{name!r} 不能用）" if name else ""),
            f"the property {shown} needs a name for the API" + (f" ({name!r} will not do)" if name else ""),
            shapes[0].node,
            hint_zh='请加 sh:codeIdentifier "英文名"（字母、数字、下划线），'
            '或写 qt:exposure "private" 不对外显示。',
            hint_en='Add sh:codeIdentifier "name" (letters, digits, underscore), or hide it with'
            ' qt:exposure "private".',
        )
        return ""

    def _type(self, path: PropertyPath, shapes: Sequence[PropertyShape]) -> tuple[str, str, bool]:
        datatype = next((shape.datatype for shape in shapes if shape.datatype), "")
        target = next((shape.target for shape in shapes if shape.target), "")
        is_iri = any(shape.is_iri for shape in shapes)
        if datatype or target:
            return datatype, target, is_iri
        declared_datatype, declared_target, declared_iri = declared_type(self._material, path)
        if is_iri:
            return "", declared_target, True
        return declared_datatype, declared_target, declared_iri

    def _texts(self, path: PropertyPath, shapes: Sequence[PropertyShape]) -> tuple[Text, Text]:
        labels = next((shape.labels for shape in shapes if shape.labels), Text())
        definitions = next((shape.definitions for shape in shapes if shape.definitions), Text())
        if len(path) == 1 and len(path[0]) == 1 and not path[0][0].inverse:
            predicate = URIRef(path[0][0].predicate)
            labels = labels or text_of(self._material.everything, predicate, *LABELS)
            definitions = definitions or text_of(self._material.everything, predicate, *DEFINITIONS)
        return labels, definitions

    def _ended(self, path: PropertyPath, shapes: Sequence[PropertyShape]) -> Ended | None:
        """Tell that a shape which describes the property, or its predicate, has ended.

        A rule on the same path that has ended says nothing of the property.
        """
        describing = [
            shape.node
            for shape in shapes
            if shape.name or shape.labels or shape.datatype or shape.target or shape.order is not None
        ]
        plain = len(path) == 1 and len(path[0]) == 1 and not path[0][0].inverse
        predicates = [URIRef(path[0][0].predicate)] if plain else []
        return ended(self._material.everything, [*describing, *predicates], self._material.lifecycles)

    def _check_names(self, iri: str, models: Sequence[PropertyModel]) -> None:
        by_name: dict[str, PropertyModel] = {}
        for model in models:
            other = by_name.setdefault(model.name, model)
            if other is not model:
                paths = [path_text(m.path, self._material.short) for m in (other, model)]
                self._material.tell(
                    f"类 {self._material.short(iri)} 有两个属性都叫 {model.name}：{paths[0]} 与 {paths[1]}",
                    f"the class {self._material.short(iri)} has two properties named {model.name}:"
                    f" {paths[0]} and {paths[1]}",
                    URIRef(iri),
                    hint_zh="请给其中一个属性形状加 sh:codeIdentifier。",
                    hint_en="Give one of the two property shapes a sh:codeIdentifier.",
                )


def _exposure(near: Sequence[Near]) -> str:
    """Return the exposure the nearest class states; of several shapes there, the strictest."""
    stated = [(distance, shape.exposure) for distance, shape in near if shape.exposure]
    if not stated:
        return "public"
    nearest = min(distance for distance, _ in stated)
    return max((e for distance, e in stated if distance == nearest), key=EXPOSURES.index)
