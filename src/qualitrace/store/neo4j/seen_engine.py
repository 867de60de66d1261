"""One registry in a Neo4j database as far as an audience sees it (floor 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from qualitrace.errors import ForbiddenError
from qualitrace.store.engine import INFERRED, PROFILE, STATED
from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.store.neo4j.reading import Reader
from qualitrace.store.neo4j.seeing import MASK
from qualitrace.store.neo4j.server import Row
from qualitrace.terms import Fact
from qualitrace.text import Text


class SeenEngine(Neo4jEngine):
    """An engine without what an audience may not see, for reading; ``whole`` is the engine it is a part of.

    ``units`` are the IRIs of the units whose protected facts are seen, on the day ``today``. Statements
    are written through ``mask``; the audience is given with each of them.
    """

    mask = MASK

    def __init__(self, whole: Neo4jEngine, units: Iterable[str], today: dt.date) -> None:
        super().__init__(whole.server, whole.naming, whole.registry)
        self.whole = whole
        self.units = frozenset(units)
        self._given = {"units": sorted(self.units), "today": today}
        self.settled = whole.settled
        self._reader = Reader(self.settled, whole.naming, whole.registry, self.mask, self._given)
        self._profile = whole._profile

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """Run a reading Cypher statement, as :meth:`Neo4jEngine.read`; the audience is given too."""
        return self.settled.read(statement, registry=self.registry, **self._given, **parameters)

    def stream(self, statement: str, **parameters: Any) -> Iterator[Row]:
        """Run a reading statement as :meth:`read`, and yield its rows as they come."""
        return self.settled.stream(statement, registry=self.registry, **self._given, **parameters)

    def count(self, graph: str) -> int:
        """Count the facts of one graph that are seen."""
        if graph == PROFILE:
            return super().count(graph)
        return sum(1 for _ in self.facts(graph)) if graph in (STATED, INFERRED) else 0

    def put(self, *changes: Any, **how: Any) -> NoReturn:
        """Refuse: what somebody sees is not changed through their eyes."""
        raise _read_only()

    def change(self, graph: str, added: Iterable[Fact], removed: Iterable[Fact]) -> NoReturn:
        """Refuse, as :meth:`put`."""
        raise _read_only()

    def load(self, graph: str, ntriples: str) -> NoReturn:
        """Refuse, as :meth:`put`."""
        raise _read_only()

    def prepare(self) -> NoReturn:
        """Refuse, as :meth:`put`."""
        raise _read_only()

    def clear(self) -> NoReturn:
        """Refuse, as :meth:`put`."""
        raise _read_only()


def _read_only() -> ForbiddenError:
    return ForbiddenError(
        Text(zh="这里只能查看,不能修改。", en="This can be read only, not changed."),
        hint=Text(zh="请在登记库本身上修改。", en="Change the registry itself."),
    )
