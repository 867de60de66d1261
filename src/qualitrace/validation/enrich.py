"""From hits to findings: everything an office needs to act on a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.compiler import Check
from qualitrace.validation.data import Term, plain
from qualitrace.validation.labels import Labels
from qualitrace.validation.model import Finding, Severity
from qualitrace.validation.paths import Path, full_iri, sparql
from qualitrace.validation.reasons import reasons
from qualitrace.validation.run import Hit, Runner
from qualitrace.validation.shapes import Shape
from qualitrace.validation.stewards import Stewards
from qualitrace.validation.vocabulary import name_of
from qualitrace.validation.wording import Wording, mentioned

_SEVERITIES = {SH_NAMESPACE + severity.value.capitalize(): severity for severity in Severity}


class _Common:
    """What all findings of a check have in common, worked out once."""

    def __init__(self, check: Check, labels: Labels) -> None:
        path: Path | None = check.shape.path
        severity = _SEVERITIES.get(check.shape.severity)
        self.rule = rule_of(check.shapes)
        self.severity = severity or Severity.VIOLATION
        self.severity_iri = "" if severity else check.shape.severity
        self.path = "" if path is None else sparql(path, full_iri)
        self.shape, self.root_shape = check.shape.name, check.root.name
        self.constraint = "" if check.constraint.node is None else name_of(check.constraint.node)
        self.mentions = frozenset(map(plain, check.mentions))
        self.wording = Wording(check, labels)


class Enricher:
    """Words findings. Remembers labels, units and what findings of one check have in common."""

    def __init__(self, runner: Runner, steward: Text) -> None:
        self._runner = runner
        self._labels = Labels(runner.data)
        self._stewards = Stewards(runner.compiled, runner.data)
        self._fallback = steward
        self._common: dict[int, _Common] = {}  # by the identity of the check, which outlives this

    def findings(self, hits: Sequence[Hit], *, depth: int = 0) -> list[Finding]:
        """Turn hits into findings. ``depth`` counts how far inside a nested failure they are."""
        because = self._because(reasons(self._runner, hits, depth), depth)
        return [self._finding(hit, because.get(number, ())) for number, hit in enumerate(hits)]

    def _because(self, nested: dict[int, list[Hit]], depth: int) -> dict[int, tuple[Finding, ...]]:
        """Word all nested hits together, then hand them back to the hits they explain."""
        flat = [hit for hits in nested.values() for hit in hits]
        worded = iter(self.findings(flat, depth=depth + 1)) if flat else iter(())
        return {number: tuple(next(worded) for _ in hits) for number, hits in nested.items()}

    def _finding(self, hit: Hit, because: tuple[Finding, ...]) -> Finding:
        common = self._common.get(id(hit.check))
        if common is None:
            common = self._common[id(hit.check)] = _Common(hit.check, self._labels)
        unit = self._stewards.of(hit)
        return Finding(
            rule=common.rule,
            component=hit.check.constraint.component,
            severity=common.severity,
            focus=plain(hit.focus),
            path=common.path if hit.path is None else str(hit.path),
            value="" if hit.value is None else str(hit.value),
            message=common.wording.message(hit),
            fix=common.wording.fix,
            focus_label=self._labels.of(hit.focus),
            unit="" if unit is None else plain(unit),
            unit_label=self._fallback if unit is None else self._labels.of(unit),
            because=because,
            shape=common.shape,
            constraint=common.constraint,
            severity_iri=common.severity_iri,
            root="" if hit.root == hit.focus else plain(hit.root),
            root_shape=common.root_shape,
            check=hit.check.name,
            mentions=_mentions(common, hit, unit, because),
        )


def rule_of(shapes: Iterable[Shape]) -> str:
    """Name the rule a finding belongs to: the nearest shape with an IRI, going up."""
    chain = list(shapes)
    named = (shape.name for shape in reversed(chain) if shape.is_named)
    return next(named, chain[0].name)


def _mentions(common: _Common, hit: Hit, unit: Term | None, because: Iterable[Finding]) -> frozenset[str]:
    """The nodes whose labels stand in a finding."""
    terms = mentioned(hit) if unit is None else (*mentioned(hit), unit)
    named = [plain(term) for term in terms if not isinstance(term, ox.Literal)]
    return common.mentions.union(named, *(finding.mentions for finding in because))
