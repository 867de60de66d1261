"""Shapes that compare nodes, or speak of all registries: refused where they could check nothing (floor 0).

``qt:reach``, ``qt:among``, ``qt:unique`` and ``qt:agreesBy``; what they mean is in docs/profile.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib.namespace import RDF, SH
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.material import Material
from qualitrace.profile.vocabulary import CLASS_TYPES, QT

_COMPARES = (QT.unique, QT.agreesBy)
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)


def check_across(material: Material) -> None:
    """Note every shape that misuses one of the terms in ``material.problems``."""
    graph = material.everything
    for subject in sorted(set(graph.subjects(QT.reach)), key=material.written):
        _check_reach(material, subject)
    named = {subject for term in (*_COMPARES, QT.among) for subject in graph.subjects(term)}
    for subject in sorted(named, key=material.written):
        if _stands_on_property_shape(material, subject):
            _check_comparison(material, subject)
            _check_values(material, subject)
            _check_holders(material, subject)


def _check_reach(material: Material, subject: Node) -> None:
    values = list(material.everything.objects(subject, QT.reach))
    if values != [QT.registries]:
        material.tell(
            f"{_name(material, subject)} 的 qt:reach 只能是 qt:registries",
            f"qt:reach of {_name(material, subject)} can be qt:registries only",
            subject,
            hint_zh="涉及所有登记库的形状写 qt:reach qt:registries；只看本库的，删去这一行。",
            hint_en="Write qt:reach qt:registries for a shape of all registries, else leave it out.",
        )
    elif not (_is_target(material, subject) or _reaches(material, subject)):
        material.tell(
            f"{_name(material, subject)} 写了 qt:reach，却没有目标，也没有形状用到它：什么也不检查",
            f"{_name(material, subject)} has qt:reach, yet neither a target nor a shape that uses it: it"
            " checks nothing",
            subject,
            hint_zh="请写目标，如 sh:targetClass；或用 sh:property 把它放进有目标的形状。",
            hint_en="Give it a target (sh:targetClass …), or put it on a shape that has one (sh:property).",
        )


def _stands_on_property_shape(material: Material, subject: Node) -> bool:
    if (subject, SH.path, None) in material.shapes:
        return True
    term = next(one for one in (*_COMPARES, QT.among) if (subject, one, None) in material.everything)
    material.tell(
        f"{material.short(str(term))} 要写在 shapes/ 的属性形状上，{_name(material, subject)} 不是",
        f"{material.short(str(term))} stands on a property shape in shapes/, which"
        f" {_name(material, subject)} is not",
        subject,
        hint_zh="请写在有 sh:path 的形状上：比较的就是该路径的值。",
        hint_en="Write it on a shape with sh:path: the values of that path are what is compared.",
    )
    return False


def _check_comparison(material: Material, subject: Node) -> None:
    graph = material.everything
    compares = any((subject, term, None) in graph for term in _COMPARES)
    classes = list(graph.objects(subject, QT.among))
    if not compares:
        material.tell(
            f"{_name(material, subject)} 写了 qt:among，却没有 qt:unique 或 qt:agreesBy：什么也不检查",
            f"{_name(material, subject)} has qt:among, yet neither qt:unique nor qt:agreesBy:"
            " it checks nothing",
            subject,
            hint_zh="请写明比较什么：qt:unique true，或 qt:agreesBy 加一个属性。",
            hint_en="Say what is compared: qt:unique true, or qt:agreesBy and a property.",
        )
    elif len(classes) != 1 or not isinstance(classes[0], URIRef):
        material.tell(
            f"{_name(material, subject)} 要用 qt:among 写明恰好一个类，否则什么也不检查",
            f"{_name(material, subject)} must name one class with qt:among; without it nothing is checked",
            subject,
            hint_zh="请写：qt:among 后面跟互相比较的节点所属的类。",
            hint_en="Write qt:among and the class whose nodes are compared with each other.",
        )


def _check_values(material: Material, subject: Node) -> None:
    graph = material.everything
    for value in graph.objects(subject, QT.unique):
        if not (isinstance(value, Literal) and value.value is True):
            material.tell(
                f"{_name(material, subject)} 的 qt:unique 只能是 true",
                f"qt:unique of {_name(material, subject)} can be true only",
                subject,
                hint_zh="值可以重复的，删去这一行。",
                hint_en="Leave the line out where values may repeat.",
            )
    for value in graph.objects(subject, QT.agreesBy):
        if not isinstance(value, URIRef):
            material.tell(
                f"{_name(material, subject)} 的 qt:agreesBy 要写一个属性",
                f"qt:agreesBy of {_name(material, subject)} names a property",
                subject,
                hint_zh="请写属性的名称，不加引号，不写路径。",
                hint_en="Write the property's name: no text, no path.",
            )
        elif (subject, SH.path, value) in material.shapes:
            material.tell(
                f"{_name(material, subject)} 的 qt:agreesBy 就是它自己的 sh:path：永远一致，什么也不检查",
                f"qt:agreesBy of {_name(material, subject)} is its own sh:path: always true,"
                " it checks nothing",
                subject,
                hint_zh="请另写一个属性：据它认出是同一回事的那个编码或概念。",
                hint_en="Name another property: the code or concept by which nodes are known to be the same.",
            )


def _check_holders(material: Material, subject: Node) -> None:
    """A comparison across registries groups what a shape targets: it must stand on that shape itself."""
    if not (_is_target(material, subject) or _reaches(material, subject)):
        material.tell(
            f"没有形状用到 {_name(material, subject)}：什么也不检查",
            f"no shape uses {_name(material, subject)}: it checks nothing",
            subject,
            hint_zh="请用 sh:property 把它放进有目标的节点形状。",
            hint_en="Put it on a node shape that has a target (sh:property).",
        )
        return
    across = [
        one for one in _above(material, subject) if (one, QT.reach, QT.registries) in material.everything
    ]
    within = across if subject not in across else list(_above(material, subject))
    nested = [one for one in within if one != subject and not _holds(material, one, subject)]
    if across and nested:
        material.tell(
            f"{_name(material, subject)} 只能直接写在有目标的节点形状上，不能从 {_name(material, nested[0])} "
            "里的别的节点到达",
            f"{_name(material, subject)} must stand on a node shape with a target, and not be reached from"
            f" another node within {_name(material, nested[0])}",
            subject,
            hint_zh="请给要比较的节点另写一个节点形状：sh:targetClass、qt:reach 和 sh:property。",
            hint_en="Write a node shape for what is compared: sh:targetClass, qt:reach, sh:property.",
        )


def _holds(material: Material, shape: Node, subject: Node) -> bool:
    held = (shape, SH.property, subject) in material.shapes and _is_target(material, shape)
    return held and (shape, SH.path, None) not in material.shapes


def _above(material: Material, subject: Node) -> Iterator[Node]:
    """Yield a shape and all those that refer to it, by whatever way."""
    seen, waiting = {subject}, [subject]
    while waiting:
        here = waiting.pop()
        yield here
        for one, term in material.shapes.subject_predicates(here):
            if term not in (SH.path, QT.steward) and one not in seen:
                seen.add(one)
                waiting.append(one)


def _reaches(material: Material, subject: Node) -> bool:
    return any(_is_target(material, one) for one in _above(material, subject))


def _is_target(material: Material, subject: Node) -> bool:
    has_target = any((subject, term, None) in material.shapes for term in _TARGETS)
    is_class = any((subject, RDF.type, kind) in material.everything for kind in CLASS_TYPES)
    return has_target or (is_class and (subject, RDF.type, SH.NodeShape) in material.shapes)


def _name(material: Material, subject: Node) -> str:
    if isinstance(subject, URIRef):
        return material.short(str(subject))
    path = material.shapes.value(subject, SH.path)
    return f"sh:path {material.short(str(path))}" if isinstance(path, URIRef) else "sh:path […]"
