"""Changes that somebody approved: a registry lets whole nodes go by an approved proposal only."""

from __future__ import annotations

from dataclasses import replace

from qualitrace.registry import Change, Registry, proposing
from qualitrace.registry.proposals import Actor, Step, decision, opened


def decided(registry: Registry, change: Change) -> Change:
    """Return a change with its approval, where it takes whole nodes away; else the change itself."""
    if not proposing.vanishing(registry, change):
        return change
    found = opened(registry.journal, change, "示例", Actor("示例甲", "office"), registry.position)
    note = decision(found, Step.APPROVED, Actor("示例乙", "auditor"), "")
    return replace(change, notes=(*change.notes, note))
