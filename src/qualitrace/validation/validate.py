"""Validating: run every check, word what it found, count what it was checked on."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from qualitrace.profile.model import Profile
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.data import Data, HasStore, term_of
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.exact import ExactLiterals
from qualitrace.validation.fallback import run_elsewhere
from qualitrace.validation.incremental import Change
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.rules import count_targets, rule_reports, rules_of
from qualitrace.validation.run import Hit, Runner

Changed = tuple[Iterable[Fact], Iterable[Fact]]


def validate(
    engine: HasStore,
    profile: Profile,
    *,
    compiled: CompiledShapes | None = None,
    focus: Iterable[str] | None = None,
    changed: Changed | None = None,
    before: Report | None = None,
) -> Report:
    """Validate the facts of an engine against a profile's shapes.

    ``focus`` (IRIs) limits the check to those nodes. With ``changed`` (facts added and removed since)
    and the report ``before`` of the same compiled shapes, only what the change could have touched is
    checked again, unless the change is so large that everything is quicker. Sources of findings are
    filled in above. Raises ProfileError when the shapes are not well formed, QueryError when a rule's
    query fails.
    """
    return validate_store(
        engine.store,
        compile_shapes(profile.shapes) if compiled is None else compiled,
        steward=profile.steward,
        focus=focus,
        exact=getattr(engine, "exact", None),
        changed=changed,
        before=before,
    )


def validate_store(
    store: ox.Store,
    compiled: CompiledShapes,
    *,
    steward: Text | None = None,
    focus: Iterable[str] | None = None,
    exact: ExactLiterals | None = None,
    changed: Changed | None = None,
    before: Report | None = None,
) -> Report:
    """Validate all graphs of a store against compiled shapes; arguments as in :func:`validate`."""
    runner = Runner(compiled, Data(store, exact))
    enricher = Enricher(runner, steward or Text())
    if changed is not None and before is not None and focus is None:
        change = Change(runner, *changed)
        if not change.is_large:
            kept, fresh = change.findings(before.findings, enricher)
            elsewhere, notices = run_elsewhere(runner, None)
            return _merged(runner, before, kept, [*fresh, *elsewhere], notices, change.targeted(before))
    nodes = None if focus is None else [term_of(name) for name in focus]
    hits: list[Hit] = []
    if nodes is None:
        hits += runner.everything()
    else:
        hits += (hit for check in compiled.checks for hit in runner.some(check, nodes))
    elsewhere, notices = run_elsewhere(runner, nodes)
    targeted = count_targets(runner, rules_of(compiled))
    return _assembled(runner, [*enricher.findings(hits), *elsewhere], notices, targeted)


def _assembled(
    runner: Runner, findings: Iterable[Finding], notices: Iterable[Text], targeted: Mapping[str, int]
) -> Report:
    """Put a report together: findings in a stable order, one line per rule, notices."""
    ordered = sorted(findings, key=_order)
    rules = rules_of(runner.compiled)
    return Report(tuple(ordered), tuple(rule_reports(rules, targeted, ordered)), tuple(notices))


def _merged(
    runner: Runner,
    before: Report,
    kept: list[Finding],
    fresh: list[Finding],
    notices: Iterable[Text],
    targeted: Mapping[str, int],
) -> Report:
    """Like :func:`_assembled`, where few findings differ from the report before."""
    still = set(map(id, kept))
    touched = {finding.rule for finding in before.findings if id(finding) not in still}
    touched |= {finding.rule for finding in fresh}
    ordered = list(kept)
    for finding in fresh:
        insort(ordered, finding, key=_order)
    failed = {rule.rule: rule.failed for rule in before.rules if rule.rule not in touched}
    rules = rule_reports(rules_of(runner.compiled), targeted, ordered, failed)
    return Report(tuple(ordered), tuple(rules), tuple(notices))


def _order(finding: Finding) -> tuple[str, ...]:
    return (
        finding.rule,
        finding.focus,
        finding.component,
        finding.path,
        finding.value,
        finding.shape,
        finding.constraint,
        finding.root_shape,
        finding.root,
        finding.check,
    )
