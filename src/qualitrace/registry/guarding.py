"""The facts of a registry for those who do not see everything: one store for all of them (floor 3)."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable

from qualitrace.access.model import PUBLIC, Audience
from qualitrace.profile.model import Profile
from qualitrace.registry.projection import Delta, Projection
from qualitrace.registry.showing import Names, Shown
from qualitrace.registry.stewarding import moved
from qualitrace.registry.veiling import OPEN, Place, Veil
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import Fact, iri_of, is_iri, lit_of

MOST_PENDING = 50_000  # with more changed facts, everything is read again
MOST_AUDIENCES = 64


class Guarded:
    """A store without the hidden facts, and beside it, in graphs of their own, what each audience sees."""

    def __init__(self, profile: Profile, projection: Projection, veil: Veil) -> None:
        self._profile, self._projection, self._veil = profile, projection, veil
        self.engine = projection.engine.copy()
        for graph in (STATED, INFERRED):
            self.engine.change(graph, (), (place.fact for place in veil.hidden if place.graph == graph))
        self._names = Names(veil, profile)
        self._shown: OrderedDict[Audience, Shown] = OrderedDict()
        self._gone: list[Shown] = []  # to be closed with the next change: somebody may still read
        self._number = 0
        self._units: dict[str, frozenset[str]] = {}
        self.day = dt.date.today()

    def shown(self, audience: Audience) -> Shown:
        """Return what an audience sees."""
        found = self._shown.get(audience)
        if found is None:
            self._number += 1
            found = Shown(audience, self._number, self.engine, self._veil, self._names, self.units)
            self._shown[audience] = found
        self._shown.move_to_end(audience)
        return found

    def known(self, audience: Audience) -> Shown | None:
        """Return what an audience sees, if it asked before."""
        return self._shown.get(audience)

    def units(self, node: str) -> frozenset[str]:
        """Return the units that a node's steward path ends at today."""
        found = self._units.get(node)
        if found is None:
            found = self._units[node] = self._projection.index.stewards(
                node, as_of=self.day, among=self._veil.sensitive
            )
        return found

    def follow(self, deltas: Iterable[Delta], touched: set[Place]) -> None:
        """Follow changes of the registry; ``touched`` are the places that the veil looked at."""
        deltas = tuple(deltas)
        for graph in (STATED, INFERRED):
            added: list[Fact] = []
            removed: list[Fact] = []
            for place in touched:
                if place.graph == graph:
                    open_now = self._veil.hidden.get(place, OPEN) == OPEN and self._veil.holds(place)
                    (added if open_now else removed).append(place.fact)
            self.engine.change(graph, added, removed)
        nodes = {place.fact.subject for place in touched}
        nodes |= {iri_of(place.fact.object) for place in touched if is_iri(place.fact.object)}
        engine, sensitive = self._projection.engine, self._veil.sensitive
        moved_nodes = moved(self._profile, sensitive, engine, deltas) if self._units else set()
        for node in moved_nodes:
            self._units.pop(node, None)
        self._names.forget(nodes)
        places = touched | {place for node in moved_nodes for place in self._veil.by_node.get(node, ())}
        changed = {place.fact for place in touched}
        for shown in self._shown.values():
            shown.note(changed)
            shown.follow(places, nodes | moved_nodes)
        while len(self._shown) > MOST_AUDIENCES:
            self._gone.append(self._shown.popitem(last=False)[1])
        while self._gone:
            self._gone.pop().close()  # nobody asks meanwhile

    def new_day(self) -> None:
        """Look again who is responsible for whom, when the day has changed."""
        today = dt.date.today()
        if today != self.day:
            self._units.clear()
            self._gone += [self._shown.pop(one) for one in list(self._shown) if one.units]
            self.day = today


class Views:
    """What is hidden, and what each audience sees of a registry, kept up with it.

    Made when first asked for. Whoever asks reads meanwhile, so that nothing changes; the lock of the
    registry is taken before the one in here.
    """

    def __init__(self, profile: Profile, projection: Projection) -> None:
        self._profile, self._projection = profile, projection
        self._veil: Veil | None = None
        self._guarded: Guarded | None = None
        self._texts: tuple[Veil, int, tuple[tuple[str, str], ...]] | None = None
        self._pending: list[Delta] | None = []  # None: too much to follow
        self._lock = threading.RLock()
        projection.listen(self._note)

    @property
    def held(self) -> int:
        """How many facts are kept beside the registry's own."""
        if self._guarded is None:
            return 0
        engine = self._guarded.engine
        return 0 if engine.on_disk else engine.size

    def _note(self, delta: Delta | None) -> None:
        if self._veil is None:
            return
        if delta is None or self._pending is None:
            self._pending = None
            return
        self._pending.append(delta)
        if sum(len(one.added) + len(one.removed) for one in self._pending) > MOST_PENDING:
            self._pending = None

    def veil(self) -> Veil:
        """What is hidden now."""
        with self._lock:
            self._follow()
            if self._veil is None:
                self._veil = Veil(self._profile, self._projection.engine, lambda: self._projection.program)
            return self._veil

    def texts(self) -> tuple[tuple[str, str], ...]:
        """The protected texts, each with the node it is about; the same object until they change."""
        with self._lock:
            veil = self.veil()
            if self._texts is None or self._texts[:2] != (veil, veil.version):
                found = {
                    (place.fact.subject, lit_of(place.fact.object).value)
                    for place in veil.hidden
                    if not is_iri(place.fact.object)
                }
                found |= {(node, node) for node in veil.closed_nodes()}
                self._texts = veil, veil.version, tuple(sorted(found))
            return self._texts[2]

    def shown(self, audience: Audience) -> Shown:
        """What an audience sees now. Whoever asks holds the lock of the registry."""
        with self._lock:
            veil = self.veil()
            if self._guarded is None:
                self._guarded = Guarded(self._profile, self._projection, veil)
            self._guarded.new_day()
            if self._guarded.engine.position != self._projection.engine.position:
                self._guarded.engine.mark(self._projection.engine.position)
            return self._guarded.shown(audience)

    def units(self, node: str) -> frozenset[str]:
        """The units whose stewards see what is protected of a node. Whoever asks holds the lock."""
        with self._lock:
            self.shown(PUBLIC)
            assert self._guarded is not None
            return self._guarded.units(node)

    def ready(self, audience: Audience) -> Shown | None:
        """What an audience sees, where it is known already and nothing has changed since."""
        guarded = self._guarded
        if guarded is None or self._pending != [] or guarded.day != dt.date.today():
            return None
        if guarded.engine.position != self._projection.engine.position:
            return None
        return guarded.known(audience)

    def _follow(self) -> None:
        """Catch up; ``_pending`` is emptied last, so that :meth:`ready` sees all of it or nothing."""
        if self._pending is None:
            self._veil = self._guarded = None
        elif self._pending and self._veil is not None:
            touched = self._veil.follow(self._pending)
            if self._guarded is not None:
                self._guarded.follow(self._pending, touched)
        self._pending = []
