"""The journal of changesets, from which everything else is a projection (floor 0)."""

from qualitrace.journal.database import location_shown
from qualitrace.journal.journal import Journal
from qualitrace.journal.model import (
    Basis,
    Changeset,
    Decision,
    Document,
    Event,
    Note,
    Record,
    Source,
    SourcedFact,
)

__all__ = [
    "Basis",
    "Changeset",
    "Decision",
    "Document",
    "Event",
    "Journal",
    "Note",
    "Record",
    "Source",
    "SourcedFact",
    "location_shown",
]
