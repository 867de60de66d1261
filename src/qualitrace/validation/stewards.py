"""Who must act: the unit that the steward path of a shape leads to (``qt:steward``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.data import Data, Term, plain
from qualitrace.validation.paths import HERE, Alternative, Path, Repeat, normal
from qualitrace.validation.run import Hit
from qualitrace.validation.walking import ends

Units = dict[Term, Term | None]


class _Way(NamedTuple):
    """One steward path that applies to a check: where it starts, and the units it is known to lead to."""

    path: Path
    from_focus: bool  # else from the focus node of the shape with the target
    units: Units


class Stewards:
    """Finds the units of hits; what was found is remembered for each path and node."""

    def __init__(self, compiled: CompiledShapes, data: Data) -> None:
        self._data = data
        self._paths = compiled.stewards
        self._units: dict[Path, Units] = {}
        self._ways: dict[int, list[_Way]] = {}  # by the identity of the check, which outlives this

    def of(self, hit: Hit) -> Term | None:
        """Return the unit that must act, from the nearest shape that leads to one."""
        key = id(hit.check)
        if key not in self._ways:
            self._ways[key] = list(self._ways_of(hit.check))
        for path, from_focus, units in self._ways[key]:
            start = hit.focus if from_focus else hit.root
            if start not in units:
                # The first by name where there are several, so that runs agree.
                units[start] = min(ends(self._data, start, path), key=plain, default=None)
            unit = units[start]
            if unit is not None:
                return unit
        return None

    def _ways_of(self, check: Check) -> Iterator[_Way]:
        """The steward paths that apply, nearest shape and first choice first."""
        shapes, at_focus = check.shapes, True
        for number in range(len(shapes) - 1, -1, -1):
            path = self._paths.get(shapes[number].node)
            if path is not None and (at_focus or number == 0):
                for choice in map(normal, choices(path)):
                    yield _Way(choice, at_focus, self._units.setdefault(choice, {}))
            # A property shape above has another focus node: its values are the nodes below.
            if number > 0 and shapes[number - 1].path is not None:
                at_focus = False


def choices(path: Path) -> list[Path]:
    """Take alternatives apart, in the order in which they are written: the first that leads to a unit
    says who acts. ``sh:zeroOrOnePath`` stays where it is before it goes on.
    """
    if isinstance(path, Alternative):
        return [choice for item in path.items for choice in choices(item)]
    if isinstance(path, Repeat) and path.sign == "?":
        return [HERE, *choices(path.inner)]
    return [path]
