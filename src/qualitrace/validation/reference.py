"""A whole validation by pySHACL, the reference for meaning: slower, and a report of the same kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
import rdflib
from rdflib.term import BNode, Node, URIRef

from qualitrace.profile.model import Profile
from qualitrace.store.exact import ExactLiterals
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.data import Data, HasStore, term_of
from qualitrace.validation.fallback import data_graph, finding_of, reference_report
from qualitrace.validation.labels import Labels
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.rules import count_targets, rule_reports, rules_of
from qualitrace.validation.run import Runner
from qualitrace.validation.vocabulary import QT, SH

NOTICE = Text(
    zh="全部规则由 pySHACL 检查(--engine pyshacl)。",
    en="Every rule was checked by pySHACL (--engine pyshacl).",
)


def validate_by_reference(
    store: ox.Store,
    compiled: CompiledShapes,
    *,
    steward: Text | None = None,
    exact: ExactLiterals | None = None,
) -> Report:
    """Validate all graphs of a store with pySHACL, which reads the shapes as they are written.

    Findings name the unit that must act only as ``steward`` says. Raises ProfileError when pySHACL
    cannot run the shapes.
    """
    runner = Runner(compiled, Data(store, exact))
    shapes = compiled.shapes.graph
    labels = Labels(runner.data)
    found = [
        _told(finding, labels, steward or Text())
        for finding in _findings(shapes, data_graph(runner.data, shapes), compiled.shapes.everywhere)
    ]
    found.sort(key=lambda f: (f.rule, f.focus, f.component, f.path, f.value, f.shape, f.constraint))
    rules = rules_of(compiled)
    lines = rule_reports(rules, count_targets(runner, rules), found)
    return Report(tuple(found), tuple(lines), (NOTICE, *compiled.notices))


def check_by_reference(engine: HasStore, profile: Profile) -> Report:
    """Validate the facts of an engine against a profile's shapes with pySHACL."""
    return validate_by_reference(
        engine.store,
        compile_shapes(profile.shapes),
        steward=profile.steward,
        exact=getattr(engine, "exact", None),
    )


def _findings(shapes: rdflib.Graph, data: rdflib.Graph, everywhere: bool) -> Iterator[Finding]:
    copy = rdflib.Graph()
    for prefix, namespace in shapes.namespaces():
        copy.bind(prefix, namespace)
    for triple in shapes:
        if triple[1] != SH.rule:  # rules infer; they are no part of checking
            copy.add(triple)
    for node in set(copy.subjects(QT.reach, QT.registries)) if not everywhere else ():
        copy.set((node, SH.deactivated, rdflib.Literal(True)))
    results = reference_report(data, copy, "pySHACL")
    for report in results.subjects(rdflib.RDF.type, SH.ValidationReport):
        for result in results.objects(report, SH.result):
            source = results.value(result, SH.sourceShape)
            yield finding_of(copy, results, result, _named(copy, source))


def _named(shapes: rdflib.Graph, shape: Node | None) -> Node:
    """The nearest shape with an identifier, going up from one that has none."""
    waiting, seen = [shape], set[Node | None]()
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, URIRef):
            return node
        if node is not None and node not in seen:
            seen.add(node)
            waiting += shapes.subjects(None, node)
    return shape if shape is not None else BNode()


def _told(finding: Finding, labels: Labels, steward: Text) -> Finding:
    return replace(finding, focus_label=labels.of(term_of(finding.focus)), unit_label=steward)
