"""One line per rule: how many nodes it targeted and how many failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.data import NODES, Term, batches, bindings, named
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.expressions import Writer, block, values_of
from qualitrace.validation.model import Finding, RuleReport, Severity
from qualitrace.validation.reads import path_reads
from qualitrace.validation.rule import Pattern, Rule
from qualitrace.validation.run import Runner
from qualitrace.validation.shapes import Shape
from qualitrace.validation.side_by_side import side_by_side

_SEVERITIES = {SH_NAMESPACE + severity.value.capitalize(): severity for severity in Severity}
_STRONGEST = list(Severity)


def rules_of(compiled: CompiledShapes) -> tuple[Rule, ...]:
    """List the rules of compiled shapes, in their order."""
    if compiled.rules is None:
        compiled.rules = tuple(_rules(compiled))
    return compiled.rules


def _rules(compiled: CompiledShapes) -> Iterator[Rule]:
    chains: dict[str, list[tuple[Shape, ...]]] = {}
    for chain in _chains(compiled):
        chains.setdefault(rule_of(chain), []).append(chain)
    severities: dict[str, set[str]] = {}
    for check in compiled.checks:
        severity = check.shape.severity
        severities.setdefault(rule_of(check.shapes), set()).add(severity)
    for iri, reached in chains.items():
        steps = [shape for chain in reached for shape in chain[:-1] if shape.path is not None]
        yield Rule(
            iri=iri,
            labels=next((shape.labels for shape in reached[0] if shape.name == iri), Text()),
            severity=_strongest(severities.get(iri, set()) or {reached[0][-1].severity}),
            patterns=tuple(dict.fromkeys(_pattern(compiled, chain) for chain in reached)),
            roots=tuple(dict.fromkeys(chain[0] for chain in reached)),
            predicates=frozenset(read.predicate for step in steps for read in path_reads(step.path)),
        )


def _chains(compiled: CompiledShapes) -> list[tuple[Shape, ...]]:
    checked = [check.shapes for check in compiled.checks]
    return list(dict.fromkeys([*((root,) for root in compiled.roots if root.is_named), *checked]))


def _pattern(compiled: CompiledShapes, chain: tuple[Shape, ...]) -> Pattern:
    """Bind ``?this`` to the focus nodes of the last shape of a chain."""
    writer = Writer(compiled.prefixes)
    steps = [shape for shape in chain[:-1] if shape.path is not None]
    nodes = [*(writer.fresh("via") for _ in steps), "?this"]
    way = [
        values_of(writer, start, step.path, end)
        for start, step, end in zip(nodes, steps, nodes[1:], strict=False)
    ]
    return Pattern(nodes[0], "\n".join([compiled.targets_as(chain[0], nodes[0]), *way]))


def count_targets(runner: Runner, rules: Iterable[Rule]) -> dict[str, int]:
    """Count the nodes each rule is checked on; patterns that several rules share are asked once."""
    rules = list(rules)
    asked = list(dict.fromkeys(rule.patterns for rule in rules))
    counts = side_by_side([partial(_count, runner, patterns) for patterns in asked])
    known = dict(zip(asked, counts, strict=True))
    return {rule.iri: known[rule.patterns] for rule in rules}


def count_checked(runner: Runner, rules: Iterable[Rule], focus: Sequence[Term]) -> dict[str, int]:
    """Count the nodes each rule is checked on when only some targets are looked at."""
    known: dict[tuple[Pattern, ...], int] = {}
    counts: dict[str, int] = {}
    for rule in rules:
        if rule.patterns not in known:
            known[rule.patterns] = len(set(_reached(runner, rule.patterns, focus)))
        counts[rule.iri] = known[rule.patterns]
    return counts


def _reached(runner: Runner, patterns: Iterable[Pattern], focus: Sequence[Term]) -> Iterator[Term]:
    for start, text in patterns:
        names = " ".join(dict.fromkeys((start, "?this")))  # what is bound must be selected
        query = f"SELECT DISTINCT {names} WHERE {block(NODES, text)}"
        filled = runner.compiled.filled(query, runner.hierarchy)
        for batch in batches(focus):
            asked = named(filled, start, batch)
            yield from (row["this"] for row in runner.data.select(asked, bindings(start, batch)))


def _count(runner: Runner, patterns: tuple[Pattern, ...]) -> int:
    union = "\nUNION\n".join(block(pattern.text) for pattern in patterns)
    query = f"SELECT (COUNT(DISTINCT ?this) AS ?count) WHERE {{\n{union}\n}}"
    rows = list(runner.data.select(runner.compiled.filled(query, runner.hierarchy)))
    return int(rows[0]["count"].value)


def rule_reports(
    rules: Iterable[Rule],
    targeted: Mapping[str, int],
    findings: Iterable[Finding],
    checked: Mapping[str, int] | None = None,
) -> list[RuleReport]:
    """Put the lines together, in the order of the shapes.

    ``checked`` says how many nodes were looked at, where that is not everything targeted.
    """
    failed: dict[str, set[str]] = {}
    for finding in findings:
        failed.setdefault(finding.rule, set()).add(finding.focus)
    return [
        RuleReport(
            rule=rule.iri,
            labels=rule.labels,
            severity=rule.severity,
            targeted=targeted[rule.iri],
            failed=len(failed.get(rule.iri, ())),
            unchecked=0 if checked is None else targeted[rule.iri] - checked[rule.iri],
        )
        for rule in rules
    ]


def _strongest(severities: set[str]) -> Severity:
    known = {_SEVERITIES.get(severity, Severity.VIOLATION) for severity in severities}
    return min(known, key=_STRONGEST.index)
