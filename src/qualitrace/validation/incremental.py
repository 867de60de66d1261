"""Validating a change: run again what it could have touched, keep the rest of the report before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from qualitrace.terms import Fact
from qualitrace.validation.affected import EVERYWHERE, SUBCLASS, Scope, Walk, scopes_of
from qualitrace.validation.data import term_of
from qualitrace.validation.enrich import Enricher
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

    def findings(self, before: Sequence[Finding], enricher: Enricher) -> tuple[list[Finding], list[Finding]]:
        """Return the findings that stay, in their order, and those that are new.

        A registry has many findings and a change touches few: what is done for each is little.
        """
        scopes = scopes_of(self.runner.compiled, self.walk)
        self._add_stale(scopes, before)
        kept = [
            finding
            for finding in before
            if finding.check
            and (finding.check not in scopes or not scopes[finding.check].holds(root_of(finding)))
        ]
        return kept, enricher.findings(self._hits(scopes))

    def _add_stale(self, scopes: dict[str, Scope], before: Iterable[Finding]) -> None:
        """Run again where the labels or the unit that a finding names may have changed."""
        is_stale = self._stale()
        for finding in before if is_stale is not None else ():
            if finding.check and is_stale is not None and is_stale(finding):
                scope = scopes.get(finding.check, Scope(frozenset()))
                if scope.nodes is not None:
                    scopes[finding.check] = Scope(scope.nodes | {root_of(finding)})

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

    def _stale(self) -> Callable[[Finding], bool] | None:
        """Tell of a finding whether the labels or the unit it names may have changed; None: of none."""
        renamed = {fact.subject for predicate in LABELS for fact in self.walk.by_predicate.get(predicate, ())}
        moved = frozenset(
            node
            for path in set(self.runner.compiled.stewards.values())
            for read in path_reads(path)
            for node in self.walk.back(read)
        )

        if not renamed and not moved:
            return None

        def is_stale(finding: Finding) -> bool:
            if not renamed.isdisjoint(finding.mentions):
                return True
            return _stands_at(finding, moved)

        return is_stale

    def targeted(self, before: Report) -> dict[str, int]:
        """Return how many nodes each rule is checked on after the change."""
        counts = {rule.rule: rule.targeted for rule in before.rules}
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
                counts[rule.iri] += len(now) - len(then)
        return counts | count_targets(runner, recount)

    def _touched(self, root: Shape) -> frozenset[str]:
        reads = self.runner.compiled.targets(root).reads()
        return frozenset(node for read in reads for node in self.walk.back(read))


def root_of(finding: Finding) -> str:
    """Return the focus node of the shape with the target that a finding comes from."""
    return finding.root or finding.focus


def _stands_at(finding: Finding, nodes: frozenset[str]) -> bool:
    inner = any(_stands_at(reason, nodes) for reason in finding.because)
    return inner or finding.focus in nodes or root_of(finding) in nodes
