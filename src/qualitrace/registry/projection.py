"""The projections one open registry keeps: the store, what follows, and the trace index (floor 3)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.reasoning import DatedRules, Program, compile_program, infer
from qualitrace.registry.stopwatch import Stopwatch
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import Fact, iri
from qualitrace.tracing import TraceIndex

Listener = Callable[["Delta | None"], None]  # None: nobody knows what changed

MOST_FOLLOWED = 10_000  # with more changed facts, all that follows is worked out anew


@dataclass(frozen=True, slots=True)
class Delta:
    """The facts that appeared and disappeared: stated ones, and those that follow."""

    stated_added: tuple[Fact, ...]
    stated_removed: tuple[Fact, ...]
    inferred_added: tuple[Fact, ...]
    inferred_removed: tuple[Fact, ...]

    @property
    def added(self) -> tuple[Fact, ...]:
        """What appeared in either graph."""
        return self.stated_added + self.inferred_added

    @property
    def removed(self) -> tuple[Fact, ...]:
        """What disappeared from either graph."""
        return self.stated_removed + self.inferred_removed

    def reversed(self) -> Delta:
        """What takes the change back."""
        return Delta(self.stated_removed, self.stated_added, self.inferred_removed, self.inferred_added)


class Projection:
    """Oxigraph, the inferred facts and the trace index, kept in step with the journal.

    ``bare``: nothing is in the store, and nothing is compiled, until :meth:`start` or :meth:`resume`.
    """

    def __init__(self, profile: Profile, *, bare: bool = False) -> None:
        self._profile = profile
        self.engine = OxigraphEngine()
        self._compiled: Program | None = None
        self.dated = DatedRules()  # shared with whatever is copied from here
        self._index: TraceIndex | None = None
        self._saved: Callable[[], bytes] | None = None
        self._building = threading.Lock()
        self._listeners: list[Listener] = []
        if not bare:
            self.start()

    def listen(self, listener: Listener) -> None:
        """Tell of every change from now on, while who changes the projections keeps readers out."""
        self._listeners.append(listener)

    def _tell(self, delta: Delta | None) -> None:
        for listener in self._listeners:
            listener(delta)

    def start(self) -> None:
        """Begin with the profile alone. Raises ProfileError for rules that may not or cannot run."""
        self.engine.load(PROFILE, self._profile.ontology.serialize(format="nt"))
        self._compiled = compile_program(self._profile)

    def resume(self, saved_index: Callable[[], bytes]) -> None:
        """Go on from a store that was filled before, by the same profile, and from its index.

        ``saved_index`` is called when the index is first needed; what it gives may turn out useless.
        """
        self._saved = saved_index

    @property
    def program(self) -> Program:
        """The profile's axioms and rules, compiled."""
        if self._compiled is None:
            self._compiled = compile_program(self._profile)
        return self._compiled

    @property
    def index(self) -> TraceIndex:
        """The trace index, built when first asked for."""
        with self._building:
            if self._index is None:
                self._index = self._restored() or TraceIndex.build(self.engine, self._profile)
            return self._index

    def _restored(self) -> TraceIndex | None:
        """The index as it was saved; only while the store has not changed since."""
        saved, self._saved = self._saved, None
        if saved is not None:
            with contextlib.suppress(OSError, ValueError):
                return TraceIndex.restore(saved(), self.engine, self._profile)
        return None

    def _before_change(self) -> None:
        """Read a saved index while it still says what the store says."""
        if self._index is None:
            with self._building:
                self._index = self._restored()

    def replay(self, changesets: Iterable[Changeset]) -> tuple[int, Delta | None]:
        """Apply changesets in order and infer once at the end.

        Returns how many were applied and what they did together; None when that was not kept account of.
        """
        self._before_change()
        empty = self.engine.position == 0
        count, net = 0, Net()
        for changeset in changesets:
            self.engine.apply(changeset)
            count += 1
            if not empty:
                net.note(changeset.facts_added, changeset.facts_removed)
        if empty or len(net) > MOST_FOLLOWED:
            if count:
                infer(self.engine, self._profile, self.program)
                self._index = None
                self._tell(None)
            return count, None
        return count, self._follow(tuple(net.added), tuple(net.removed), Stopwatch())

    def copy(self, *, empty: bool = False) -> Projection:
        """Return other projections of the same facts at the same position; ``empty``: of none, at 0."""
        made = self.beside(self.engine.copy(PROFILE) if empty else self.engine.copy())
        if empty:
            made.engine.mark(0)
        else:
            made.share_index(self)
            made._saved = self._saved
        return made

    def beside(self, engine: OxigraphEngine) -> Projection:
        """Return projections of what another engine holds, by the same profile; without an index."""
        made = Projection.__new__(Projection)
        made._profile, made._compiled, made.dated = self._profile, self.program, self.dated
        made._index, made._saved, made._building = None, None, threading.Lock()
        made._listeners = []
        made.engine = engine
        return made

    def share_index(self, other: Projection) -> None:
        """Begin with a copy of the index of projections that hold the same, where it was built."""
        with other._building:
            self._index = None if other._index is None else other._index.copy(self.engine)

    def leave_out(self, nodes: Iterable[str]) -> tuple[Fact, ...]:
        """Take nodes (IRIs) out, with all that is said about them and every link to them; return all that.

        What follows from that stays as it is: it does not follow anew on another day.
        """
        gone = sorted(set(nodes))
        index, removed = self.index, list[Fact]()
        for graph in (STATED, INFERRED):
            about = {
                fact: None
                for node in gone
                for facts in (
                    self.engine.facts(graph, subject=node),
                    self.engine.facts(graph, object=iri(node)),
                )
                for fact in facts
            }
            self.engine.change(graph, (), about)
            removed += about
        index.apply((), removed)
        return tuple(removed)

    def try_change(
        self, added: Iterable[Fact], removed: Iterable[Fact], clock: Stopwatch | None = None
    ) -> Delta:
        """Change the stated facts and what follows from them, without moving the position."""
        added, removed, clock = tuple(added), tuple(removed), clock or Stopwatch()
        self._before_change()
        with clock.phase("apply"):
            self.engine.change(STATED, added, removed)
        return self._follow(added, removed, clock)

    def _follow(self, added: tuple[Fact, ...], removed: tuple[Fact, ...], clock: Stopwatch) -> Delta:
        """Bring what follows, and the index, up to date with changed stated facts."""
        if not added and not removed:
            return Delta((), (), (), ())
        with clock.phase("infer"):
            inferred = infer(self.engine, self._profile, self.program, changed=(added, removed))
        delta = Delta(added, removed, inferred.added, inferred.removed)
        with clock.phase("project"):
            if self._index is not None:
                self._index.apply(delta.added, delta.removed)
        self._tell(delta)
        return delta

    def undo(self, delta: Delta) -> None:
        """Take back what :meth:`try_change` did."""
        self.engine.change(STATED, delta.stated_removed, delta.stated_added)
        self.engine.change(INFERRED, delta.inferred_removed, delta.inferred_added)
        if self._index is not None:
            self._index.apply(delta.removed, delta.added)
        self._tell(delta.reversed())

    def redo(self, delta: Delta) -> None:
        """Make again what :meth:`undo` took back."""
        self.engine.change(STATED, delta.stated_added, delta.stated_removed)
        self.engine.change(INFERRED, delta.inferred_added, delta.inferred_removed)
        if self._index is not None:
            self._index.apply(delta.added, delta.removed)
        self._tell(delta)

    def restore(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Take back a change of stated facts that broke off half-way; all else is worked out anew."""
        self.engine.change(STATED, tuple(removed), tuple(added))
        self._index = None
        infer(self.engine, self._profile, self.program)
        self._tell(None)


class Net:
    """What several changes come to together: a fact that came and went again is in neither."""

    def __init__(self) -> None:
        self.added: dict[Fact, None] = {}
        self.removed: dict[Fact, None] = {}

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)

    def note(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Note one more change. A fact on both sides moved between graphs: nothing changed."""
        came, went = dict.fromkeys(added), dict.fromkeys(removed)
        for here, there, facts in ((self.added, self.removed, came), (self.removed, self.added, went)):
            for fact in facts:
                if fact in came and fact in went:
                    continue
                if fact in there:
                    del there[fact]
                else:
                    here[fact] = None
