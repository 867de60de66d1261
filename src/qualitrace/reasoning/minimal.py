"""A smallest part of a collection that still shows what the whole shows (floor 2).

The method is QuickXplain (U. Junker, AAAI 2004): a part is halved, and each half minimised beside the other.
For k culprits among n it asks about k·log2(n/k) times. "Smallest" means that nothing can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Shows = Callable[[Sequence[Item]], bool]


def minimal(items: Sequence[Item], shows: Shows[Item]) -> list[Item]:
    """Return a part of ``items``, in their order, that ``shows`` it and none of whose members is needless.

    ``shows`` says whether a part shows it; with more items it must not stop showing it, and all items
    together must show it. Raises ValueError when they do not.
    """
    if shows([]):
        return []
    if not shows(items):
        raise ValueError("all together do not show it")
    kept = set(_needed([], False, list(enumerate(items)), lambda part: shows([one for _, one in part])))
    return [one for at, one in enumerate(items) if at in kept]


Numbered = tuple[int, Item]


def _needed(
    beside: list[Numbered[Item]],
    grown: bool,
    among: list[Numbered[Item]],
    shows: Callable[[list[Numbered[Item]]], bool],
) -> list[int]:
    """Return the places of those of ``among`` that are needed ``beside`` others; ``grown`` if these grew."""
    if grown and shows(beside):
        return []
    if len(among) == 1:
        return [among[0][0]]
    half = len(among) // 2
    first, second = among[:half], among[half:]
    later = _needed(beside + first, True, second, shows)
    wanted = set(later)
    kept = [one for one in second if one[0] in wanted]
    earlier = _needed(beside + kept, bool(kept), first, shows)
    return earlier + later
