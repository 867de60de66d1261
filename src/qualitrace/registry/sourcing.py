"""Say where findings and trace steps come from (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qualitrace.journal import Journal, Source, SourcedFact
from qualitrace.store import STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri
from qualitrace.tracing.model import Path, Step, Trace
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


Edge = tuple[str, str, str]  # source, property, target


class TraceSources:
    """Says of each step of a trace where it was read. What the journal said is kept for one position."""

    def __init__(self, journal: Journal, *, bound: int = 200_000) -> None:
        self._journal = journal
        self._bound = bound
        self._known: tuple[int, dict[Edge, tuple[Source, ...]]] = (-1, {})

    def told(self, trace: Trace, engine: Engine) -> Trace:
        """Give each step the places that state it (or state its inverse); equal steps are one object."""
        if not trace.paths:
            return trace
        position, known = self._known
        if position != engine.position or len(known) > self._bound:
            known = {}
            self._known = engine.position, known
        steps = {id(step): step for path in trace.paths for step in path.steps}
        edges = {at: (step.source, step.property, step.target) for at, step in steps.items()}
        unknown = {edge for edge in edges.values() if edge not in known}
        if unknown:
            known.update(self._read(unknown, engine))
        told = {
            at: Step(
                step.source,
                step.property,
                step.target,
                step.basis,
                known[edges[at]],
                step.capacity,
                step.valid_from,
                step.valid_to,
            )
            for at, step in steps.items()
        }
        paths = tuple(
            [_with_steps(path, tuple([told[id(step)] for step in path.steps])) for path in trace.paths]
        )
        return replace(trace, paths=paths)

    def _read(self, edges: set[Edge], engine: Engine) -> dict[Edge, tuple[Source, ...]]:
        facts = {edge: _stating(edge, engine) for edge in edges}
        places = self._journal.sources(fact for stated in facts.values() for fact in stated)
        return {
            edge: tuple(dict.fromkeys(place for fact in stated for place in places.get(fact, ())))
            for edge, stated in facts.items()
        }


def _with_steps(path: Path, steps: tuple[Step, ...]) -> Path:
    return Path(steps, path.ending, path.basis, path.capacity, path.absence, path.missing, path.steward)


def trace_with_sources(trace: Trace, engine: Engine, journal: Journal) -> Trace:
    """Give each step of a trace the places that state it (or state its inverse)."""
    return TraceSources(journal).told(trace, engine)


def _stating(edge: tuple[str, str, str], engine: Engine) -> list[Fact]:
    """The stated facts that an edge rests on: itself, else what links its ends the other way."""
    source, predicate, target = edge
    direct = Fact(source, predicate, iri(target))
    if any(True for _ in engine.facts(STATED, subject=source, predicate=predicate, object=direct.object)):
        return [direct]
    return list(engine.facts(STATED, subject=target, object=iri(source)))
