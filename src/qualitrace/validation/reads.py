"""Which triples a check reads: what incremental validation walks backwards from a change.

A :class:`Read` says: a triple with this predicate matters at the nodes that ``prefix`` leads to from
the focus node. If the outcome of a check at a focus node differs before and after a change, then
some changed triple is read there along a prefix that is made of unchanged triples only (take the
changed triple nearest to the focus node). So prefixes may be walked on the data after the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualitrace.validation.paths import (
    HERE,
    Alternative,
    Inverse,
    Path,
    Predicate,
    Repeat,
    Sequence,
    join,
    normal,
)

ANY = ""  # as a predicate: every predicate


@dataclass(frozen=True, slots=True)
class Read:
    """A triple read at the end of ``prefix``; ``backwards`` when that end is the triple's object.

    ``everywhere`` means that the triple can matter to any focus node.
    """

    predicate: str
    backwards: bool = False
    prefix: Path = HERE
    everywhere: bool = False

    def after(self, path: Path) -> Read:
        """Return the same read, seen from the other end of ``path``."""
        return Read(self.predicate, self.backwards, join(path, self.prefix), self.everywhere)


def path_reads(path: Path | None) -> list[Read]:
    """List what following a path reads."""
    return [] if path is None else list(dict.fromkeys(_reads(normal(path), HERE)))


def _reads(path: Path, prefix: Path) -> Iterable[Read]:
    match path:
        case Predicate(iri):
            yield Read(iri, prefix=prefix)
        case Inverse(Predicate(iri)):
            yield Read(iri, backwards=True, prefix=prefix)
        case Sequence(items):
            for number, item in enumerate(items):
                yield from _reads(item, join(prefix, *items[:number]))
        case Alternative(items):
            for item in items:
                yield from _reads(item, prefix)
        case Repeat(inner, sign):
            here = prefix if sign == "?" else join(prefix, Repeat(inner, "*"))
            yield from _reads(inner, here)
        case _:
            raise AssertionError(f"not normal: {path}")


def after(path: Path | None, reads: Iterable[Read]) -> list[Read]:
    """Return what following a path and then these reads read together."""
    if path is None:
        return list(reads)
    return path_reads(path) + [read.after(normal(path)) for read in reads]
