"""From hits to findings: everything an office needs to act on a result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.data import Term, plain
from qualitrace.validation.labels import Labels
from qualitrace.validation.model import Finding, Severity
from qualitrace.validation.paths import Path, full_iri, sparql
from qualitrace.validation.reasons import reasons
from qualitrace.validation.run import Hit, Runner
from qualitrace.validation.shapes import Shape
from qualitrace.validation.stewards import Stewards
from qualitrace.validation.vocabulary import name_of
from qualitrace.validation.wording import fix_of, mentioned, message_of

_SEVERITIES = {SH_NAMESPACE + severity.value.capitalize(): severity for severity in Severity}


class Enricher:
    """Words findings; asks for the labels and units of many at a time."""

    def __init__(self, runner: Runner, steward: Text) -> None:
        self._runner = runner
        self._labels = Labels(runner.data)
        self._stewards = Stewards(runner.compiled, runner.data)
        self._fallback = steward

    def findings(self, hits: Sequence[Hit], *, depth: int = 0) -> list[Finding]:
        """Turn hits into findings. ``depth`` counts how far inside a nested failure they are."""
        self._stewards.learn(hits)
        units = [self._stewards.of(hit) for hit in hits]
        self._labels.learn([*mentioned(hits), *units])
        nested = reasons(self._runner, hits, depth)
        because = self._because(nested, depth)
        return [
            self._finding(hit, unit, because.get(number, ()))
            for number, (hit, unit) in enumerate(zip(hits, units, strict=True))
        ]

    def _because(self, nested: dict[int, list[Hit]], depth: int) -> dict[int, tuple[Finding, ...]]:
        """Word all nested hits together, then hand them back to the hits they explain."""
        flat = [hit for hits in nested.values() for hit in hits]
        worded = iter(self.findings(flat, depth=depth + 1)) if flat else iter(())
        return {number: tuple(next(worded) for _ in hits) for number, hits in nested.items()}

    def _finding(self, hit: Hit, unit: Term | None, because: tuple[Finding, ...]) -> Finding:
        check = hit.check
        severity = check.shape.severity
        known = _SEVERITIES.get(severity)
        return Finding(
            rule=rule_of(check.shapes),
            component=check.constraint.component,
            severity=known or Severity.VIOLATION,
            focus=plain(hit.focus),
            path=result_path(hit),
            value="" if hit.value is None else str(hit.value),
            message=message_of(hit, self._labels),
            fix=fix_of(hit),
            focus_label=self._labels.of(hit.focus),
            unit="" if unit is None else plain(unit),
            unit_label=self._fallback if unit is None else self._labels.of(unit),
            because=because,
            shape=check.shape.name,
            constraint="" if check.constraint.node is None else name_of(check.constraint.node),
            severity_iri="" if known else severity,
            root="" if hit.root == hit.focus else plain(hit.root),
            root_shape=check.root.name,
            check=check.name,
            mentions=frozenset(_mentions(hit, unit, because)),
        )


def rule_of(shapes: Iterable[Shape]) -> str:
    """Name the rule a finding belongs to: the nearest shape with an IRI, going up."""
    chain = list(shapes)
    named = (shape.name for shape in reversed(chain) if shape.is_named)
    return next(named, chain[0].name)


def result_path(hit: Hit) -> str:
    """Write the path of a result: the one its query found, else that of its property shape."""
    if hit.path is not None:
        return str(hit.path)
    path: Path | None = hit.check.shape.path
    return "" if path is None else sparql(path, full_iri)


def _mentions(hit: Hit, unit: Term | None, because: Iterable[Finding]) -> Iterator[str]:
    for term in (*mentioned([hit]), unit):
        if term is not None and not isinstance(term, ox.Literal):
            yield plain(term)
    for finding in because:
        yield from finding.mentions
