"""Terms of a profile that are no longer to be used, and what takes their place.

A shape, property, class or concept has ended when it says ``owl:deprecated true``; when it says
``dcterms:isReplacedBy``; or when its lifecycle (``adms:status``, or a property below ``qt:lifecycle``) is a
concept that is, or has as its ``skos:exactMatch`` or ``skos:closeMatch``, one of the ADMS statuses Deprecated
and Withdrawn (https://www.w3.org/TR/vocab-adms/#status).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import rdflib
from rdflib.namespace import DCTERMS, OWL, SKOS
from rdflib.term import Literal, Node, URIRef

from qualitrace.profile.model import Ended
from qualitrace.profile.vocabulary import LABELS, QT, below, text_of
from qualitrace.text import Text

_ADMS = "http://purl.org/adms/status/"
_STATUSES: dict[Node, Text] = {
    URIRef(_ADMS + "Deprecated"): Text(zh="不再使用", en="Deprecated"),
    URIRef(_ADMS + "Withdrawn"): Text(zh="已废止", en="Withdrawn"),
}
_DEPRECATED = Text(zh="不再使用", en="Deprecated")
_REPLACED = Text(zh="已被替代", en="Superseded")
_STATUS = "http://www.w3.org/ns/adms#status"


def lifecycles(super_properties: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the properties that tell a term's lifecycle, from the direct super-properties of a profile."""
    return below(super_properties, str(QT.lifecycle)) | {_STATUS}


def ended(graph: rdflib.Graph, nodes: Iterable[Node], told_by: frozenset[str]) -> Ended | None:
    """Return that (and how) one of the nodes has ended; None when all are in force.

    ``told_by`` are the properties that tell a lifecycle (:func:`lifecycles`).
    """
    for node in nodes:
        replaced_by = _replacements(graph, node)
        status = _status(graph, node, told_by) or (_REPLACED if replaced_by else Text())
        if status:
            return Ended(status, replaced_by)
    return None


def _status(graph: rdflib.Graph, node: Node, told_by: frozenset[str]) -> Text:
    for predicate, value in sorted(graph.predicate_objects(node), key=str):
        if predicate == OWL.deprecated and isinstance(value, Literal) and str(value) in ("true", "1"):
            return _DEPRECATED
        if isinstance(value, URIRef) and str(predicate) in told_by:
            status = _STATUSES.get(value) or _matched(graph, value)
            if status:
                return text_of(graph, value, *LABELS) or status
    return Text()


def _matched(graph: rdflib.Graph, concept: URIRef) -> Text:
    """Return the status that a concept is matched to."""
    matches = (match for how in (SKOS.exactMatch, SKOS.closeMatch) for match in graph.objects(concept, how))
    return next((status for match in matches if (status := _STATUSES.get(match))), Text())


def _replacements(graph: rdflib.Graph, node: Node) -> tuple[str, ...]:
    named = {*graph.objects(node, DCTERMS.isReplacedBy), *graph.subjects(DCTERMS.replaces, node)}
    return tuple(sorted(str(one) for one in named if isinstance(one, URIRef)))
