"""Documents become facts with their places (floor 2).

Stages, in order: a reader for the file type makes a grid; recognition finds which mapping claims
which rows; damaged rows are put right; rows become records; records become facts.
"""

from qualitrace.loading.load import load_document
from qualitrace.loading.model import KnownName, KnownNames, Loaded, Notice, NoticeKind, Progress

__all__ = ["KnownName", "KnownNames", "Loaded", "Notice", "NoticeKind", "Progress", "load_document"]
