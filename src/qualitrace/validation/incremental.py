"""Validating a change: run again what it could have touched, keep the rest of the report before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qualitrace.terms import Fact
from qualitrace.validation.affected import EVERYWHERE, SUBCLASS, Scope, Walk, scopes_of
from qualitrace.validation.data import term_of
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.fallback import run_elsewhere
from qualitrace.validation.findings import Findings
from qualitrace.validation.labels import LABELS
from qualitrace.validation.membership import Membership
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.reads import path_reads
from qualitrace.validation.rules import count_targets, rules_of
from qualitrace.validation.run import Hit, Runner
from qualitrace.validation.shapes import Shape

# Above this many changed facts a full validation is quicker; measured by bench/validation.py.
MOST_CHANGES = 2000


class Change:
    """What a change did, with what it could have touched. The data are those after it."""

    def __init__(self, runner: Runner, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        self.runner = runner
        data = runner.data
        # What was there before in another graph, or is there still, did not really change.
        self.removed = [fact for fact in removed if not data.holds(fact)]
        self.added = [fact for fact in added if data.holds(fact)]
        self.walk = Walk([*self.added, *self.removed], data)

    @property
    def is_large(self) -> bool:
        """Tell whether validating everything is quicker, or needed: subclasses reach everywhere."""
        changes = len(self.added) + len(self.removed)
        return changes > MOST_CHANGES or SUBCLASS in self.walk.by_predicate

    def findings(self, before: Findings, enricher: Enricher) -> tuple[list[Finding], list[Finding]]:
        """Return the findings that were looked for again, and what was found now in their place.

        A registry has many findings and a change touches few: none but those is looked at.
        """
        scopes = scopes_of(self.runner.compiled, self.walk)
        for check, root in before.naming(self._renamed()):
            scope = scopes.get(check, Scope(frozenset()))
            if scope.nodes is not None:
                scopes[check] = Scope(scope.nodes | {root})
        again = [old for check, scope in scopes.items() for old in before.found_by(check, scope.nodes)]
        return again, enricher.findings(self._hits(scopes))

    def _hits(self, scopes: dict[str, Scope]) -> list[Hit]:
        nodes = {node for scope in scopes.values() for node in scope.nodes or ()}
        membership = self._membership(nodes)
        targets: dict[str, set[str]] = {}
        hits: list[Hit] = []
        for check in self.runner.compiled.checks:
            scope = scopes.get(check.name)
            if scope is EVERYWHERE:
                hits += self.runner.all(check)
            elif scope is not None and scope.nodes:
                if check.root.name not in targets:
                    targets[check.root.name] = membership.now(self.runner.compiled.targets(check.root))
                focus = scope.nodes & targets[check.root.name]
                hits += self.runner.detached(check, [term_of(node) for node in sorted(focus)])
        return hits

    def _membership(self, nodes: Iterable[str]) -> Membership:
        runner = self.runner
        return Membership(runner.data, runner.hierarchy, nodes, self.added, self.removed)

    def _renamed(self) -> frozenset[str]:
        """The nodes with another label, and those from which another unit may be found."""
        renamed = {fact.subject for predicate in LABELS for fact in self.walk.by_predicate.get(predicate, ())}
        reads = {read for path in set(self.runner.compiled.stewards.values()) for read in path_reads(path)}
        return frozenset(renamed).union(*(self.walk.back(read) for read in reads))

    def targeted(self, before: Report) -> dict[str, int]:
        """Return how many nodes rules are checked on after the change, where that may be another number."""
        known = {rule.rule: rule.targeted for rule in before.rules}
        counts: dict[str, int] = {}
        runner, changed = self.runner, set(self.walk.by_predicate)
        touched = {root.name: self._touched(root) for root in runner.compiled.roots}
        membership = self._membership({node for nodes in touched.values() for node in nodes})
        recount = []
        for rule in rules_of(runner.compiled):
            nodes = {node for root in rule.roots for node in touched[root.name]}
            if rule.predicates:
                if nodes or rule.predicates & changed:
                    recount.append(rule)
            elif nodes:
                targets = [runner.compiled.targets(root) for root in rule.roots]
                now = {node for target in targets for node in membership.now(target)} & nodes
                then = {node for target in targets for node in membership.before(target)} & nodes
                counts[rule.iri] = known[rule.iri] + len(now) - len(then)
        return counts | count_targets(runner, recount)

    def _touched(self, root: Shape) -> frozenset[str]:
        reads = self.runner.compiled.targets(root).reads()
        return frozenset(node for read in reads for node in self.walk.back(read))


def revalidated(change: Change, before: Report, enricher: Enricher) -> Report:
    """Return the report after a change, sharing with the one before what the change does not touch."""
    found = Findings.of(before.findings)
    again, fresh = change.findings(found, enricher)
    elsewhere, notices = run_elsewhere(change.runner, None)
    findings = found.replaced([*again, *found.found_by("", None)], [*fresh, *elsewhere])
    appeared, gone = findings.since(found)
    failed = {finding.rule for finding in (*appeared, *gone)}
    targeted = change.targeted(before)
    rules = tuple(
        replace(rule, targeted=targeted.get(rule.rule, rule.targeted), failed=findings.failed(rule.rule))
        if rule.rule in failed or rule.rule in targeted
        else rule
        for rule in before.rules
    )
    return Report(findings, rules, tuple(notices))
