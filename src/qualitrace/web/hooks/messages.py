"""What a hook is told next, read from the journal (floor 5).

Nothing is queued: what comes next follows from how far a hook was told, and is the same each time. A message
holds what everybody may know: positions, times, kinds and identifiers, never names, texts or authors.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import orjson

from qualitrace.access.hooks import Hook, HookEvent, Told
from qualitrace.journal import Changeset, Event, Journal
from qualitrace.registry import Registry
from qualitrace.registry.proposals import STREAM
from qualitrace.registry.records import VALIDATION
from qualitrace.web.hooks.public import PublicNodes

_MOST_LISTED = 200  # nodes, or findings, of a message; ``complete`` says whether that was all


@dataclass(frozen=True, slots=True)
class Message:
    """A message: what tells it from all others, and its body."""

    id: str
    body: bytes


def start(journal: Journal) -> Told:
    """Return where a new hook begins: after all there is. Raises RegistryError."""
    last = 0
    for event in journal.events():
        last = event.position
    return Told(journal.head()[0], 0, last)


def trial(at: str, identifier: str) -> Message:
    """Return a message that says nothing, to try an address."""
    return _message(identifier, "test", at, {})


def following(registry: Registry, hook: Hook) -> tuple[Message | None, Told]:
    """Return what a hook is told next, and how far it is told then.

    Without a message there is nothing to tell up to there; where that is how far it was told already, there
    is nothing at all. Raises RegistryError.
    """
    changeset = _next_changeset(registry, hook)
    event, passed = _next_event(registry, hook)
    if event is not None and (changeset is None or event.at <= changeset.at):
        return _proposal(event), replace(hook.told, event=event.position)
    if changeset is not None:
        return _changed(registry, hook, changeset.position)
    return None, replace(hook.told, event=passed)


def _next_changeset(registry: Registry, hook: Hook) -> Changeset | None:
    if hook.events.isdisjoint({HookEvent.CHANGES, HookEvent.FINDINGS}):
        return None
    after = hook.told.position
    with closing(registry.journal.changesets(after, after + 1, changes=False)) as found:
        return next(found, None)


def _next_event(registry: Registry, hook: Hook) -> tuple[Event | None, int]:
    """Return the next event of a proposal, and the last event that there is to pass over."""
    passed = hook.told.event
    if HookEvent.PROPOSALS in hook.events:
        with closing(registry.journal.events(after=passed)) as events:
            for event in events:
                if event.stream.startswith(STREAM):
                    return event, event.position
                passed = event.position
    return None, passed


def _changed(registry: Registry, hook: Hook, position: int) -> tuple[Message | None, Told]:
    """Return the next part of what a changeset has to tell."""
    parts = [kind for kind in (HookEvent.CHANGES, HookEvent.FINDINGS) if kind in hook.events]
    part = hook.told.part
    whole = replace(hook.told, position=position, part=0)
    if part >= len(parts):
        return None, whole
    told = whole if part + 1 == len(parts) else replace(hook.told, part=part + 1)
    if registry.position < position:
        registry.refresh()
    changeset = next(iter(registry.journal.changesets(position - 1, position)))
    if parts[part] is HookEvent.CHANGES:
        return _changes(registry, changeset), told
    return _findings(registry, changeset), told


def _changes(registry: Registry, changeset: Changeset) -> Message:
    public = PublicNodes(registry, changeset)
    nodes = public.changed()
    data = {
        "position": changeset.position,
        "changeset": changeset.id,
        "nodes": [
            {"id": node.iri, "kinds": list(node.kinds), "change": node.change}
            for node in nodes[:_MOST_LISTED]
        ],
        "count": len(nodes),
        "complete": public.complete and len(nodes) <= _MOST_LISTED,
    }
    identifier = f"changes_{changeset.position}_{changeset.id[:16]}"
    return _message(identifier, HookEvent.CHANGES, changeset.at, data)


def _findings(registry: Registry, changeset: Changeset) -> Message | None:
    """Return what the validation newly found, and no longer; None when that is nothing."""
    position = changeset.position
    with closing(registry.journal.recorded(VALIDATION, after=position - 1, upto=position)) as records:
        _, body = next(records, ("", {}))
    appeared, gone, whole = _told_apart(body, changeset.at)
    public = PublicNodes(registry, changeset, {key[1] for key in (*appeared, *gone)})
    listed = {
        "appeared": [_finding(key) for key in appeared if public.shows(key[1])],
        "gone": [_finding(key) for key in gone if public.shows(key[1])],
    }
    if not any(listed.values()):
        return None
    data: dict[str, Any] = {
        "position": position,
        "changeset": changeset.id,
        **{name: found[:_MOST_LISTED] for name, found in listed.items()},
        "count": {name: len(found) for name, found in listed.items()},
        # Now and then the journal holds all that was found instead of what changed: what is gone is then
        # not told, and a receiver that keeps count had better ask.
        "complete": whole and all(len(found) <= _MOST_LISTED for found in listed.values()),
    }
    identifier = f"findings_{position}_{changeset.id[:16]}"
    return _message(identifier, HookEvent.FINDINGS, changeset.at, data)


def _told_apart(body: Mapping[str, Any], at: str) -> tuple[list[Any], list[Any], bool]:
    if "findings" not in body:
        return body.get("appeared", []), body.get("gone", []), True
    since = body.get("since") or [at] * len(body["findings"])
    return [key for key, when in zip(body["findings"], since, strict=True) if when == at], [], False


def _finding(key: list[str]) -> dict[str, str]:
    return {"rule": key[0], "node": key[1]}


def _proposal(event: Event) -> Message:
    number = event.stream.removeprefix(STREAM)
    data = {"proposal": int(number), "step": event.kind, "event": event.position}
    return _message(f"proposals_{event.position}_{event.id[:16]}", HookEvent.PROPOSALS, event.at, data)


def _message(identifier: str, kind: str, at: str, data: Mapping[str, Any]) -> Message:
    return Message(identifier, orjson.dumps({"type": kind, "id": identifier, "timestamp": at, "data": data}))
