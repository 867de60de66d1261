"""Run the networkx cells of docs/data-science.md on the demonstration, and write the answers into the page.

Also writes the page as a notebook, docs/data-science.ipynb. ``--check`` writes nothing, and fails when either
is not what the cells give. Cypher is run by tests/contract/test_guide.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualitrace import demonstration, exporting
from qualitrace.profile import load_profile
from qualitrace.registry.private import without_private

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, NOTEBOOK = DOCS / "data-science.md", DOCS / "data-science.ipynb"
FILE = "college.graphml"  # what the cells read
_CELL = re.compile(
    r"<!-- cell: (?P<name>\w+) -->\n```python\n(?P<python>.*?)```\n"
    r"(?:\n```cypher\n(?P<cypher>.*?)```\n(?P<answer>(?:\n<!-- answer -->\n.*?<!-- end of answer -->\n)?))?",
    re.DOTALL,
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One question: in Python, in Cypher ("" for the cell that sets up), the answer as the page has it."""

    name: str
    python: str
    cypher: str
    answer: str


def cells(page: str) -> list[Cell]:
    """Return the cells of the page, in their order."""
    return [
        Cell(**{key: value or "" for key, value in one.groupdict().items()}) for one in _CELL.finditer(page)
    ]


def answers(page: str, folder: Path) -> dict[str, list[Row]]:
    """Run the Python of all cells where ``college.graphml`` is, as a notebook does; return rows by cell."""
    space: dict[str, Any] = {}
    found = {}
    with _within(folder):
        for cell in cells(page):
            exec(compile(cell.python, f"cell {cell.name}", "exec"), space)
            if cell.cypher:
                found[cell.name] = space["rows"]
    return found


def table(rows: Sequence[Row]) -> str:
    """Return rows as a table of the page. There must be one at least."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    lines += ["| " + " | ".join(_shown(value) for value in row.values()) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def written(page: str, found: Mapping[str, Sequence[Row]]) -> str:
    """Return the page with these answers."""

    def filled(match: re.Match[str]) -> str:
        if match["cypher"] is None:
            return match[0]
        before = match[0].removesuffix(match["answer"])
        return f"{before}\n<!-- answer -->\n\n{table(found[match['name']])}\n<!-- end of answer -->\n"

    return _CELL.sub(filled, page)


def notebook(page: str) -> str:
    """Return the page as a notebook (nbformat 4.5), with the answers of the page."""
    parts: list[dict[str, Any]] = []
    end = 0
    for match in _CELL.finditer(page):
        parts.append(_prose(page[end : match.start()]))
        parts.append(_code(match["python"]))
        if match["cypher"] is not None:
            answer = match["answer"].replace("<!-- answer -->", "").replace("<!-- end of answer -->", "")
            shown = {"output_type": "display_data", "data": {"text/markdown": _lines(answer)}, "metadata": {}}
            parts[-1]["outputs"] = [shown]
            parts.append(_prose(f"```cypher\n{match['cypher']}```"))
        end = match.end()
    for number, part in enumerate(parts):
        part["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": parts, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def make_graph(folder: Path) -> None:
    """Write the demonstration as ``college.graphml`` into a folder."""
    registry = demonstration.build(load_profile(), folder / "college.db")
    try:
        with (folder / FILE).open("wb") as stream:
            exporting.graphml(without_private(registry).engine, registry.profile, stream)
    finally:
        registry.close()


def main() -> int:
    """Write the page and the notebook, or check them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--check", action="store_true", help="write nothing; fail when they are not up to date"
    )
    check = asked.parse_args().check
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        make_graph(Path(folder))
        new = written(page, answers(page, Path(folder)))
    wanted = {PAGE: new, NOTEBOOK: notebook(new)}
    if check:
        old = [path.name for path in wanted if not path.exists() or path.read_text("utf-8") != wanted[path]]
        if old:
            print(f"not up to date: {', '.join(old)}; run tools/write_guide.py", file=sys.stderr)
        return bool(old)
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value).replace("|", "\\|")


def _prose(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)


@contextlib.contextmanager
def _within(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


if __name__ == "__main__":
    sys.exit(main())
