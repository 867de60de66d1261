"""Bodies that running text names, compared with the bodies that tables make responsible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qualitrace.journal.model import Source
from qualitrace.loading import table_messages
from qualitrace.loading.grid import Grid, Line
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.names import Named, Names
from qualitrace.loading.normalise import fold


def disagreements(grid: Grid, bodies: Mapping[str, tuple[Named, Source]], names: Names) -> Iterator[Notice]:
    """Yield what running text and tables say differently about who is there.

    Nothing is said of documents without running text, or whose text names no body at all.
    """
    named = _named(grid, names)
    if not named or not bodies:
        return
    parts = tuple(dict.fromkeys(source.part for _, source in bodies.values()))
    in_tables = {fold(one.name): source for one, source in bodies.values() if not one.group}
    for folded, (text, line) in named.items():
        if folded not in in_tables:
            message = table_messages.named_in_text_only(text, "、".join(parts))
            yield Notice(NoticeKind.DISAGREEMENT, grid.source(line.part, line.number), message, text)
    prose = fold("\n".join(line.text for line in grid.lines))
    first, last = grid.lines[0], grid.lines[-1]
    places = (grid.source(line.part, line.number).place() for line in (first, last))
    where = " – ".join(dict.fromkeys(place.removeprefix(f"{grid.document} › ") for place in places))
    for one, source in bodies.values():
        if not one.group and fold(one.name) not in prose and fold(one.alias or one.name) not in prose:
            message = table_messages.named_in_tables_only(one.name, where)
            yield Notice(NoticeKind.DISAGREEMENT, source, message, one.name)


def _named(grid: Grid, names: Names) -> dict[str, tuple[str, Line]]:
    """Return the bodies running text names, folded, with name and first line."""
    found: dict[str, tuple[str, Line]] = {}
    for line in grid.lines:
        for pattern in names.rules.mentions:
            for match in pattern.finditer(line.text):
                if match.group():
                    found.setdefault(fold(match.group()), (match.group(), line))
    return found
