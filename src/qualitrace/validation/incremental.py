"""Validating a change: run again what it could have touched, keep the rest of the report before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from qualitrace.terms import Fact
from qualitrace.validation.affected import SUBCLASS, Scope, Walk, scopes_of
from qualitrace.validation.data import term_of
from qualitrace.validation.enrich import Enricher
from qualitrace.validation.fallback import run_elsewhere
from qualitrace.validation.findings import Findings
from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.labels import LABELS
from qualitrace.validation.membership import Membership
from qualitrace.validation.model import Finding, Report
from qualitrace.validation.rule import Rule
from qualitrace.validation.rules import count_targets
from qualitrace.validation.run import Hit, Runner
from qualitrace.validation.touching import touching

# Above this many changed facts, and this share of what there is to check, a full validation is quicker.
# Measured: qualitrace bench commit --crossover.
MOST_CHANGES = 600
MOST_SHARE = 0.002


def extent(report: Report) -> int:
    """Return how much there is to check in the data of a report: nodes, once for each rule on them."""
    return sum(line.targeted for line in report.rules)


class Change:
    """What a change did, with what it could have touched. The data are those after it."""

    def __init__(self, runner: Runner, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        self.runner = runner
        self.index = touching(runner.compiled)
        data = runner.data
        # What moved between graphs, was there before in another one, or is there still, did not change.
        came, went = dict.fromkeys(added), dict.fromkeys(removed)
        self.removed = [fact for fact in went if fact not in came and not data.holds(fact)]
        self.added = [fact for fact in came if fact not in went and data.holds(fact)]
        self.walk = Walk([*self.added, *self.removed], data)

    def is_large(self, before: Report) -> bool:
        """Tell whether validating everything is quicker, or needed: subclasses reach everywhere."""
        changes = len(self.added) + len(self.removed)
        most = max(MOST_CHANGES, MOST_SHARE * extent(before))
        return changes > most or SUBCLASS in self.walk.by_predicate

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
        for number in sorted(self.index.numbers[name] for name in scopes):
            check, root = self.index.checks[number], self.index.root_of[number]
            scope = scopes[check.name]
            if scope.nodes is None:
                hits += self.runner.all(check)
                continue
            if root.name not in targets:
                targets[root.name] = membership.now(root.targets)
            focus = scope.nodes & targets[root.name]
            if focus:
                hits += self.runner.detached(check, [term_of(node) for node in sorted(focus)])
        return hits

    def _membership(self, nodes: Iterable[str]) -> Membership:
        runner = self.runner
        return Membership(runner.data, runner.hierarchy, nodes, self.added, self.removed)

    def _renamed(self) -> frozenset[str]:
        """The nodes with another label, and those from which another unit may be found."""
        renamed = {fact.subject for predicate in LABELS for fact in self.walk.by_predicate.get(predicate, ())}
        return frozenset(renamed).union(*(self.walk.back(read) for read in self.index.stewards))

    def targeted(self, before: Report) -> dict[str, int]:
        """Return how many nodes rules are checked on after the change, where that may be another number."""
        touched = {
            root.name: frozenset(node for read in root.reads for node in self.walk.back(read))
            for root in self.index.roots
        }
        membership = self._membership({node for nodes in touched.values() for node in nodes})
        rules = {
            rule.iri: (rule, roots)
            for name, nodes in touched.items()
            if nodes
            for rule, roots in self.index.rules.get(name, ())
        }
        known = {line.rule: line.targeted for line in before.rules} if rules else {}
        counts = {}
        for rule, roots in rules.values():
            nodes = {node for root in roots for node in touched[root.name]}
            now = {node for root in roots for node in membership.now(root.targets)} & nodes
            then = {node for root in roots for node in membership.before(root.targets)} & nodes
            counts[rule.iri] = known[rule.iri] + len(now) - len(then)
        return counts | count_targets(self.runner, self._indirect(touched))

    def _indirect(self, touched: Mapping[str, frozenset[str]]) -> list[Rule]:
        """The rules whose nodes must be counted anew: they are reached from others, or queried for."""
        return [
            rule
            for rule, roots in self.index.indirect
            if not rule.predicates.isdisjoint(self.walk.by_predicate)
            or any(touched[root.name] or root.targets.queries for root in roots)
        ]


def unchanged_hierarchy(before: Report, facts: Iterable[Fact]) -> Hierarchy | None:
    """Return the subclass pairs that a report was made with, where these facts do not change them."""
    if not isinstance(before.findings, Findings) or any(fact.predicate == SUBCLASS for fact in facts):
        return None
    return before.findings.hierarchy


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
