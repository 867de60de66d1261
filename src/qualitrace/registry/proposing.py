"""Proposing, reviewing and deciding about changes (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from qualitrace.errors import ConflictError
from qualitrace.journal import SourcedFact
from qualitrace.registry import removing
from qualitrace.registry.differing import Difference, difference
from qualitrace.registry.model import Change, Committed
from qualitrace.registry.proposals import (
    Actor,
    Proposal,
    ProposalState,
    Step,
    commented,
    decision,
    opened,
    proposal,
    proposals,
)
from qualitrace.registry.rebasing import check_applies
from qualitrace.registry.registry import Registry
from qualitrace.registry.trying import rejected, trial
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, iri, iri_of, is_iri
from qualitrace.text import Text
from qualitrace.validation.model import Finding, Report


@dataclass(frozen=True, slots=True)
class Review:
    """A proposal beside today's registry.

    ``conflict`` says why it no longer applies; there is then no difference and no report. ``rejected``
    are the findings that would keep it from being committed.
    """

    proposal: Proposal
    conflict: ConflictError | None
    difference: Difference | None
    report: Report | None
    rejected: tuple[Finding, ...] = ()

    @property
    def acceptable(self) -> bool:
        """True when approving it now would commit it."""
        return self.proposal.state is ProposalState.OPEN and self.conflict is None and not self.rejected


def propose(registry: Registry, change: Change, title: str, person: Actor) -> Review:
    """Let a change wait as a proposal. Raises QueryError when it has no title or changes nothing."""
    registry.refresh()
    base = registry.position if change.position is None else change.position
    return review(registry, opened(registry.journal, change, title, person, base))


def submit(
    registry: Registry, change: Change, title: str, person: Actor, *, wait: bool = False
) -> Committed | Review:
    """Commit a change in a person's name; one that takes nodes out of the registry waits as a proposal.

    ``wait``: it waits in any case. All of it waits, or nothing does; the same change does not wait twice.
    Raises as :meth:`Registry.commit` and :func:`propose` do.
    """
    gone = vanishing(registry, change)
    if not wait and not gone:
        return registry.commit(change, author=person.name, message=title)
    for one in proposals(registry.journal, ProposalState.OPEN):
        if removing.is_same(one.change, change):
            return review(registry, one)
    return propose(registry, change, title, person)


def vanishing(registry: Registry, change: Change) -> tuple[str, ...]:
    """Return the nodes (IRIs) that a change takes out of the registry: nothing says any more what they are.

    :meth:`Registry.commit` refuses such a change without its approval.
    """
    with registry.reading():
        return removing.vanishing(change, registry.journal)


def removal(registry: Registry, nodes: Iterable[str]) -> Change:
    """Work out the change that removes nodes: all that is stated about them, and all links to them.

    Raises UnknownNodeError.
    """
    registry.refresh()
    names = [registry.resolve(node) for node in nodes]
    with registry.reading():
        entries = _all_about(registry, names)
        return Change((), (), tuple(entries), position=registry.position)


def _all_about(registry: Registry, names: Iterable[str]) -> list[SourcedFact]:
    wanted = set(names)
    linking = {f.subject for name in wanted for f in registry.engine.facts(STATED, object=iri(name))}
    return [
        entry
        for entry in registry.journal.about(wanted | linking)
        if entry.fact.subject in wanted or (is_iri(entry.fact.object) and iri_of(entry.fact.object) in wanted)
    ]


def review(registry: Registry, found: Proposal | int) -> Review:
    """Show a proposal beside today's registry: its difference and its report, or why it does not apply.

    Once it is decided, the difference is the one it made, or would have made when it was proposed.
    Raises QueryError when there is no such proposal.
    """
    registry.refresh()
    one = proposal(registry.journal, found) if isinstance(found, int) else found
    if one.state is not ProposalState.OPEN:
        return Review(one, None, None, None)
    try:
        with registry.reading():
            _check(registry, one)
            tried = trial(registry, one.change)
            changed = difference(registry, tried)
            report = tried.validate()
            return Review(one, None, changed, report, rejected(registry, tried))
    except ConflictError as conflict:
        return Review(one, conflict, None, None)


def as_known(registry: Registry, number: int, moment: str) -> Review:
    """Show a proposal as it stood in a moment of recorded time, without what it would do today.

    Raises QueryError when there was none.
    """
    return Review(proposal(registry.journal, number, known_at=moment), None, None, None)


def _check(registry: Registry, one: Proposal) -> None:
    """Raise ConflictError when the change no longer means what it meant."""
    check_applies(one.change, registry.journal, registry.position)
    gone = {entry.fact.subject for entry in one.change.removed if entry.fact.predicate == RDF_TYPE}
    gone -= {entry.fact.subject for entry in one.change.added if entry.fact.predicate == RDF_TYPE}
    if not gone:
        return
    known = set(one.change.removed)
    then = registry.journal.at(one.base)
    subjects = {entry.fact.subject for entry in _all_about(registry, gone)}
    earlier = set(then.about(subjects))
    for entry in _all_about(registry, gone):
        if entry not in known and entry not in earlier:
            raise ConflictError(
                Text(
                    zh="要删除的对象在此之后又有了新的内容。",
                    en="Something has been stated since about what is to be removed.",
                ),
                where=f"{entry.fact.ntriples()} ({entry.source.place()})",
                hint=Text(zh="请重新提议。", en="Propose it again."),
            )


def comment(registry: Registry, number: int, person: Actor, text: str) -> Proposal:
    """Say something about a proposal. Raises QueryError when there is none, or nothing is said."""
    return commented(registry.journal, number, person, text)


def approve(registry: Registry, number: int, person: Actor, reason: str = "") -> Committed:
    """Commit a proposal as it stands against today's registry, in the name of its author.

    The approval is written down with the changeset, or neither is. Raises QueryError when it is decided
    already and when its author approves, or somebody in its author's role; ConflictError when it no longer
    applies and NotConformingError when it would now break a rule that rejects commits: it then stays open.
    """
    registry.refresh()
    one = proposal(registry.journal, number)
    note = decision(one, Step.APPROVED, person, reason)
    with registry.reading():
        _check(registry, one)
    change = replace(one.change, notes=(note,))
    message = f"{one.title} (#{one.number}: {one.author} → {person.name.strip()})"
    return registry.commit(change, author=one.author, message=message)


def reject(registry: Registry, number: int, person: Actor, reason: str) -> Proposal:
    """Turn a proposal down; a reason is needed. Raises QueryError as :func:`approve` does."""
    note = decision(proposal(registry.journal, number), Step.REJECTED, person, reason)
    registry.journal.note(note)
    return proposal(registry.journal, number)
