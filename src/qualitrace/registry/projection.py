"""The projections one open registry keeps: the store, what follows, and the trace index (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.reasoning import compile_program, infer
from qualitrace.store import PROFILE, STATED, OxigraphEngine
from qualitrace.terms import Fact
from qualitrace.tracing import TraceIndex


@dataclass(frozen=True, slots=True)
class Delta:
    """The facts that appeared and disappeared, stated and inferred together."""

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]


class Projection:
    """Oxigraph, the inferred facts and the trace index, kept in step with the journal."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.engine = OxigraphEngine()
        self.engine.load(PROFILE, profile.ontology.serialize(format="nt"))
        self._program = compile_program(profile)
        self._index: TraceIndex | None = None

    @property
    def index(self) -> TraceIndex:
        """The trace index, built when first asked for."""
        if self._index is None:
            self._index = TraceIndex.build(self.engine, self._profile)
        return self._index

    def replay(self, changesets: Iterable[Changeset]) -> int:
        """Apply changesets in order and infer once at the end. Returns how many were applied."""
        count, changed = 0, False
        for changeset in changesets:
            self.engine.apply(changeset)
            count += 1
            changed = changed or bool(changeset.facts_added or changeset.facts_removed)
        if changed:
            infer(self.engine, self._profile, self._program)
            self._index = None
        return count

    def try_change(self, added: Iterable[Fact], removed: Iterable[Fact]) -> Delta:
        """Change the stated facts and what follows from them, without moving the position."""
        added, removed = tuple(added), tuple(removed)
        self.engine.change(STATED, added, removed)
        inferred = infer(self.engine, self._profile, self._program)
        delta = Delta((*added, *inferred.added), (*removed, *inferred.removed))
        if self._index is not None:
            self._index.apply(delta.added, delta.removed)
        return delta
