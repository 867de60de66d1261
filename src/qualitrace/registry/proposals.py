"""Proposals: changes that wait for somebody else to approve them (floor 3).

What happens to a proposal is a stream of events (``proposal/7``) in the journal's chain: ``proposed``
with the whole change, ``comment``, ``approved`` or ``rejected``. Its state is what they say, in order.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from qualitrace.access.model import RIGHTS, Right, Role
from qualitrace.errors import ConflictError, QueryError, RegistryError
from qualitrace.journal import Basis, Document, Journal, Source, SourcedFact
from qualitrace.journal.model import Event, Note
from qualitrace.registry.model import Change
from qualitrace.registry.moments import events_known
from qualitrace.terms import Fact
from qualitrace.text import Text

STREAM = "proposal/"


class Step(StrEnum):
    """What can happen to a proposal: the kinds of its events."""

    PROPOSED = "proposed"
    COMMENT = "comment"
    APPROVED = "approved"
    REJECTED = "rejected"


class ProposalState(StrEnum):
    """How a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Said:
    """Something a person said about a proposal, or their decision. ``at`` is UTC, ISO 8601."""

    by: str
    role: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits, or waited. ``base`` is the position it was worked out at.

    ``changeset`` is the identifier of what the approval committed, ``""`` when there is none.
    ``last`` is the position of its newest event.
    """

    number: int
    title: str
    author: str
    role: str
    at: str
    base: int
    change: Change
    state: ProposalState
    last: int
    comments: tuple[Said, ...] = ()
    decided: Said | None = None
    changeset: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a name, and the role they act in (a :class:`Role`; without one, the office's)."""

    name: str
    role: str = ""

    def checked(self, right: Right | None = None) -> Actor:
        """Return the person with their role. Raises QueryError without a name, or when it has no right."""
        if not self.name.strip():
            raise QueryError(
                Text(zh="请写明是谁。", en="Say who it is."),
                hint=Text(zh="命令行用 --author。", en="On the command line: --author."),
            )
        role = _role(self.role)
        allowed = [one.value for one in Role if right is None or right in RIGHTS[one]]
        if role not in allowed:
            raise QueryError(
                Text(zh=f"角色“{role}”不能做这件事。", en=f"The role “{role}” may not do this."),
                where=f"--role {role}",
                hint=Text(zh="可以:" + "、".join(allowed), en="These may: " + ", ".join(allowed)),
            )
        return Actor(self.name.strip(), role)

    def is_same(self, name: str) -> bool:
        """Tell whether a name is this person's; letter case and width do not matter."""
        return _folded(self.name) == _folded(name)


def _role(role: str) -> str:
    """The role somebody acts in; whoever names none acts for the office, which keeps the registry."""
    return role.strip().casefold() or Role.OFFICE.value


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def opened(journal: Journal, change: Change, title: str, person: Actor, base: int) -> Proposal:
    """Write down a new proposal. Raises QueryError when it has no title or changes nothing."""
    person = person.checked(Right.PROPOSE)
    if not title.strip():
        raise QueryError(Text(zh="提议须有标题。", en="A proposal needs a title."), where="--title")
    if change.empty:
        raise QueryError(
            Text(zh="这项提议不改变任何内容。", en="The proposal would change nothing."), where=title
        )
    body = {"title": title.strip(), "role": person.role, "base": base, "change": _written(change)}
    while True:
        number = sum(1 for _ in journal.events(kind=Step.PROPOSED)) + 1
        note = Note.of(f"{STREAM}{number}", Step.PROPOSED, body, author=person.name, at=_now(), expect=0)
        try:
            return _read([*journal.note(note)])
        except ConflictError:
            continue  # somebody else took the number


def proposal(journal: Journal, number: int, *, known_at: str = "") -> Proposal:
    """Return a proposal, as it stood in a moment of recorded time. Raises QueryError when there is none."""
    events = list(journal.events(f"{STREAM}{number}"))
    events = events_known(journal, known_at, events) if known_at else events
    if not events:
        raise QueryError(
            Text(zh=f"没有第 {number} 号提议。", en=f"There is no proposal {number}."),
            hint=Text(zh="qualitrace proposals 列出全部。", en="qualitrace proposals lists them all."),
        )
    return _read(events)


def proposals(journal: Journal, state: ProposalState | None = None, *, known_at: str = "") -> list[Proposal]:
    """Return all proposals, or those in a state, newest first; as they stood in a moment of recorded time.

    Raises QueryError when it is no moment.
    """
    streams: dict[str, list[Event]] = {}
    events: Iterable[Event] = journal.events()
    for event in events_known(journal, known_at, events) if known_at else events:
        if event.stream.startswith(STREAM):
            streams.setdefault(event.stream, []).append(event)
    found = [_read(events) for events in streams.values()]
    return sorted((p for p in found if state in (None, p.state)), key=lambda p: -p.number)


def commented(journal: Journal, number: int, person: Actor, text: str) -> Proposal:
    """Write down a comment; also possible once it is decided. Raises QueryError without a text."""
    person = person.checked()
    proposal(journal, number)
    if not text.strip():
        raise QueryError(Text(zh="评论是空的。", en="The comment is empty."))
    body = {"text": text.strip(), "role": person.role}
    journal.note(Note.of(f"{STREAM}{number}", Step.COMMENT, body, author=person.name, at=_now()))
    return proposal(journal, number)


def decision(found: Proposal, step: Step, person: Actor, reason: str) -> Note:
    """Make the note of a decision; writing it is a conflict when something else happened meanwhile.

    Raises QueryError when it is decided already, when its author decides, or somebody in its author's
    role; ``reason`` is needed to reject.
    """
    person = person.checked(Right.DECIDE)
    if found.state is not ProposalState.OPEN:
        by = found.decided.by if found.decided else ""
        raise QueryError(
            Text(
                zh=f"第 {found.number} 号提议已由 {by} 处理。",
                en=f"Proposal {found.number} has been decided by {by}.",
            ),
            where=found.state.value,
        )
    if person.is_same(found.author):
        raise QueryError(
            Text(zh="提议人不能批准或否决自己的提议。", en="Nobody decides about a proposal of their own."),
            where=f"{found.number}: {found.author}",
            hint=Text(zh="请由另一个人处理。", en="Let somebody else decide."),
        )
    if person.role == _role(found.role):
        others = [one.value for one in Role if Right.DECIDE in RIGHTS[one] and one.value != person.role]
        raise QueryError(
            Text(
                zh=f"提议是以角色“{person.role}”提出的,须由另一角色处理。",
                en=f"It was proposed in the role “{person.role}”; another role decides.",
            ),
            where=f"{found.number}: {found.author}",
            hint=Text(
                zh="可以处理的角色:" + "、".join(others) + "(命令行用 --role)",
                en="Roles that may: " + ", ".join(others) + " (on the command line: --role)",
            ),
        )
    if step is Step.REJECTED and not reason.strip():
        raise QueryError(Text(zh="请说明否决的理由。", en="Say why it is rejected."), where="--reason")
    body = {"text": reason.strip(), "role": person.role}
    stream = f"{STREAM}{found.number}"
    return Note.of(stream, step, body, author=person.name, at=_now(), expect=found.last)


def _read(events: list[Event]) -> Proposal:
    """Make a proposal from its events. Raises RegistryError when they cannot be read."""
    try:
        first, body = events[0], json.loads(events[0].body)
        made = Proposal(
            number=int(first.stream.removeprefix(STREAM)),
            title=body["title"],
            author=first.author,
            role=body["role"],
            at=first.at,
            base=body["base"],
            change=_change(body["change"], body["base"]),
            state=ProposalState.OPEN,
            last=events[-1].position,
        )
        for event in events[1:]:
            made = _after(made, event)
        return made
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(
            Text(zh="登记库里有一项提议无法读懂。", en="The registry holds a proposal nobody can read."),
            where=events[0].stream,
            hint=Text(zh="请运行 qualitrace verify。", en="Run qualitrace verify."),
        ) from error


def _after(made: Proposal, event: Event) -> Proposal:
    body = json.loads(event.body)
    said = Said(event.author, body["role"], event.at, body["text"])
    step = Step(event.kind)
    if step is Step.COMMENT:
        return replace(made, comments=(*made.comments, said))
    if step is Step.APPROVED:
        return replace(made, state=ProposalState.APPROVED, decided=said, changeset=event.head)
    return replace(made, state=ProposalState.REJECTED, decided=said)


def _written(change: Change) -> dict[str, Any]:
    return {
        "documents": [[document.name, document.sha256] for document in change.documents],
        "added": _rows(change.added),
        "removed": _rows(change.removed),
    }


def _rows(entries: Iterable[SourcedFact]) -> list[list[Any]]:
    return [
        [*entry.fact, place.document, place.part, place.row, place.cell, place.basis.value]
        for entry in entries
        for place in (entry.source,)
    ]


def _change(body: dict[str, Any], base: int) -> Change:
    documents = tuple(Document(name, sha256) for name, sha256 in body["documents"])
    added, removed = (tuple(map(_entry, body[side])) for side in ("added", "removed"))
    return Change(documents, added, removed, position=base)


def _entry(row: list[Any]) -> SourcedFact:
    subject, predicate, term, document, part, number, cell, basis = row
    return SourcedFact(Fact(subject, predicate, term), Source(document, part, number, cell, Basis(basis)))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
