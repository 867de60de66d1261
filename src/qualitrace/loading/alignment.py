"""Putting the filled cells of a damaged row to columns, in order, so that they fit best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Fit = int | None  # None: the cell cannot stand in the column


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best that can be done. ``choices`` holds, for each cell, the columns it has in some best
    alignment; it is empty when the cells cannot be placed at all."""

    score: int
    choices: tuple[tuple[int, ...], ...]

    @property
    def certain(self) -> bool:
        """Whether there is exactly one best alignment."""
        return bool(self.choices) and all(len(columns) == 1 for columns in self.choices)


def align(fits: Sequence[Sequence[Fit]]) -> Alignment:
    """Align cells to columns. ``fits[i][j]`` says how well cell ``i`` fits column ``j``.

    Every cell gets a column of its own, and the order of cells is kept. Takes time in proportion to
    cells × columns.
    """
    cells, columns = len(fits), len(fits[0]) if fits else 0
    before = _best(fits, cells, columns)
    backwards = [list(reversed(row)) for row in reversed(fits)]
    after = _best(backwards, cells, columns)
    whole = before[cells][columns]
    if whole is None:
        return Alignment(0, ())
    choices = []
    for cell in range(cells):
        found = []
        for column in range(columns):
            left, fit = before[cell][column], fits[cell][column]
            right = after[cells - cell - 1][columns - column - 1]
            if left is not None and right is not None and fit is not None and left + fit + right == whole:
                found.append(column)
        choices.append(tuple(found))
    return Alignment(whole, tuple(choices))


def _best(fits: Sequence[Sequence[Fit]], cells: int, columns: int) -> list[list[Fit]]:
    """Return ``best[i][j]``: the best score of the first ``i`` cells in the first ``j`` columns."""
    best: list[list[Fit]] = [[0] * (columns + 1)]
    for cell in range(cells):
        row: list[Fit] = [None] * (columns + 1)
        for column in range(columns):
            here, fit = best[cell][column], fits[cell][column]
            options = [row[column]] + ([here + fit] if here is not None and fit is not None else [])
            there = [option for option in options if option is not None]
            row[column + 1] = max(there) if there else None
        best.append(row)
    return best


def in_place(fits: Sequence[Sequence[Fit]], places: Sequence[int]) -> Fit:
    """Return the score of leaving each cell where it is; None when one cannot stand there."""
    score = 0
    for row, place in zip(fits, places, strict=True):
        fit = row[place] if place < len(row) else None
        if fit is None:
            return None
        score += fit
    return score
