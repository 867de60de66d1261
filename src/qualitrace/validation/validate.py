"""Validating: run every check, word what it found, count what it was checked on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import pyoxigraph as ox

from qualitrace.profile.model import Profile
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.data import Data, HasStore, Term, term_of
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.exact import ExactLiterals
from qualitrace.validation.fallback import run_elsewhere
from qualitrace.validation.findings import Findings
from qualitrace.validation.incremental import Change, revalidated, unchanged_hierarchy
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.rules import count_checked, count_targets, rule_reports, rules_of
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
    hierarchy = None
    if changed is not None and before is not None:
        changed = tuple(changed[0]), tuple(changed[1])
        hierarchy = unchanged_hierarchy(before, chain(*changed))
    runner = Runner(compiled, Data(store, exact), hierarchy)
    enricher = Enricher(runner, steward or Text())
    if changed is not None and before is not None and focus is None:
        change = Change(runner, *changed)
        if not change.is_large(before):
            return revalidated(change, before, enricher)
    nodes = None if focus is None else [term_of(name) for name in focus]
    targeted = count_targets(runner, rules_of(compiled))
    hits: list[Hit] = []
    if nodes is None:
        hits += runner.everything(targeted)
    else:
        hits += (hit for check in compiled.checks for hit in runner.some(check, nodes))
    elsewhere, notices = run_elsewhere(runner, nodes)
    return _assembled(runner, [*enricher.findings(hits), *elsewhere], notices, targeted, nodes)


def _assembled(
    runner: Runner,
    findings: Iterable[Finding],
    notices: Iterable[Text],
    targeted: Mapping[str, int],
    focus: Sequence[Term] | None,
) -> Report:
    """Put a report together: findings in a stable order, one line per rule, notices."""
    ordered = Findings(findings)
    ordered.hierarchy = runner.hierarchy
    rules = rules_of(runner.compiled)
    checked = None if focus is None else count_checked(runner, rules, focus)
    return Report(ordered, tuple(rule_reports(rules, targeted, ordered, checked)), tuple(notices))
