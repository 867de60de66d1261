"""Validating: run every check, word what it found, count what it was checked on."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.data import Data, HasStore, term_of
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.exact import ExactLiterals
from qualitrace.validation.fallback import run_elsewhere
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.rules import count_targets, empty_target_notices, rule_reports, rules_of
from qualitrace.validation.run import Hit, Runner


def validate(
    engine: HasStore,
    profile: Profile,
    *,
    compiled: CompiledShapes | None = None,
    focus: Iterable[str] | None = None,
) -> Report:
    """Validate the facts of an engine against a profile's shapes.

    ``focus`` (IRIs) limits the check to those nodes. Sources of findings are filled in above.
    Raises ProfileError when the shapes are not well formed, QueryError when a rule's query fails.
    """
    compiled = compile_shapes(profile.shapes) if compiled is None else compiled
    return validate_store(
        engine.store,
        compiled,
        steward=profile.steward,
        focus=focus,
        exact=getattr(engine, "exact", None),
    )


def validate_store(
    store: ox.Store,
    compiled: CompiledShapes,
    *,
    steward: Text | None = None,
    focus: Iterable[str] | None = None,
    exact: ExactLiterals | None = None,
) -> Report:
    """Validate all graphs of a store against compiled shapes."""
    runner = Runner(compiled, Data(store, exact))
    hits: list[Hit] = []
    nodes = None if focus is None else [term_of(name) for name in focus]
    for check in compiled.checks:
        hits += runner.all(check) if nodes is None else runner.some(check, nodes)
    findings = Enricher(runner, steward or Text()).findings(hits)
    elsewhere, notices = run_elsewhere(runner, nodes)
    return assemble(runner, [*findings, *elsewhere], notices)


def assemble(runner: Runner, findings: Iterable[Finding], notices: Iterable[Text]) -> Report:
    """Put a report together: findings in a stable order, one line per rule, notices."""
    ordered = sorted(findings, key=_order)
    rules = rules_of(runner.compiled)
    targeted = count_targets(runner, rules)
    return Report(
        tuple(ordered),
        tuple(rule_reports(rules, targeted, ordered)),
        (*notices, *empty_target_notices(rules, targeted)),
    )


def _order(finding: Finding) -> tuple[str, ...]:
    return (
        finding.rule,
        finding.focus,
        finding.component,
        finding.path,
        finding.value,
        finding.shape,
        finding.root,
    )
