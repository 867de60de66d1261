"""What a check in the cluster answers (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qualitrace.text import Text
from qualitrace.validation.check import Check
from qualitrace.validation.model import Finding, Report, RuleReport


@dataclass(frozen=True)
class CypherCheck:
    """One constraint of one shape as a statement; it asks for ``$registries``.

    Its rows hold ``registry``, ``root``, ``focus``, ``value`` (terms in N-Triples syntax, or null) and the
    columns that its message names.
    """

    check: Check
    statement: str
    parameters: Mapping[str, Any]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many nodes of one registry a rule is checked on, and how many of them fail."""

    registry: str
    targeted: int
    failed: int


@dataclass(frozen=True, slots=True)
class Looked:
    """How many nodes of each registry a check that reaches across registries looked at.

    Where nodes are compared these are the ones with something to compare; 0 where there is nothing to
    compare them with.
    """

    rule: str  # IRI
    check: str
    nodes: tuple[tuple[str, int], ...]  # registry, number

    @property
    def total(self) -> int:
        """How many in all registries together."""
        return sum(number for _, number in self.nodes)


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule, or a constraint of one, that has no Cypher and is checked at home only."""

    rule: str  # IRI
    check: str
    reason: Text


@dataclass(frozen=True, slots=True)
class ClusterFinding:
    """A finding, and the registry that its focus node belongs to."""

    registry: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class ClusterRule:
    """What one rule did, in all registries together and in each."""

    rule: RuleReport
    counts: tuple[Count, ...]
    finished: bool = True  # False: the time was up before it was checked


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """A validation of all registries of a database."""

    registries: tuple[str, ...]
    findings: tuple[ClusterFinding, ...]
    rules: tuple[ClusterRule, ...]
    refused: tuple[Refused, ...] = ()
    looked: tuple[Looked, ...] = ()
    notices: tuple[Text, ...] = field(default=())

    @property
    def partial(self) -> bool:
        """Whether some rule was not checked to its end."""
        return not all(rule.finished for rule in self.rules)

    @property
    def unnamed(self) -> Report:
        """The report as one of a single registry, findings in the same order."""
        findings = tuple(one.finding for one in self.findings)
        return Report(findings, tuple(one.rule for one in self.rules), self.notices)

    @property
    def plain(self) -> Report:
        """The report without registries of their own: they stand before the names of nodes and units."""
        findings = [
            replace(
                one.finding,
                focus_label=_within(one.registry, one.finding.focus_label),
                unit_label=_within(one.registry, one.finding.unit_label),
            )
            for one in self.findings
        ]
        return Report(tuple(findings), tuple(one.rule for one in self.rules), self.notices)


def _within(registry: str, label: Text) -> Text:
    if not label:
        return Text(zh=registry, en=registry)
    return Text({language: f"{registry} · {words}" for language, words in label.items()})
