"""Answers written to files (floor 5)."""

from __future__ import annotations

from pathlib import Path

import typer

from qualitrace.errors import QueryError
from qualitrace.text import Text


def write_text(text: str, output: Path | None) -> None:
    """Write an answer to a file, else to stdout. Raises QueryError when the file cannot be written."""
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(output, error) from error


def write_bytes(content: bytes, output: Path) -> None:
    """Write an answer to a file. Raises QueryError when the file cannot be written."""
    try:
        output.write_bytes(content)
    except OSError as error:
        raise unwritable(output, error) from error


def unwritable(output: Path, error: OSError) -> QueryError:
    """Make the error for a file that cannot be written."""
    return QueryError(
        Text(zh="文件无法写入。", en="The file cannot be written."), where=f"{output}: {error.strerror}"
    )
