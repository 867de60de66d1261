"""What the readers hand over, whatever the file type: blocks of rows of cells, with lines above."""

from __future__ import annotations

from dataclasses import dataclass, field

from qualitrace.journal.model import Source
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader noticed about a cell, to become a notice."""

    kind: NoticeKind
    message: Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and where the text comes from when a merged cell covers it.

    ``above`` and ``aside`` tell that a cell merged downwards or sideways covers this one; ``text`` is
    then that cell's text. ``address`` is an Excel address, ``""`` elsewhere. ``numeric`` tells that
    Excel holds a number, which has lost its trailing zeros.
    """

    text: str = ""
    address: str = ""
    above: bool = False
    aside: bool = False
    numeric: bool = False
    remark: Remark | None = None

    @property
    def covered(self) -> bool:
        """Whether a merged cell covers this one."""
        return self.above or self.aside


NOTHING = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the document shows it, counted from 1 (in text files: the line).

    ``after_gap`` tells that an empty line stands before it.
    """

    number: int
    cells: tuple[Cell, ...]
    after_gap: bool = False

    @property
    def empty(self) -> bool:
        """Whether no cell has text of its own."""
        return not any(cell.text and not cell.covered for cell in self.cells)

    def cell(self, column: int) -> Cell:
        """Return the cell of a column counted from 0; an empty one beyond the end."""
        return self.cells[column] if 0 <= column < len(self.cells) else NOTHING


@dataclass(frozen=True, slots=True)
class Line:
    """A line of running text with its place."""

    text: str
    part: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that stand together: a Word table, a sheet, the tabbed lines of a text file.

    ``part`` is the sheet's name, or ``""`` where the part is named by the lines above.
    """

    rows: tuple[Row, ...]
    part: str = ""
    above: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A document as read.

    ``loses_merges``: the file type cannot say that a cell is merged. ``damaged``: rows may have lost
    their shape (cells shifted, rows broken over pages).
    """

    document: str
    blocks: tuple[Block, ...]
    lines: tuple[Line, ...] = ()
    loses_merges: bool = False
    damaged: bool = False
    notices: tuple[Notice, ...] = field(default=())

    def source(self, part: str = "", row: int | None = None, cell: str = "") -> Source:
        """Return a place in this document."""
        return Source(self.document, part, row, cell)
