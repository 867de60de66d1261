"""Who must act: the unit that the steward path of a shape leads to (``qt:steward``)."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.data import Data, Term, batches, bindings, plain, values_block
from qualitrace.validation.expressions import Writer, values_of
from qualitrace.validation.paths import HERE, Alternative, Path, Repeat
from qualitrace.validation.run import Hit


class Stewards:
    """Finds the unit of many hits with one query per steward path."""

    def __init__(self, compiled: CompiledShapes, data: Data) -> None:
        self._data = data
        self._paths = compiled.stewards
        self._units: dict[tuple[Path, Term], Term] = {}

    def learn(self, hits: Iterable[Hit]) -> None:
        """Ask for the units of hits."""
        wanted: dict[Path, list[Term]] = {}
        for hit in hits:
            for path, node in self._places(hit):
                if (path, node) not in self._units:
                    wanted.setdefault(path, []).append(node)
        for path, nodes in wanted.items():
            self._ask(path, list(dict.fromkeys(nodes)))

    def of(self, hit: Hit) -> Term | None:
        """Return the unit that must act, from the nearest shape that leads to one."""
        found = (self._units.get(place) for place in self._places(hit))
        return next((unit for unit in found if unit is not None), None)

    def _ask(self, path: Path, nodes: list[Term]) -> None:
        if path == HERE:
            self._units.update({(path, node): node for node in nodes})
            return
        writer = Writer({})
        for batch in batches(nodes):
            pattern = f"{values_block('?node', batch)} {values_of(writer, '?node', path, '?unit')}"
            rows = self._data.select(
                f"SELECT DISTINCT ?node ?unit WHERE {{ {pattern} }}", bindings("?node", batch)
            )
            for row in sorted(rows, key=lambda row: plain(row["unit"])):
                self._units.setdefault((path, row["node"]), row["unit"])

    def _places(self, hit: Hit) -> list[tuple[Path, Term]]:
        """The steward paths that apply, nearest shape and first choice first, with where they start."""
        found = []
        shapes, at_focus = hit.check.shapes, True
        for number in range(len(shapes) - 1, -1, -1):
            path = self._paths.get(shapes[number].node)
            if path is not None and (at_focus or number == 0):
                start = hit.focus if at_focus else hit.root
                found += [(choice, start) for choice in choices(path)]
            # A property shape above has another focus node: its values are the nodes below.
            if number > 0 and shapes[number - 1].path is not None:
                at_focus = False
        return found


def choices(path: Path) -> list[Path]:
    """Take alternatives apart, in the order in which they are written: the first that leads to a unit
    says who acts. ``sh:zeroOrOnePath`` stays where it is before it goes on.
    """
    if isinstance(path, Alternative):
        return [choice for item in path.items for choice in choices(item)]
    if isinstance(path, Repeat) and path.sign == "?":
        return [HERE, *choices(path.inner)]
    return [path]
