"""The journal of changesets, from which everything else is a projection (floor 0)."""

from qualitrace.journal.journal import Journal
from qualitrace.journal.model import Basis, Changeset, Decision, Document, Record, Source, SourcedFact

__all__ = ["Basis", "Changeset", "Decision", "Document", "Journal", "Record", "Source", "SourcedFact"]
