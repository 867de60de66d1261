"""Shapes the compiler does not know run through pySHACL, with a notice for each; none is skipped."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyoxigraph as ox
import rdflib
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.compiled import Elsewhere
from qualitrace.validation.data import Data, Term, plain, to_rdflib
from qualitrace.validation.model import Finding, Severity
from qualitrace.validation.paths import read_path, sparql
from qualitrace.validation.run import Runner
from qualitrace.validation.shapes import TARGETS
from qualitrace.validation.vocabulary import QT, SH, name_of, ntriples, text_of

_SEVERITIES = {SH_NAMESPACE + severity.value.capitalize(): severity for severity in Severity}
_DEEPEST = 100  # shapes within shapes
_SILENT = logging.getLogger("qualitrace.validation.reference")
_SILENT.setLevel(logging.CRITICAL)


def run_elsewhere(runner: Runner, focus: Sequence[Term] | None) -> tuple[list[Finding], list[Text]]:
    """Run what the compiler left over; answer its findings and what to tell the reader."""
    left, notices = runner.compiled.elsewhere, list(runner.compiled.notices)
    if not left:
        return [], notices
    data = data_graph(runner.data, runner.compiled.shapes.graph)
    wanted = None if focus is None else {plain(term) for term in focus}
    findings = [finding for item in left for finding in _run(runner, item, data)]
    if wanted is not None:
        findings = [finding for finding in findings if finding.focus in wanted]
    return findings, [*(notice(item) for item in left), *notices]


def notice(item: Elsewhere) -> Text:
    """Say that a rule ran through the reference validator, and why."""
    return Text(
        zh=f"规则 {item.root.name} 由 pySHACL 检查(较慢),因为{item.reason.best('zh')}。",
        en=f"The rule {item.root.name} was checked by pySHACL (slower), because {item.reason.best('en')}.",
    )


def data_graph(data: Data, shapes: rdflib.Graph) -> rdflib.Graph:
    """Copy the union of all graphs into one rdflib graph, literals as they were written.

    Blank nodes keep their names. The prefixes are those of the shapes: queries may use some that no
    ``sh:declare`` names.
    """
    graph = rdflib.Graph()
    for prefix, namespace in shapes.namespaces():
        graph.bind(prefix, namespace)
    for quad in data.store:
        subject, predicate, value = quad.subject, quad.predicate.value, quad.object
        forms: Sequence[object] = [value]
        if data.exact and isinstance(value, ox.Literal):
            forms = data.exact.written(str(subject), predicate, value)
        for form in forms:
            graph.add((to_rdflib(subject), URIRef(predicate), to_rdflib(form)))  # type: ignore[arg-type]
    return graph


def _run(runner: Runner, item: Elsewhere, data: rdflib.Graph) -> Iterator[Finding]:
    shapes = alone(runner.compiled.shapes.graph, item.root.node)
    try:
        results = reference_report(data, shapes, item.root.name)
    except ProfileError as error:
        raise _failed(item, error.where) from error
    for report in results.subjects(RDF.type, SH.ValidationReport):
        for result in results.objects(report, SH.result):
            yield finding_of(shapes, results, result, item.root.node)


def reference_report(data: rdflib.Graph, shapes: rdflib.Graph, where: str) -> rdflib.Graph:
    """Validate with pySHACL; nothing is fetched. Raises ProfileError when it cannot run the shapes."""
    import pyshacl  # only where it is needed: most profiles never do

    with _as_written():
        try:
            _, results, _ = pyshacl.validate(
                data,
                shacl_graph=shapes,
                advanced=True,
                inplace=True,
                logger=_SILENT,
                do_owl_imports=False,
                max_validation_depth=_DEEPEST,
            )
        except Exception as error:  # whatever it raises is told as one error
            raise _not_run(where, str(error)) from error
    if not isinstance(results, rdflib.Graph):
        raise _not_run(where, str(results))
    return results


@contextmanager
def _as_written() -> Iterator[None]:
    """Literals of queries and copies stay as they are written; notices say what warnings would."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _not_run(where: str, reason: str) -> ProfileError:
    return ProfileError(
        Text(zh="pySHACL 不能执行这些规则。", en="pySHACL cannot run the rules."),
        where=f"{where}: {reason}",
        hint=Text(zh="请改正所说的规则。", en="Correct the rule it names."),
    )


def _failed(item: Elsewhere, reason: str) -> ProfileError:
    return ProfileError(
        Text(
            zh=f"规则无法检查:{item.reason.best('zh')},pySHACL 也不能执行。",
            en=f"The rule cannot be checked: {item.reason.best('en')}, and pySHACL cannot run it either.",
        ),
        where=reason,
        hint=Text(zh="请改写这条规则。", en="Write the rule in another way."),
    )


def alone(graph: rdflib.Graph, root: Node) -> rdflib.Graph:
    """Copy a shapes graph so that only one of its shapes has targets."""
    copy = rdflib.Graph()
    for prefix, namespace in graph.namespaces():
        copy.bind(prefix, namespace)
    classes = {RDFS.Class, OWL.Class}
    for subject, predicate, value in graph:
        is_target = predicate in (*TARGETS, SH.target) or (predicate == RDF.type and value in classes)
        # Rules infer; they are no part of checking, and what they add would be left to the next shape.
        if predicate != SH.rule and (subject == root or not is_target):
            copy.add((subject, predicate, value))
    return copy


def finding_of(shapes: rdflib.Graph, results: rdflib.Graph, result: Node, rule: Node) -> Finding:
    """Read one result of pySHACL; ``rule`` is what it counts for when its own shape has no identifier."""
    path, value = results.value(result, SH.resultPath), results.value(result, SH.value)
    source, severity = results.value(result, SH.sourceShape), str(results.value(result, SH.resultSeverity))
    constraint = results.value(result, SH.sourceConstraint)
    shape = source if source is not None else rule
    known = _SEVERITIES.get(severity)
    focus = results.value(result, SH.focusNode)
    assert focus is not None
    remedies = (text_of(shapes, node, QT.remedy) for node in (shape, rule))
    return Finding(
        rule=name_of(shape if isinstance(shape, URIRef) else rule),
        component=str(results.value(result, SH.sourceConstraintComponent)),
        severity=known or Severity.VIOLATION,
        focus=name_of(focus),
        path="" if path is None else sparql(read_path(*_path_place(shapes, results, shape, path))),
        value="" if value is None else ntriples(value),
        message=_message(results, result),
        fix=next((remedy for remedy in remedies if remedy), Text()),
        shape=name_of(shape),
        constraint="" if constraint is None else name_of(constraint),
        severity_iri="" if known else severity,
        root_shape=name_of(rule),
        because=tuple(
            finding_of(shapes, results, detail, rule) for detail in results.objects(result, SH.detail)
        ),
    )


def _path_place(
    shapes: rdflib.Graph, results: rdflib.Graph, shape: Node, path: Node
) -> tuple[rdflib.Graph, Node]:
    """Where a path is described: that of the shape itself, as its copy in a report is not always whole."""
    own = shapes.value(shape, SH.path)
    return (results, path) if isinstance(path, URIRef) or own is None else (shapes, own)


def _message(results: rdflib.Graph, result: Node) -> Text:
    literals = sorted(m for m in results.objects(result, SH.resultMessage) if isinstance(m, Literal))
    return Text({(literal.language or "").lower(): str(literal) for literal in reversed(literals)})
