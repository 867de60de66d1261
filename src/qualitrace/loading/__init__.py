"""Documents become facts with their places (floor 2).

Stages, in order: a reader for the file type makes a grid; recognition finds which mapping claims
which rows; damaged rows are put right; rows become records; records become facts.
"""

from typing import TYPE_CHECKING, Any

from qualitrace.loading.model import KnownName, KnownNames, Loaded, Notice, NoticeKind, Progress

if TYPE_CHECKING:
    from qualitrace.loading.load import load_document

__all__ = ["KnownName", "KnownNames", "Loaded", "Notice", "NoticeKind", "Progress", "load_document"]


def __getattr__(name: str) -> Any:
    """Import the readers when a document is to be read: most starts of the program read none."""
    if name == "load_document":
        from qualitrace.loading.load import load_document

        return load_document
    raise AttributeError(name)
