"""Lines above a table: its title, and values such as ``部门名称：X``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from qualitrace.loading.grid import Line, Row
from qualitrace.loading.mapping import Form
from qualitrace.loading.normalise import one_line

_LONGEST = 80  # characters; longer lines are prose


def short_lines_above(lines: Sequence[Line], most: int = 6) -> tuple[Line, ...]:
    """Return the last lines that are short enough to be captions, up to the first long one."""
    found: list[Line] = []
    for line in reversed(lines):
        if len(line.text) > _LONGEST or len(found) == most:
            break
        found.append(line)
    return tuple(reversed(found))


def row_line(row: Row, part: str) -> Line:
    """Return a row of captions as a line."""
    return Line(" ".join(c.text for c in row.cells if c.text and not c.covered), part, row.number)


def is_caption_row(row: Row, forms: Iterable[Form]) -> bool:
    """Tell whether a row may be a line above a table: one text, or one that holds a caption's label."""
    texts = [cell.text for cell in row.cells if cell.text and not cell.covered]
    return len(texts) == 1 or has_label(row, forms)


def has_label(row: Row, forms: Iterable[Form]) -> bool:
    """Tell whether a row holds the label of a caption of some form."""
    line = row_line(row, "")
    return any(read_captions(form, [line]) for form in forms)


def read_captions(form: Form, lines: Sequence[Line]) -> dict[str, tuple[str, Line]]:
    """Return the captions of a form found in ``lines`` (the nearest line last): name → text, place."""
    patterns = {column.name: _label(column.headers) for column in form.captions}
    found: dict[str, tuple[str, Line]] = {}
    for line in reversed(lines):
        starts = sorted(
            (match.start(), match.end(), name)
            for name, pattern in patterns.items()
            for match in [pattern.search(line.text)]
            if match
        )
        for place, (_, after, name) in enumerate(starts):
            until = starts[place + 1][0] if place + 1 < len(starts) else len(line.text)
            found.setdefault(name, (one_line(line.text[after:until]).strip("，,；; "), line))
    return found


@lru_cache(maxsize=256)
def _label(headers: frozenset[str]) -> re.Pattern[str]:
    spaced = "|".join(
        r"\s*".join(map(re.escape, header)) for header in sorted(headers, key=len, reverse=True)
    )
    return re.compile(rf"(?:{spaced})\s*[:：]|^\s*(?:{spaced})(?=\s)", re.IGNORECASE)


def table_title(form: Form, lines: Sequence[Line]) -> str:
    """Return the line that names a table: the nearest one that is no caption with a value."""
    for line in reversed(lines):
        if not read_captions(form, [line]):
            return one_line(line.text)
    return one_line(lines[-1].text) if lines else ""
