"""How well a text fits a column, judged by what its cells hold."""

from __future__ import annotations

import re

from qualitrace.loading.alignment import Fit
from qualitrace.loading.cells import coded_title, read_code, take_code
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.deadline import Trouble, parse_deadline, resembles_deadline
from qualitrace.loading.mapping import Column, Form
from qualitrace.loading.names import Names
from qualitrace.loading.normalise import split_outside
from qualitrace.loading.values import read_date, read_number
from qualitrace.text import Text

SURE, LIKELY, PLAIN, UNLIKELY = 6, 4, 2, 1
_SHORT_NAME = 16  # characters


class Fitting:
    """Judges the cells of one form in one document."""

    def __init__(self, form: Form, names: Names, concepts: Concepts) -> None:
        self.form = form
        self.names = names
        self.concepts = concepts
        self._judged: dict[tuple[str, str], Fit] = {}

    def has_code(self, text: str, depth: int = 0) -> bool:
        """Tell whether a text begins with a nested code and a title: of ``depth``, or of any column."""
        depths = {depth} if depth else {column.depth for column in self.form.columns if column.depth}
        taken = (take_code(text, one) for one in depths)
        return any(found is not None and re.match(r"[^\d\W]", found[1]) is not None for found in taken)

    def cell(self, text: str, column: Column | None) -> Fit:
        """Judge a whole cell."""
        if column is None:
            return UNLIKELY
        if (text, column.name) not in self._judged:
            self._judged[text, column.name] = self._whole(text, column)
        return self._judged[text, column.name]

    def _whole(self, text: str, column: Column) -> Fit:
        if column.read == "coded-title" and column.depth:
            if not self.has_code(text, column.depth):
                return UNLIKELY if take_code(text, column.depth) else None
            return SURE
        if column.read in {"text", "coded-title", "within"}:
            return self._plain(text, column)
        return self._typed(text, column)

    def _typed(self, text: str, column: Column) -> Fit:
        if column.read == "names":
            return self._names(text, column)
        if column.read == "deadline":
            known = parse_deadline(text).trouble is not Trouble.UNREADABLE
            return SURE if known else LIKELY if resembles_deadline(text) else None
        if column.read == "code":
            return SURE if self.codes(text, column) else None
        if column.read == "concept":
            return SURE if self.concepts.find(text, column.schemes) else None
        if column.read == "class":
            return SURE if self.concepts.class_named(text, column.under) else None
        if column.read == "date":
            return None if isinstance(read_date(text, column.month), Text) else SURE
        return SURE if read_number(text) is not None else None

    def codes(self, text: str, column: Column) -> bool:
        """Tell whether a text is a list of codes of a column."""
        pieces = split_outside(text, column.split)[::2] if column.many else [text]
        words = [word for piece in pieces for word in piece.split()]
        return bool(words) and all(read_code(word, column.pattern) for word in words)

    def _names(self, text: str, column: Column) -> Fit:
        parts = [part.strip() for part in split_outside(text, column.split)[::2] if part.strip()]
        familiar = sum(1 for part in parts if self.names.familiar(part))
        if parts and familiar == len(parts):
            return SURE
        if familiar:
            return LIKELY
        return UNLIKELY if all(len(part) <= _SHORT_NAME for part in parts) else None

    def _plain(self, text: str, column: Column) -> Fit:
        """Free text fits any text column, less well when another column is made for it."""
        if column.read == "coded-title":
            found = coded_title(text, 0)
            if found is not None and found.field("code"):
                return LIKELY
        others = (c for c in self.form.columns if c is not column and c.read not in {"text", "within"})
        made_for_other = any(self.cell(text, c) == SURE for c in others if c.depth or c.read != "coded-title")
        return UNLIKELY if made_for_other else PLAIN

    def rest(self, text: str, above: str, column: Column | None) -> Fit:
        """Judge the rest of a broken cell by what stands above it."""
        if column is None:
            return None
        if column.read == "names":
            return self._names_rest(text, above, column)
        if column.read == "deadline":
            joined = parse_deadline(above + text).trouble is not Trouble.UNREADABLE
            return SURE if joined and above else LIKELY if not above and resembles_deadline(text) else None
        if column.read == "code":
            return SURE if self.codes(text, column) else None
        if column.read in {"text", "coded-title", "within"}:
            return PLAIN if above else UNLIKELY
        return self._typed(above + text, column)

    def _names_rest(self, text: str, above: str, column: Column) -> Fit:
        last = split_outside(above, column.split)[-1].strip() if above else ""
        first = split_outside(text, column.split)[0].strip()
        if not last:
            return SURE if self._names(text, column) == SURE else None
        if self.names.familiar(first) or not self.names.familiar(last + first):
            return None  # two names without a separator, or no name at all
        return LIKELY if self.names.familiar(last) else SURE
