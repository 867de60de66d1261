"""Keys that are there twice: in one registry, or in several (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from qualitrace.across.keys import label_of
from qualitrace.across.model import Duplicate, Kept, Key
from qualitrace.across.one import One

# The nodes of one registry that have a key.
KeptBy = Mapping[Key, tuple[Kept, ...]]


def kept(one: One, keys: Sequence[Key], alone: Collection[str], day: dt.date) -> KeptBy:
    """Return the nodes that have a key several have on a day, or that should be of one registry alone."""
    held = {
        replace(key, value=value, label=label_of(value, one.profile) if key.links else key.label): nodes
        for key in keys
        for value, nodes in one.held(key, day).items()
        if len(nodes) > 1 or key.property in alone
    }
    known = {node.iri: node for node in one.nodes({iri for some in held.values() for iri in some}, day)}
    name = one.engine.registry
    return {
        key: tuple(Kept(name, known[iri]) for iri in nodes if iri in known) for key, nodes in held.items()
    }


def within(answers: Mapping[str, KeptBy]) -> Iterator[Duplicate]:
    """Find keys that several nodes of one class in one registry have."""
    for by_key in answers.values():
        for key, nodes in by_key.items():
            by_class: dict[str, list[Kept]] = {}
            for one in nodes:
                for kind in one.node.classes:
                    by_class.setdefault(kind, []).append(one)
            groups = dict.fromkeys(tuple(some) for some in by_class.values() if len(some) > 1)
            yield from (Duplicate(key, group) for group in groups)


def between(answers: Mapping[str, KeptBy], alone: Collection[str]) -> Iterator[Duplicate]:
    """Find keys of some properties that several registries have."""
    found: dict[Key, list[Kept]] = {}
    for by_key in answers.values():
        for key, nodes in by_key.items():
            if key.property in alone:
                found.setdefault(key, []).extend(nodes)
    for key, some in sorted(found.items(), key=lambda one: (one[0].property, one[0].value)):
        if len({one.registry for one in some}) > 1:
            yield Duplicate(key, tuple(some), across=True)
