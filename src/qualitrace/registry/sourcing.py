"""Say where findings and trace steps come from (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qualitrace.journal import Journal, SourcedFact
from qualitrace.store import STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri
from qualitrace.tracing.model import Path, Trace
from qualitrace.validation.model import Finding, Report


def with_sources(
    report: Report, engine: Engine, journal: Journal, pending: Iterable[SourcedFact] = ()
) -> Report:
    """Give each finding the places that its statement, else its focus node, was read from.

    ``pending`` are statements that are about to be journalled.
    """
    statements = {finding: _statement(finding) for finding in report.findings}
    subjects = {finding.focus for finding in report.findings if not finding.focus.startswith('"')}
    kinds = {subject: list(engine.facts(STATED, subject=subject, predicate=RDF_TYPE)) for subject in subjects}
    asked = [fact for fact in statements.values() if fact] + [f for facts in kinds.values() for f in facts]
    places = journal.sources(asked)
    for entry in pending:
        places[entry.fact] = (*places.get(entry.fact, ()), entry.source)

    def sourced(finding: Finding) -> Finding:
        statement = statements[finding]
        found = places.get(statement, ()) if statement else ()
        if not found:
            facts = kinds.get(finding.focus, [])
            found = tuple(dict.fromkeys(place for fact in facts for place in places.get(fact, ())))
        return replace(finding, sources=found)

    return replace(report, findings=tuple(sourced(finding) for finding in report.findings))


def _statement(finding: Finding) -> Fact | None:
    plain = finding.path.startswith("<") and finding.path.endswith(">") and finding.path.count("<") == 1
    if not plain or not finding.value or finding.focus.startswith('"'):
        return None
    return Fact(finding.focus, finding.path[1:-1], finding.value)


def trace_with_sources(trace: Trace, engine: Engine, journal: Journal) -> Trace:
    """Give each step of a trace the places that state it (or state its inverse)."""
    facts: dict[tuple[str, str, str], list[Fact]] = {}
    for path in trace.paths:
        for step in path.steps:
            edge = (step.source, step.property, step.target)
            if edge not in facts:
                facts[edge] = _stating(edge, engine)
    places = journal.sources(fact for stated in facts.values() for fact in stated)

    def sourced(path: Path) -> Path:
        steps = []
        for step in path.steps:
            stated = facts[(step.source, step.property, step.target)]
            found = tuple(dict.fromkeys(place for fact in stated for place in places.get(fact, ())))
            steps.append(replace(step, sources=found))
        return replace(path, steps=tuple(steps))

    return replace(trace, paths=tuple(sourced(path) for path in trace.paths))


def _stating(edge: tuple[str, str, str], engine: Engine) -> list[Fact]:
    """The stated facts that an edge rests on: itself, else what links its ends the other way."""
    source, predicate, target = edge
    direct = Fact(source, predicate, iri(target))
    if any(True for _ in engine.facts(STATED, subject=source, predicate=predicate, object=direct.object)):
        return [direct]
    return list(engine.facts(STATED, subject=target, object=iri(source)))
