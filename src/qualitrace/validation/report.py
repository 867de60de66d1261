"""A report as RDF: ``sh:ValidationReport`` (SHACL 3.6)."""

from __future__ import annotations

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import PROV, RDF, RDFS, XSD
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace import terms
from qualitrace.text import Text
from qualitrace.validation.data import term_of, to_rdflib
from qualitrace.validation.model import Acceptance, Finding, Report, RuleReport
from qualitrace.validation.path_text import parse_path
from qualitrace.validation.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence
from qualitrace.validation.vocabulary import QT, SH

_SIGNS = {"*": SH.zeroOrMorePath, "+": SH.oneOrMorePath, "?": SH.zeroOrOnePath}


def report_graph(report: Report) -> rdflib.Graph:
    """Write a report as a graph with one ``sh:ValidationReport`` and its results.

    Beyond SHACL, a result says who must act and what to do (``qt:steward``, ``qt:remedy``) and since
    when it holds (``prov:generatedAtTime``), and who accepts it until when and why (``qt:acceptance``).
    Each rule says how many nodes it targeted, checked and failed, and how many of these are accepted
    (``qt:ruleReport``); rules that checked nothing are named in comments.
    """
    graph = rdflib.Graph()
    graph.bind("sh", terms.SH)
    graph.bind("qt", terms.QT)
    graph.bind("prov", PROV)
    node = BNode()
    graph.add((node, RDF.type, SH.ValidationReport))
    graph.add((node, SH.conforms, Literal(report.conforms)))
    for finding in report.findings:
        graph.add((node, SH.result, _result(graph, finding)))
    for rule in report.rules:
        graph.add((node, QT.ruleReport, _rule(graph, rule)))
    if report.rules or report.excepted:
        graph.add((node, QT.excepted, Literal(len(report.excepted))))
    for notice in (*report.notices, *(_idle(rule) for rule in report.rules if not rule.targeted)):
        for language, words in notice.items():
            graph.add((node, RDFS.comment, Literal(words, lang=language or None)))
    return graph


def _idle(rule: RuleReport) -> Text:
    """Say that a rule found nothing to check: it would hold whatever the data says."""
    return Text(
        zh=f"规则“{rule.labels.best('zh') or rule.rule}”没有找到任何要检查的节点。",
        en=f"The rule “{rule.labels.best('en') or rule.rule}” found no node to check.",
    )


def _rule(graph: rdflib.Graph, rule: RuleReport) -> Node:
    node = BNode()
    graph.add((node, SH.sourceShape, _node(rule.rule)))
    for name in ("targeted", "checked", "failed", "excepted"):
        graph.add((node, QT[name], Literal(getattr(rule, name))))
    return node


def _acceptance(graph: rdflib.Graph, accepted: Acceptance) -> Node:
    node = BNode()
    graph.add((node, PROV.wasAttributedTo, Literal(accepted.by)))
    graph.add((node, RDFS.comment, Literal(accepted.reason)))
    graph.add((node, QT.validTo, Literal(accepted.until)))
    return node


def _result(graph: rdflib.Graph, finding: Finding) -> Node:
    node = BNode()
    severity = finding.severity_iri or terms.SH + finding.severity.value.capitalize()
    graph.add((node, RDF.type, SH.ValidationResult))
    graph.add((node, SH.focusNode, _node(finding.focus)))
    graph.add((node, SH.resultSeverity, URIRef(severity)))
    graph.add((node, SH.sourceShape, _node(finding.shape or finding.rule)))
    graph.add((node, SH.sourceConstraintComponent, URIRef(finding.component)))
    if finding.path:
        graph.add((node, SH.resultPath, path_node(graph, parse_path(finding.path))))
    if finding.value:
        graph.add((node, SH.value, _node(finding.value)))
    if finding.constraint:
        graph.add((node, SH.sourceConstraint, _node(finding.constraint)))
    for language, words in finding.message.items():
        graph.add((node, SH.resultMessage, Literal(words, lang=language or None)))
    for language, words in finding.fix.items():
        graph.add((node, QT.remedy, Literal(words, lang=language or None)))
    if finding.unit:
        graph.add((node, QT.steward, _node(finding.unit)))
    if finding.since:
        graph.add((node, PROV.generatedAtTime, Literal(finding.since, datatype=XSD.dateTime)))
    if finding.excepted:
        graph.add((node, QT.acceptance, _acceptance(graph, finding.excepted)))
    for reason in finding.because:
        graph.add((node, SH.detail, _result(graph, reason)))
    return node


def _node(name: str) -> Node:
    return to_rdflib(term_of(name))


def path_node(graph: rdflib.Graph, path: Path) -> Node:
    """Write a path as RDF (SHACL 2.3.1) and return its node."""
    match path:
        case Predicate(iri):
            return URIRef(iri)
        case Sequence(items):
            return _list(graph, items)
        case Alternative(items):
            return _operator(graph, SH.alternativePath, _list(graph, items))
        case Inverse(inner):
            return _operator(graph, SH.inversePath, path_node(graph, inner))
        case Repeat(inner, sign):
            return _operator(graph, _SIGNS[sign], path_node(graph, inner))


def _operator(graph: rdflib.Graph, predicate: URIRef, value: Node) -> Node:
    node = BNode()
    graph.add((node, predicate, value))
    return node


def _list(graph: rdflib.Graph, items: tuple[Path, ...]) -> Node:
    head = BNode()
    Collection(graph, head, [path_node(graph, item) for item in items])
    return head
