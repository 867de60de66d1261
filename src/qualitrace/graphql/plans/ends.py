"""Where the paths of a trace end, those that end alike gathered (floor 4)."""

from __future__ import annotations

from qualitrace.graphql.shared_types import FactBasis
from qualitrace.graphql.trace_types import path_dates
from qualitrace.journal.model import Basis
from qualitrace.tracing.model import Ending, Path, Trace

_STRENGTH = {basis: list(FactBasis).index(FactBasis(basis.value)) for basis in Basis}


class End:
    """What the paths that end in the same way share (``TraceEnd`` of the schema)."""

    __slots__ = ("basis", "count", "dates", "node", "path")

    def __init__(self, path: Path, node: str, dates: tuple[str, str]) -> None:
        self.path = path
        self.node = node
        self.dates = dates
        self.basis = path.basis
        self.count = 0

    def add(self, path: Path) -> None:
        """Count a path; the strongest basis counts."""
        self.count += 1
        if _STRENGTH[path.basis] < _STRENGTH[self.basis]:
            self.basis = path.basis


def ends_of(trace: Trace) -> list[End]:
    """Gather paths by where they end, strongest basis first; the order of paths settles the rest."""
    gathered: dict[tuple[object, ...], End] = {}
    for path in trace.paths:
        dates, node = path_dates(path), last_of(trace, path)
        key = (node, path.missing, path.capacity, *dates)
        end = gathered.get(key)
        if end is None:
            end = gathered[key] = End(path, node, dates)
        end.add(path)
    return sorted(gathered.values(), key=lambda end: (end.path.ending is Ending.ABSENT, _STRENGTH[end.basis]))


def last_of(trace: Trace, path: Path) -> str:
    """Return the node a path ends at."""
    if not path.steps:
        return trace.start
    last = path.steps[-1]
    return last.source if trace.backwards else last.target
