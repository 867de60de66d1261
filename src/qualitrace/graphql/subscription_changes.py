"""What a changeset changed, as an audience may be told of it (floor 4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from qualitrace.access.model import Audience, Caller, Right
from qualitrace.errors import QueryError, UnavailableError
from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import RESOURCE, ApiModel
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.rights import sees_protected
from qualitrace.journal.effects import Effects, effects
from qualitrace.journal.lookup import Signature, signatures
from qualitrace.registry.registry import Registry
from qualitrace.registry.veiling import OPEN, Veil
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri
from qualitrace.text import Text

MOST_FACTS = 20_000  # of one changeset that are looked at
MOST_NODES = 1_000  # that one event names
KEPT = 256  # changesets, as an audience is told of them


class Fate(StrEnum):
    """What became of a node in one changeset."""

    ADDED = "added"  # it was given its class
    REMOVED = "removed"  # its class was taken away
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ChangedNode:
    """A node that somebody may be told of: ``type_name`` is its object type in the API."""

    iri: str
    type_name: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Change:
    """A changeset as an audience is told of it. ``author`` and ``message`` are None where not shown.

    ``whole`` is false when more nodes changed than ``nodes`` names.
    """

    position: int
    id: str
    at: str
    author: str | None
    message: str | None
    nodes: tuple[ChangedNode, ...]
    whole: bool


class _Kinds:
    """The classes of nodes: those they have, and those that the changeset says they had."""

    def __init__(self, reading: Reading, facts: Iterable[Fact]) -> None:
        self._engine = reading.engine
        self._found: dict[str, frozenset[str]] = {}
        self._told: dict[str, set[str]] = {}
        for fact in facts:
            if fact.predicate == RDF_TYPE and is_iri(fact.object):
                self._told.setdefault(fact.subject, set()).add(iri_of(fact.object))

    def get(self, node: str, default: frozenset[str] = frozenset()) -> frozenset[str]:
        if node not in self._found:
            facts = self._engine.facts(subject=node, predicate=RDF_TYPE)
            has = {iri_of(fact.object) for fact in facts if is_iri(fact.object)}
            self._found[node] = frozenset(has | self._told.get(node, set()))
        return self._found[node]


class Changes:
    """Reads changesets for those who are told of them; many threads may ask."""

    def __init__(self, whole: Reading) -> None:
        self._whole = whole
        self._models: dict[bool, ApiModel] = {}
        self._kept: OrderedDict[tuple[int, Audience, bool, bool], Change] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def position(self) -> int:
        """The newest position there is to be told of."""
        return self._whole.position

    def check(self, after: int) -> None:
        """Raise QueryError when there is no such position, UnavailableError when there is no journal."""
        self._registry()
        if not 0 <= after <= self.position:
            raise QueryError(
                Text(zh=f"没有第 {after} 次变更。", en=f"There is no changeset {after}."),
                where="after",
                hint=Text(
                    zh=f"最新为 {self.position};0 为从头开始。",
                    en=f"The newest is {self.position}; 0 tells all.",
                ),
            )

    def after(self, position: int, caller: Caller, most: int) -> list[Change]:
        """Return at most so many of the changesets after a position, oldest first, without a gap."""
        registry = self._registry()
        with registry.reading():
            upto = min(registry.position, position + most)
            told = [self._known(at, caller) for at in range(position + 1, upto + 1)]
            missing = [at for at, one in enumerate(told, start=position + 1) if one is None]
            signed = signatures(registry.journal, missing)
            made = {one.position: self._told(registry, one, caller) for one in signed}
        return [one or made[at] for at, one in enumerate(told, start=position + 1)]

    def _registry(self) -> Registry:
        if not isinstance(self._whole, Registry):
            raise UnavailableError(Text(zh="这里没有登记历史。", en="There is no history here."))
        return self._whole

    def _key(self, position: int, caller: Caller) -> tuple[int, Audience, bool, bool]:
        return position, caller.audience, Right.HISTORY in caller.rights, sees_protected(caller.rights)

    def _known(self, position: int, caller: Caller) -> Change | None:
        with self._lock:
            return self._kept.get(self._key(position, caller))

    def _told(self, registry: Registry, signed: Signature, caller: Caller) -> Change:
        did = effects(registry.journal, signed.position, MOST_FACTS)
        nodes = self._nodes(registry, did, caller)
        signs = Right.HISTORY in caller.rights and caller.audience.everything
        change = Change(
            position=signed.position,
            id=signed.id,
            at=signed.at,
            author=signed.author if signs else None,
            message=signed.message if signs else None,
            nodes=tuple(nodes[:MOST_NODES]),
            whole=did.whole and len(nodes) <= MOST_NODES,
        )
        with self._lock:
            self._kept[self._key(signed.position, caller)] = change
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return change

    def _nodes(self, registry: Registry, did: Effects, caller: Caller) -> list[ChangedNode]:
        everything = caller.audience.everything
        model = self._model(sees_protected(caller.rights))
        kinds = _Kinds(registry, (*did.added, *did.removed))
        # First the view, which is brought up to date under the registry's lock; then what it is made with.
        engine = registry.seen_by(caller.audience).engine
        veil = None if everything else registry.views.veil()
        seen: dict[str, None] = {}
        for fact in (*did.added, *did.removed):
            if fact.subject in seen:
                continue
            if veil is None or self._sees(fact, veil, kinds, engine):
                seen[fact.subject] = None
        found, fates = [], _fates(did)
        for node in seen:
            name = model.object_type(kinds.get(node))
            if name not in ("", RESOURCE):
                found.append(ChangedNode(node, name, fates.get(node, Fate.CHANGED)))
        return found

    @staticmethod
    def _sees(fact: Fact, veil: Veil, kinds: _Kinds, engine: Any) -> bool:
        """Tell whether an audience may know that a fact came or went; it does if it sees the fact now.

        Of a node that is gone, and whose class nobody says any longer, nothing is told.
        """
        if not kinds.get(fact.subject) or _gone(fact, kinds):
            return False
        if veil.lock(fact, cast(Any, kinds)) == OPEN:
            return True
        same = {"subject": fact.subject, "predicate": fact.predicate, "object": fact.object}
        return next(engine.facts(**same), None) is not None

    def _model(self, protected: bool) -> ApiModel:
        with self._lock:
            if protected not in self._models:
                self._models[protected] = derive(self._whole.profile, protected=protected)
            return self._models[protected]


def _gone(fact: Fact, kinds: _Kinds) -> bool:
    """Tell whether a fact leads to a node that is gone: nobody says any longer whether it was protected."""
    return fact.predicate != RDF_TYPE and is_iri(fact.object) and not kinds.get(iri_of(fact.object))


def _fates(did: Effects) -> Mapping[str, Fate]:
    came = {fact.subject for fact in did.added if fact.predicate == RDF_TYPE}
    went = {fact.subject for fact in did.removed if fact.predicate == RDF_TYPE}
    return {**dict.fromkeys(came - went, Fate.ADDED), **dict.fromkeys(went - came, Fate.REMOVED)}
