"""What the profile declares about tracing, closed under sub-properties and subclasses."""

from __future__ import annotations

from rdflib.namespace import RDFS
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.material import Material
from qualitrace.profile.model import TraceModel, TraceProperty
from qualitrace.profile.vocabulary import LABELS, QT, below, levels, named_classes, text_of
from qualitrace.text import Text


def compile_trace(material: Material) -> TraceModel:
    """Return the sub-properties of the engine's tracing vocabulary."""
    tracing = below(material.super_properties, str(QT.tracesTo))
    return TraceModel(
        properties={iri: _trace_property(material, iri) for iri in sorted(tracing)},
        valid_from=below(material.super_properties, str(QT.validFrom)),
        valid_to=below(material.super_properties, str(QT.validTo)),
        capacity=below(material.super_properties, str(QT.capacity)),
        absences={
            str(node): text_of(material.everything, node, QT.absence)
            for node in sorted(set(material.everything.subjects(QT.absence)), key=str)
        },
        lifecycle=below(material.super_properties, str(QT.lifecycle)),
        counts_with=_counts_with(material),
    )


def _counts_with(material: Material) -> dict[str, frozenset[str]]:
    """Return which dates a node must have to count, by the state it is in (``qt:countsWith``)."""
    dates = {str(term): below(material.super_properties, str(term)) for term in (QT.validFrom, QT.validTo)}
    found: dict[str, frozenset[str]] = {}
    for state, named in sorted(material.everything.subject_objects(QT.countsWith), key=str):
        if str(named) not in dates:
            material.tell(
                f"qt:countsWith 不能是 {named}",
                f"qt:countsWith cannot be {named}",
                state,
                hint_zh="只能是 qt:validFrom(须有起日)或 qt:validTo(须有止日)。",
                hint_en="It is qt:validFrom (a first day is needed) or qt:validTo (a last day is).",
            )
            continue
        found[str(state)] = found.get(str(state), frozenset()) | dates[str(named)]
    return found


def _trace_property(material: Material, iri: str) -> TraceProperty:
    node = URIRef(iri)
    return TraceProperty(
        iri=iri,
        labels=text_of(material.everything, node, *LABELS),
        inherited=_inherited(material, node),
        absence=_nearest_text(material, iri, QT.absence),
        domains=_domains(material, iri),
    )


def _inherited(material: Material, node: Node) -> bool:
    stated = list(material.everything.objects(node, QT.basis))
    for value in stated:
        if not isinstance(value, Literal) or str(value) != "inherited":
            material.tell(
                f"qt:basis 不能是 {value}",
                f"qt:basis cannot be {value}",
                node,
                hint_zh='只有 "inherited" 一个值；不写就是明示的责任。',
                hint_en='Its only value is "inherited"; leave it out for responsibility that is stated.',
            )
    return any(str(value) == "inherited" for value in stated)


def _nearest_text(material: Material, iri: str, predicate: URIRef) -> Text:
    for level in levels(material.super_properties, iri):
        for name in level:
            found = text_of(material.everything, URIRef(name), predicate)
            if found:
                return found
    return Text()


def _domains(material: Material, iri: str) -> frozenset[str]:
    """Return the classes of the nearest stated ``rdfs:domain``, with all their subclasses."""
    graph = material.everything
    for level in levels(material.super_properties, iri):
        stated: set[str] = set()
        for name in level:
            for expression in graph.objects(URIRef(name), RDFS.domain):
                stated |= set(_class_names(material, URIRef(name), expression))
        if stated:
            return frozenset(stated).union(*(below(material.parents, name) for name in stated))
    return frozenset()


def _class_names(material: Material, about: URIRef, expression: Node) -> list[str]:
    try:
        return named_classes(material.everything, expression)
    except ValueError:
        material.tell(
            f"{material.short(str(about))} 的 rdfs:domain 里 owl:unionOf 列表不完整",
            f"the owl:unionOf list in the rdfs:domain of {material.short(str(about))} is not closed",
            about,
        )
        return []
