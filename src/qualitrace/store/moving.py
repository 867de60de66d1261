"""A store on disk goes on in memory, while it is asked and changed (floor 1)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pyoxigraph as ox

from qualitrace.store.contents import Contents
from qualitrace.store.oxigraph import OxigraphEngine
from qualitrace.terms import Fact

_PIECE = 500  # quads that are copied before others get their turn: some milliseconds
_FEW = 20  # changes that are made while nobody may read


class Moving:
    """Copies what an engine holds on disk into memory, in three steps.

    Make it while nobody changes the engine; :meth:`copy`, in the same thread, takes seconds and needs nobody
    to be kept out; :meth:`finish` while nobody reads or changes the engine. What changes in between is noted,
    and made in the copy, too.
    """

    def __init__(self, engine: OxigraphEngine) -> None:
        self._engine = engine
        held = engine._contents
        self._quads: Iterator[Any] = iter(engine.store)  # as the store is now, whatever is changed later
        self._forms, self._counts = held.forms(), dict(held._counts)
        self._noted: deque[Callable[[Contents], None]] = deque()
        self._contents = Contents(ox.Store())
        self._before, engine._contents = held, _Noting(held, self._noted)

    def copy(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Copy, with pauses as long as the work, so that others go on; False when it was ``stopped``."""
        store: Any = self._contents._store
        while True:
            begun = time.perf_counter()
            piece = list(islice(self._quads, _PIECE))
            if not piece:
                break
            store.bulk_extend(piece)
            if stopped():
                self._quads = iter(())
                return False
            time.sleep(time.perf_counter() - begun)
        self._quads = iter(())  # the store's own belongs to this thread
        self._contents.note_forms(self._forms)
        self._contents.note_counts(self._counts)
        while len(self._noted) > _FEW:
            self._noted.popleft()(self._contents)
        return True

    def finish(self) -> None:
        """Let the engine go on with the copy."""
        while self._noted:
            self._noted.popleft()(self._contents)
        engine = self._engine
        engine.store, engine._contents = self._contents._store, self._contents
        engine.on_disk, engine.folder = False, None

    def give_up(self) -> None:
        """Leave the engine as it is; changes are noted no longer. While nobody changes it."""
        self._engine._contents = self._before


class _Noting(Contents):
    """The contents of a store, whose changes are noted."""

    def __init__(self, contents: Contents, noted: deque[Callable[[Contents], None]]) -> None:
        self.__dict__.update(contents.__dict__)  # the same notes: either may be used
        self._noted = noted

    def change(self, added: Iterable[Fact], removed: Iterable[Fact], graph: str) -> None:
        """Remove and add facts, and note it."""
        came, went = tuple(added), tuple(removed)
        super().change(came, went, graph)
        self._noted.append(lambda other: other.change(came, went, graph))

    def load(self, ntriples: bytes, graph: str) -> None:
        """Replace a graph, and note it."""
        super().load(ntriples, graph)
        self._noted.append(lambda other: other.load(ntriples, graph))

    def put_new(self, triples: Iterable[ox.Triple], graph: str) -> list[Fact]:
        """Add what is not there, and note it."""
        found = super().put_new(triples, graph)
        self._noted.append(lambda other: other.change(found, (), graph))
        return found
