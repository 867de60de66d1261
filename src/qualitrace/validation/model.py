"""What validation answers: findings, and per rule how much was checked (floor 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from qualitrace.journal.model import Source
from qualitrace.text import Text


class Severity(StrEnum):
    """SHACL severities (SHACL 2.1.4), strongest first."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


class Mode(StrEnum):
    """What a finding of a rule does to a commit that brings it."""

    WARN = "warn"  # it is reported; the commit counts
    REJECT = "reject"  # nothing is changed


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A named person accepts a finding for a time: until ``until``, that day included."""

    by: str
    reason: str
    until: dt.date


@dataclass(frozen=True, slots=True)
class Finding:
    """One validation result (``sh:ValidationResult``) in terms an office can act on.

    ``focus`` is an IRI (or an N-Triples literal when the focus node is one), ``path`` the
    N-Triples/SPARQL text of the result path or ``""``, ``value`` an N-Triples term or ``""``.
    ``unit`` is the IRI of the unit that must act, ``""`` when none was found. ``since`` is when the
    changeset was made (ISO 8601, UTC) from which on it has held without interruption, as far as the
    registry has checked; ``""`` when no changeset was found to bring it: it came with the date, say.
    """

    rule: str  # IRI of the source shape (or its named constraint)
    component: str  # IRI of the source constraint component
    severity: Severity
    focus: str
    path: str
    value: str
    message: Text
    fix: Text
    focus_label: Text = field(default_factory=Text)
    unit: str = ""
    unit_label: Text = field(default_factory=Text)
    sources: tuple[Source, ...] = ()
    since: str = ""
    because: tuple[Finding, ...] = ()  # nested reasons (sh:detail)
    shape: str = ""  # the source shape itself: an IRI, or _:id where ``rule`` is the nearest named one
    constraint: str = ""  # sh:sourceConstraint: an IRI or _:id, for SPARQL constraints
    severity_iri: str = ""  # when it is none of the three of SHACL; ``severity`` is then VIOLATION
    root: str = ""  # the focus node of the shape with the target, where it is another node
    root_shape: str = ""  # the shape with the target
    check: str = ""  # the compiled query that found it; "" when another validator did
    mentions: frozenset[str] = frozenset()  # the nodes whose labels stand in it
    excepted: Acceptance | None = None  # the exception in force; the finding stays in the report


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What one rule did: how many nodes it targeted, how many of those failed.

    ``failed`` includes ``excepted``, the failed nodes with an exception in force. ``mode`` is None
    where nobody has set it: violations then reject, anything weaker warns. A rule that ``targeted``
    none holds whatever the data says; every form of the report marks it. ``unchecked`` are targeted
    nodes that were not looked at because the validation was asked for others only; what a change cannot
    touch is not looked at again either, but its outcome is known and counts as checked.
    """

    rule: str
    labels: Text
    severity: Severity
    targeted: int
    failed: int
    excepted: int = 0
    mode: Mode | None = None
    unchecked: int = 0

    @property
    def checked(self) -> int:
        """How many of the targeted nodes the report speaks of."""
        return self.targeted - self.unchecked

    @property
    def mode_in_force(self) -> Mode:
        """The mode that was set, else the one that goes with the severity."""
        return self.mode or (Mode.REJECT if self.severity is Severity.VIOLATION else Mode.WARN)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole validation: findings, one line per rule, and notices (what ran elsewhere, …)."""

    findings: Sequence[Finding]  # immutable: a tuple, or validation.findings.Findings
    rules: tuple[RuleReport, ...]
    notices: tuple[Text, ...] = ()

    @property
    def conforms(self) -> bool:
        """True when there is no finding at all (``sh:conforms``, SHACL 3.6.1.1)."""
        return not self.findings

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings of severity violation."""
        return tuple(f for f in self.findings if f.severity is Severity.VIOLATION)

    @property
    def excepted(self) -> tuple[Finding, ...]:
        """The findings that somebody accepts at present."""
        return tuple(f for f in self.findings if f.excepted)
