"""Consistency of a profile with itself: what is named must exist, and be of the right kind.

A misspelt name is the worst mistake of all: a shape that targets an unknown class checks nothing and
says that all is well. Names of other vocabularies are taken as they are; a namespace counts as the
profile's own when the profile declares and labels a term in it.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable

from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.across import check_across
from qualitrace.profile.directory import files
from qualitrace.profile.material import Material
from qualitrace.profile.model import Profile
from qualitrace.profile.paths import predicates_of
from qualitrace.profile.problems import problem
from qualitrace.profile.property_shapes import is_datatype
from qualitrace.profile.turtle import read_text
from qualitrace.profile.vocabulary import (
    CLASS_TYPES,
    LABELS,
    PROPERTY_TYPES,
    QT,
    levels,
    named_classes,
    namespace_of,
    text_of,
)


def check(material: Material, profile: Profile) -> None:
    """Note every contradiction of the profile in ``material.problems``."""
    classes, properties = _declared(material, CLASS_TYPES), _declared(material, PROPERTY_TYPES)
    own = _own_namespaces(material, classes | properties)
    _check_engine_terms(material)
    _check_imports(material)
    _check_class_names(material, classes, own)
    _check_property_names(material, properties, own)
    _check_tracing(material, profile)
    _check_absences(material, profile)
    check_across(material)
    _check_json(material, profile)


def _declared(material: Material, kinds: Iterable[URIRef]) -> set[str]:
    graph = material.everything
    return {str(n) for kind in kinds for n in graph.subjects(RDF.type, kind) if isinstance(n, URIRef)}


def _own_namespaces(material: Material, declared: set[str]) -> set[str]:
    labelled = {name for name in declared if text_of(material.everything, URIRef(name), *LABELS)}
    return {namespace_of(name) for name in labelled}


def _check_engine_terms(material: Material) -> None:
    """Every ``qt:`` name used must be one of the engine's terms."""
    graph = material.everything
    known = {str(n) for n in graph.subjects(RDFS.isDefinedBy, URIRef(str(QT)[:-1]))}
    for subject, predicate, object_ in graph:
        for term in (predicate, object_):
            if isinstance(term, URIRef) and term.startswith(str(QT)) and str(term) not in known:
                _tell_unknown(material, "引擎词汇", "engine term", str(term), known, subject)


def _check_imports(material: Material) -> None:
    """``owl:imports`` must name an ontology that lies in the profile: nothing is fetched."""
    graph = material.everything
    here = {str(n).rstrip("#/") for n in graph.subjects(RDF.type, OWL.Ontology)}
    for subject, target in graph.subject_objects(OWL.imports):
        if str(target).rstrip("#/") not in here:
            material.tell(
                f"owl:imports 指向配置里没有的本体 <{target}>；程序不从网上取文件",
                f"owl:imports names <{target}>, which is not in the profile; nothing is fetched",
                subject,
                hint_zh="请把那个本体存成 .ttl 放进 ontology/，或删去这一行。",
                hint_en="Put a copy of it in ontology/ as .ttl, or leave the line out.",
            )


def _check_class_names(material: Material, classes: set[str], own: set[str]) -> None:
    """Classes named by shapes, chains, domains and ranges must be declared."""
    graph = material.everything
    for predicate in (SH.targetClass, SH["class"], QT.among):
        for subject, target in graph.subject_objects(predicate):
            _check_name(material, str(target), classes, own, subject, "类", "class")
    for owner in set(graph.subjects(QT.chain)):
        if str(owner) not in classes:
            _tell_unknown(material, "类", "class", str(owner), classes, owner)
    for predicate in (RDFS.domain, RDFS.range, RDFS.subClassOf):
        for subject, expression in graph.subject_objects(predicate):
            for name in _names_in(material, subject, expression):
                if not is_datatype(name):
                    _check_name(material, name, classes, own, subject, "类", "class")


def _names_in(material: Material, subject: Node, expression: Node) -> list[str]:
    try:
        return named_classes(material.everything, expression)
    except ValueError:
        material.tell("owl:unionOf 的列表不完整", "a list of owl:unionOf is not closed", subject)
        return []


def _check_property_names(material: Material, properties: set[str], own: set[str]) -> None:
    """Properties named by paths, chains and stewards must be declared."""
    graph = material.everything
    for predicate in (SH.path, QT.chain, QT.steward):
        for subject, path in graph.subject_objects(predicate):
            for name in sorted(predicates_of(graph, path)):
                _check_name(material, name, properties, own, subject, "属性", "property")
    for predicate in (RDFS.subPropertyOf, QT.agreesBy):
        for subject, named in graph.subject_objects(predicate):
            _check_name(material, str(named), properties, own, subject, "属性", "property")


def _check_name(
    material: Material, name: str, known: set[str], own: set[str], about: Node, zh: str, en: str
) -> None:
    if name not in known and namespace_of(name) in own:
        _tell_unknown(material, zh, en, name, known, about)


def _tell_unknown(material: Material, zh: str, en: str, name: str, known: set[str], about: Node) -> None:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
    meant = material.short(near[0]) if near else ""
    kind = "owl:Class" if en == "class" else "owl:ObjectProperty / owl:DatatypeProperty"
    declare = "" if en == "engine term" else kind
    material.tell(
        f"没有声明过的{zh} {material.short(name)}",
        f"{material.short(name)} is not a declared {en}",
        about,
        named=name,
        hint_zh=(f"是不是 {meant}？" if near else "")
        + (f"否则请在 ontology/ 里声明它（{declare}）。" if declare else ""),
        hint_en=(f"Did you mean {meant}? " if near else "")
        + (
            f"Otherwise declare it in ontology/ ({declare})."
            if declare
            else "The terms are in docs/profile.md."
        ),
    )


def _check_tracing(material: Material, profile: Profile) -> None:
    """A tracing property links nodes, and says from what (one domain, or a union)."""
    graph = material.everything
    for iri in profile.trace.properties:
        node, shown = URIRef(iri), material.short(iri)
        kinds = set(graph.objects(node, RDF.type))
        datatypes = [str(r) for r in graph.objects(node, RDFS.range) if is_datatype(str(r))]
        if OWL.DatatypeProperty in kinds or OWL.AnnotationProperty in kinds or datatypes:
            material.tell(
                f"追溯属性 {shown} 的值不是节点",
                f"the tracing property {shown} does not lead to nodes",
                node,
                hint_zh="qt:tracesTo 的下位属性必须是 owl:ObjectProperty，值域是类。",
                hint_en="A sub-property of qt:tracesTo is an owl:ObjectProperty whose range is a class.",
            )
        _check_domains(material, node, shown)


def _check_domains(material: Material, node: URIRef, shown: str) -> None:
    stated = [str(d) for d in material.everything.objects(node, RDFS.domain) if isinstance(d, URIRef)]
    lines = {name: {n for level in levels(material.parents, name) for n in level} for name in stated}
    apart = [(a, b) for a in stated for b in stated if a < b and b not in lines[a] and a not in lines[b]]
    for left, right in apart:
        material.tell(
            f"{shown} 有两个 rdfs:domain（{material.short(left)}、{material.short(right)}），"
            "意思是“同时是两者”",
            f"{shown} has two rdfs:domain ({material.short(left)}, {material.short(right)}), which means"
            " 'both at once'",
            node,
            hint_zh="要表示“其中之一”，请写 rdfs:domain [ a owl:Class ; owl:unionOf ( … … ) ]。",
            hint_en="For 'either', write rdfs:domain [ a owl:Class ; owl:unionOf ( … … ) ].",
        )


def _check_absences(material: Material, profile: Profile) -> None:
    """``qt:absence`` needs a domain (whose absence?), and is text."""
    graph = material.everything
    for iri in profile.trace.absences:
        values = list(graph.objects(URIRef(iri), QT.absence))
        if not all(isinstance(value, Literal) for value in values):
            material.tell("qt:absence 要写文字", "qt:absence is text", URIRef(iri))
        traced = profile.trace.properties.get(iri)
        if traced is not None and not traced.domains:
            material.tell(
                f"{material.short(iri)} 写了 qt:absence 却没有 rdfs:domain：不知道是谁缺",
                f"{material.short(iri)} has qt:absence but no rdfs:domain: absent from what?",
                URIRef(iri),
                hint_zh="请写 rdfs:domain。",
                hint_en="Add rdfs:domain.",
            )


def _check_json(material: Material, profile: Profile) -> None:
    """JSON files of ``exports/`` must be JSON."""
    for path in files(profile.directory, "exports", ".json", ".jsonld"):
        shown = material.reader.relative(path)
        try:
            json.loads(read_text(path, shown))
        except json.JSONDecodeError as error:
            material.problems.append(
                problem(
                    "这个文件不是 JSON",
                    "this file is not JSON",
                    where=f"{shown}:{error.lineno}",
                    hint_zh="请查看这一行的引号和逗号。",
                    hint_en="Look at the quotes and commas of this line.",
                )
            )
