"""Committing: apply, infer, validate, journal; all of it, or nothing (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qualitrace.errors import NotConformingError
from qualitrace.journal import Changeset, Journal, Record, Source
from qualitrace.registry import sourcing
from qualitrace.registry.checking import Checks
from qualitrace.registry.decisions import Decisions
from qualitrace.registry.lasting import Lasting
from qualitrace.registry.model import Change
from qualitrace.registry.projection import Delta, Projection
from qualitrace.registry.rebasing import no_longer_there
from qualitrace.registry.records import finding_key, notice_record
from qualitrace.registry.removing import check_decided
from qualitrace.registry.stopwatch import Stopwatch
from qualitrace.store import STATED, Engine
from qualitrace.terms import Fact
from qualitrace.text import Text
from qualitrace.validation.findings import Findings
from qualitrace.validation.incremental import MOST_CHANGES
from qualitrace.validation.model import Finding, Report

FEW = MOST_CHANGES  # so many changed facts are checked by what they touch, once a whole report is known

NetChange = tuple[tuple[Fact, ...], tuple[Fact, ...]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a commit works on. ``lasting`` and ``checks`` are only touched by who holds the gate."""

    journal: Journal
    projection: Projection
    checks: Checks
    decisions: Decisions
    lasting: Lasting


@dataclass(frozen=True, slots=True)
class Signed:
    """Who commits, why, after which changeset, and the day on which exceptions count (default: today)."""

    author: str
    message: str
    parent: str
    day: dt.date | None = None


def net_change(change: Change, engine: Engine, journal: Journal) -> NetChange:
    """Work out which facts really appear and disappear: a fact may be stated in several places.

    Raises ConflictError when a statement to be removed is no longer there.
    """
    held = {entry.fact for entry in change.added}
    new = tuple(fact for fact in dict.fromkeys(e.fact for e in change.added) if not _states(engine, fact))
    ended: dict[Fact, set[Source]] = {}
    for entry in change.removed:
        ended.setdefault(entry.fact, set()).add(entry.source)
    places = journal.sources(ended)
    for fact, sources in ended.items():
        if not sources <= set(places.get(fact, ())):
            raise no_longer_there(fact)
    gone = tuple(
        fact for fact, sources in ended.items() if fact not in held and set(places.get(fact, ())) <= sources
    )
    return new, gone


def _states(engine: Engine, fact: Fact) -> bool:
    found = engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return next(iter(found), None) is not None


def commit(
    parts: Parts, change: Change, net: NetChange, signed: Signed, clock: Stopwatch
) -> tuple[Changeset, Report]:
    """Commit a change whose net effect is known. The caller keeps readers out.

    Raises NotConformingError when it newly breaks a rule that rejects commits, ConflictError when somebody
    else committed first and QueryError when it takes whole nodes away without having been approved; store,
    index and what is known of findings are then as before.
    """
    check_decided(change, parts.journal)
    engine, checks = parts.projection.engine, parts.checks
    before = checks.report() if checks.known else None
    state = checks.state()
    delta = _applied(parts, net, clock)
    try:
        with clock.phase("validate"):
            report = _checked(parts, delta, before, change, signed.day)
        with clock.phase("journal"):
            changeset = changeset_of(change, net, signed, engine.position)
            record = parts.lasting.record(report, engine.position, changeset.at)
            parts.journal.append(
                changeset, [*(notice_record(one) for one in change.loaded), record], change.notes
            )
    except BaseException:
        _undo(parts, delta, net)
        checks.put_back(state)
        raise
    parts.lasting.follow(report, record, changeset.position, changeset.at)
    engine.mark(changeset.position)
    return changeset, report


def _applied(parts: Parts, net: NetChange, clock: Stopwatch) -> Delta:
    try:
        delta = parts.projection.try_change(*net, clock)
    except BaseException:
        parts.projection.restore(*net)
        raise
    return delta


def _undo(parts: Parts, delta: Delta, net: NetChange) -> None:
    try:
        parts.projection.undo(delta)
    except BaseException:
        parts.projection.restore(*net)
        raise


def _checked(
    parts: Parts, delta: Delta, before: Report | None, change: Change, day: dt.date | None
) -> Report:
    """Check a change that the store has made. Raises NotConformingError."""
    parts.checks.note(delta)
    report = parts.checks.report()
    rejecting = parts.decisions.rejecting(_appeared(report, before), day)
    if rejecting and before is None:
        # Only now it matters what was there before; mostly nothing serious is found, and it does not.
        before = _before(parts, delta)
        rejecting = parts.decisions.rejecting(_appeared(report, before), day)
    if rejecting and before is not None:
        earlier = {finding_key(finding) for finding in _like(rejecting, before)}
        rejecting = [finding for finding in rejecting if finding_key(finding) not in earlier]
    rejecting = [*rejecting, *parts.checks.undeclared(delta.stated_added, delta.stated_removed)]
    if rejecting:
        raise _rejected(parts, report, rejecting, change)
    return report


def _appeared(report: Report, before: Report | None) -> Iterable[Finding]:
    if before is None:
        return report.findings
    after, earlier = Findings.of(report.findings), Findings.of(before.findings)
    return after.since(earlier)[0] if after.follows(earlier) else after


def _like(findings: Sequence[Finding], before: Report) -> Iterable[Finding]:
    """The findings of a report on the nodes of others, by the same rules."""
    earlier = Findings.of(before.findings)
    places = {(finding.rule, finding.focus) for finding in findings}
    return (finding for place in places for finding in earlier.at(*place))


def _before(parts: Parts, delta: Delta) -> Report:
    """Check everything as it was before a change that the store has made, and make it again."""
    state = parts.checks.state()
    parts.projection.undo(delta)
    try:
        parts.checks.note(None)
        return parts.checks.report()
    finally:
        parts.projection.redo(delta)
        parts.checks.put_back(state)


def _rejected(
    parts: Parts, report: Report, rejecting: Sequence[Finding], change: Change
) -> NotConformingError:
    shown = replace(report, findings=tuple(rejecting))
    shown = sourcing.with_sources(shown, parts.projection.engine, parts.journal, change.added)
    return NotConformingError(
        Text(
            zh=f"有 {len(rejecting)} 处违反必须遵守的规则,登记库没有改动。",
            en=f"{len(rejecting)} violations of rules that must hold; nothing was changed.",
        ),
        hint=Text(zh="请按所列位置修改文件后再装入。", en="Mend the places listed, then load again."),
        findings=tuple(shown.findings),
    )


def changeset_of(
    change: Change,
    net: NetChange,
    signed: Signed,
    position: int,
    records: tuple[Record, ...] = (),
) -> Changeset:
    """Make the changeset after a position: what was checked; the journal refuses it when others went on."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    draft = Changeset(
        position=position + 1,
        parent=signed.parent,
        author=signed.author,
        at=now,
        message=signed.message,
        documents=change.documents,
        added=change.added,
        removed=change.removed,
        facts_added=net[0],
        facts_removed=net[1],
        records=records,
    )
    return replace(draft, id=draft.digest())
