"""Copies of what an open registry holds, as cheaply as they can be had (floor 3)."""

from __future__ import annotations

from qualitrace.journal import Journal
from qualitrace.journal.lookup import count_between, net_change
from qualitrace.registry.checkpoint import Checkpoints
from qualitrace.registry.projection import Projection
from qualitrace.store import OxigraphEngine

LARGE = 50_000  # facts in memory; fewer are copied one by one as fast as a store on disk is opened
COST_OF_CHANGE = 4  # changing a fact costs about as much as copying so many


class Copies:
    """Makes copies of projections that hold what the journal says, nothing tried out, nothing left out.

    A store on disk is copied by links to its files. A large one in memory would be copied fact by fact: the
    registry's newest checkpoint, brought to the same position, stands in for it, and is made when there is
    none.
    """

    def __init__(self, journal: Journal, checkpoints: Checkpoints | None = None) -> None:
        self._journal = journal
        self._checkpoints = checkpoints

    def of(self, whole: Projection) -> Projection:
        """Return other projections of the same facts at the same position. They must not change meanwhile."""
        if not self.costly(whole):
            return whole.copy()
        return self._from_checkpoint(whole) or whole.copy()

    def cost(self, whole: Projection) -> int:
        """Return what a copy costs, as the number of facts that are copied or changed for it."""
        return 0 if whole.engine.on_disk or self.costly(whole) else whole.engine.size

    def costly(self, whole: Projection) -> bool:
        """Tell whether a copy is to be made another way than fact by fact."""
        engine = whole.engine
        return self._checkpoints is not None and not engine.on_disk and engine.size > LARGE

    def _from_checkpoint(self, whole: Projection) -> Projection | None:
        assert self._checkpoints is not None
        engine = self._checkpoints.copied()
        if engine is None or not self._near(engine, whole):
            head = self._journal.id_at(whole.engine.position)
            if not self._checkpoints.write(whole.engine, head, whole.index.saved):
                return None
            engine = self._checkpoints.copied()
        if engine is None or not self._near(engine, whole):
            return None
        made = whole.beside(engine)
        added, removed = net_change(self._journal, engine.position, whole.engine.position)
        made.try_change(added, removed)
        made.engine.mark(whole.engine.position)
        made.share_index(whole)
        return made

    def _near(self, engine: OxigraphEngine, whole: Projection) -> bool:
        changes = count_between(self._journal, engine.position, whole.engine.position)
        return COST_OF_CHANGE * changes <= whole.engine.size
