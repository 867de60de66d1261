"""Templates of a mapping: text with ``{column.field}`` in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_HOLE = re.compile(r"\{([^{}.?]+)(?:\.([^{}?]+))?(\?)?\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place to fill: a column or caption, one of its fields, and whether it may stay empty."""

    column: str
    field: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Template:
    """Literal parts and holes in turn, as written in ``source``."""

    source: str
    parts: tuple[str | Hole, ...]
    holes: tuple[Hole, ...]  # the places to fill

    @property
    def only(self) -> Hole | None:
        """The hole, when the template is nothing else."""
        return self.holes[0] if len(self.parts) == 1 and self.holes else None

    def fill(self, value: Callable[[Hole], str | None]) -> str | None:
        """Return the filled text; None when a hole that must be filled has no value."""
        done = []
        for part in self.parts:
            if isinstance(part, str):
                done.append(part)
                continue
            filled = value(part)
            if not filled and not part.optional:
                return None
            done.append(filled or "-")
        return "".join(done)


def template(source: str) -> Template:
    """Take a template apart. Raises ValueError when braces do not pair."""
    parts: list[str | Hole] = []
    last = 0
    for hole in _HOLE.finditer(source):
        if hole.start() > last:
            parts.append(source[last : hole.start()])
        parts.append(Hole(hole[1].strip(), (hole[2] or "").strip(), bool(hole[3])))
        last = hole.end()
    if last < len(source):
        parts.append(source[last:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        raise ValueError(source)
    return Template(source, tuple(parts), tuple(part for part in parts if isinstance(part, Hole)))
