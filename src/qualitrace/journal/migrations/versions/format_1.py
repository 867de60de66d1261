"""Format 1: changesets, documents, changes, records, as the first version made them."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing to do: a journal of format 1 was made by the program, not by a migration."""
