"""Pieces of SPARQL for the API's questions (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice

from qualitrace.profile.model import PathStep, PropertyPath


class Names:
    """Fresh variable names, so that pieces of a query never share one by accident."""

    def __init__(self) -> None:
        self._numbers = count()

    def fresh(self) -> str:
        """Return a variable name not used before, with its question mark."""
        return f"?x{next(self._numbers)}"


def values_block(variable: str, iris: Iterable[str]) -> str:
    """Bind a variable to each of some IRIs."""
    return f"VALUES {variable} {{ {' '.join(f'<{iri}>' for iri in iris)} }}"


def path_pattern(start: str, path: PropertyPath, end: str, names: Names, given: str = "") -> str:
    """Return a group pattern that is true when ``path`` leads from ``start`` to ``end``.

    Sequences are written as plain triples and alternatives as UNION: Oxigraph plans these well,
    while it evaluates some property paths from the wrong end. ``given`` binds ``start`` in each.
    """
    branches = [f"{given} {_sequence(start, steps, end, names)}".strip() for steps in path]
    return branches[0] if len(branches) == 1 else " UNION ".join(f"{{ {b} }}" for b in branches)


def _sequence(start: str, steps: Sequence[PathStep], end: str, names: Names) -> str:
    if not steps:
        return f"BIND({start} AS {end})"
    triples = []
    here = start
    for position, step in enumerate(steps):
        there = end if position == len(steps) - 1 else names.fresh()
        left, right = (there, here) if step.inverse else (here, there)
        triples.append(f"{left} <{step.predicate}> {right} .")
        here = there
    return " ".join(triples)


def chunks(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield the items in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
