"""The shapes graph is checked before it is used (SHACL 3.4.1, appendix on syntax rules).

A rule that is written wrongly would otherwise check nothing in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib.namespace import RDF, XSD
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.datatypes import INTEGER_RANGES
from qualitrace.validation.paths import read_path
from qualitrace.validation.shapes import SHAPE_LISTS, SHAPE_VALUED, TARGETS, Shapes
from qualitrace.validation.vocabulary import SH, local_name, members, name_of


def _terms(names: str) -> tuple[URIRef, ...]:
    return tuple(SH[name] for name in names.split())


_ONE = _terms(
    "datatype nodeKind minCount maxCount minLength maxLength uniqueLang severity deactivated closed"
    " ignoredProperties languageIn in qualifiedMinCount qualifiedMaxCount"
)
_COUNTS = _terms("minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount")
_PROPERTY_ONLY = _terms("minCount maxCount uniqueLang lessThan lessThanOrEquals")
_IRIS = _terms("class datatype nodeKind equals disjoint lessThan lessThanOrEquals severity")
_LITERALS = _terms("minExclusive minInclusive maxExclusive maxInclusive pattern flags")
_BOOLEANS = _terms("closed deactivated uniqueLang qualifiedValueShapesDisjoint")
_LISTS = _terms("in languageIn ignoredProperties")
_KINDS = {"BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"}
_INTEGERS = {str(XSD.integer), *INTEGER_RANGES}
_NODE_TARGETS = {SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf}


def check_shapes(shapes: Shapes) -> None:
    """Raise ProfileError for the first shape that is not well formed, naming it and the rule it breaks."""
    for problem in problems(shapes).values():
        raise problem


def problems(shapes: Shapes) -> dict[Node, ProfileError]:
    """Find the shapes that are not well formed, in a stable order, with the first rule each breaks."""
    found: dict[Node, ProfileError] = {}
    for node in sorted(shapes.nodes, key=shapes.order):
        try:
            if isinstance(node, Literal):
                raise _wrong(node, "shape", zh="规则不能是一个文字值", en="a shape cannot be a literal")
            for check in (_check_path, _check_values, _check_numbers, _check_lists, _check_targets):
                check(shapes, node)
        except ProfileError as error:
            found[node] = error
    return found


def _check_path(shapes: Shapes, node: Node) -> None:
    about = shapes.about(node)
    paths, types = about.get(SH.path, ()), about.get(RDF.type, ())
    if len(paths) > 1:
        raise _wrong(node, "path", zh="只能有一个 sh:path", en="there may be one sh:path only")
    if paths:
        if SH.NodeShape in types:
            raise _wrong(node, "path", zh="节点形状不能有 sh:path", en="a node shape has no sh:path")
        read_path(shapes.graph, paths[0])
        return
    if SH.PropertyShape in types or (None, SH.property, node) in shapes.graph:
        raise _wrong(node, "path", zh="属性形状缺少 sh:path", en="a property shape needs an sh:path")
    for predicate in _PROPERTY_ONLY:
        if predicate in about:
            raise _wrong(
                node,
                local_name(str(predicate)),
                zh="这项要求只能写在属性形状里",
                en="this belongs in a property shape (with sh:path)",
            )


def _check_values(shapes: Shapes, node: Node) -> None:
    about = shapes.about(node)
    for predicate in _ONE:
        if len(about.get(predicate, ())) > 1:
            raise _wrong(
                node, local_name(str(predicate)), zh="最多只能有一个值", en="there may be one value only"
            )
    kinds: tuple[tuple[tuple[URIRef, ...], Callable[[Node], bool], str, str], ...] = (
        (_IRIS, lambda value: isinstance(value, URIRef), "值应是一个 IRI", "the value must be an IRI"),
        (_LITERALS, lambda value: isinstance(value, Literal), "值应是文字", "the value must be a literal"),
        (
            _BOOLEANS,
            lambda value: isinstance(value, Literal) and value.datatype == XSD.boolean,
            "值应是 true 或 false",
            "the value must be true or false",
        ),
    )
    for predicates, is_right, zh, en in kinds:
        for predicate in predicates:
            if not all(is_right(value) for value in about.get(predicate, ())):
                raise _wrong(node, local_name(str(predicate)), zh=zh, en=en)
    for value in about.get(SH.nodeKind, ()):
        if str(value).removeprefix(SH_NAMESPACE) not in _KINDS:
            raise _wrong(node, "nodeKind", zh="没有这种节点类型", en="there is no such kind of node")


def _check_numbers(shapes: Shapes, node: Node) -> None:
    about = shapes.about(node)
    for predicate in _COUNTS:
        for value in about.get(predicate, ()):
            is_integer = isinstance(value, Literal) and str(value.datatype) in _INTEGERS
            if not is_integer or not str(value).lstrip("+").isdigit():
                raise _wrong(
                    node,
                    local_name(str(predicate)),
                    zh="值应是不小于 0 的整数",
                    en="the value must be a whole number from 0",
                )
    qualified = SH.qualifiedMinCount in about or SH.qualifiedMaxCount in about
    if qualified and SH.qualifiedValueShape not in about and SH.path in about:
        raise _wrong(
            node,
            "qualifiedValueShape",
            zh="缺少 sh:qualifiedValueShape",
            en="sh:qualifiedValueShape is missing",
        )


def _check_lists(shapes: Shapes, node: Node) -> None:
    for predicate in (*SHAPE_LISTS, *_LISTS):
        for head in shapes.objects(node, predicate):
            try:
                listed = list(members(shapes.graph, head))
            except ProfileError as error:
                raise _wrong(
                    node, local_name(str(predicate)), zh="值应是列表", en="a list is needed"
                ) from error
            if predicate in SHAPE_LISTS and not listed:
                raise _wrong(node, local_name(str(predicate)), zh="列表不能为空", en="the list is empty")
    for predicate in SHAPE_VALUED:
        for value in shapes.objects(node, predicate):
            if isinstance(value, Literal):
                raise _wrong(node, local_name(str(predicate)), zh="值应是一个形状", en="a shape is needed")


def _check_targets(shapes: Shapes, node: Node) -> None:
    for predicate, value in _targets(shapes, node):
        wrong_kind = predicate in _NODE_TARGETS and not isinstance(value, URIRef)
        if wrong_kind or isinstance(value, BNode):
            raise _wrong(
                node,
                local_name(str(predicate)),
                zh="目标应是有标识的节点",
                en="a target must have an identifier",
            )


def _targets(shapes: Shapes, node: Node) -> Iterator[tuple[URIRef, Node]]:
    for predicate in TARGETS:
        for value in shapes.objects(node, predicate):
            yield predicate, value


def _wrong(node: Node, name: str, *, zh: str, en: str) -> ProfileError:
    return ProfileError(
        Text(zh=f"规则写得不正确:sh:{name} — {zh}。", en=f"A rule is not well formed: sh:{name} — {en}."),
        where=name_of(node),
        hint=Text(
            zh="请在 shapes/ 文件中改正这条规则(SHACL 语法规则)。",
            en="Correct this rule in the shapes/ files (SHACL syntax rules).",
        ),
    )
