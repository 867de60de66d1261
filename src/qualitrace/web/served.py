"""What the web application asks of a registry (floor 5). ``qualitrace.registry.Registry`` is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qualitrace.graphql import Reading
from qualitrace.journal.model import Changeset


class Served(Reading, Protocol):
    """A registry that others may write to while it is served."""

    def refresh(self) -> int:
        """Catch up with what others appended."""
        ...

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read the journal from a position on."""
        ...
