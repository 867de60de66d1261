"""The schemas of a server, one for each set of rights, made when first needed (floor 5)."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from qualitrace.access.model import RIGHTS, Right
from qualitrace.graphql import Schema, build_schema
from qualitrace.graphql.rights import ALL, shown_by

if TYPE_CHECKING:
    from qualitrace.web.parts import Parts


class Schemas:
    """Callers with the same rights share a schema; what they see is told apart at each request."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._made: dict[frozenset[Right], Schema] = {}
        self._texts: dict[frozenset[Right], str] = {}
        self._making = (
            threading.Lock()
        )  # one at a time: those made side by side would take each other's types

    @cached_property
    def whole(self) -> Schema:
        """The schema of who may do everything. Raises ProfileError."""
        return self.of(ALL)

    def ready(self, rights: frozenset[Right]) -> Schema | None:
        """Return the schema of callers with these rights, if it has been made."""
        return self._made.get(shown_by(rights))

    def of(self, rights: frozenset[Right]) -> Schema:
        """Return the schema of callers with these rights. Making one takes about a second."""
        key = shown_by(rights)
        if key in self._made:
            return self._made[key]
        with self._making:
            if key not in self._made:
                self._made[key] = self._make(key)
            return self._made[key]

    def _make(self, rights: frozenset[Right]) -> Schema:
        parts = self._parts
        return build_schema(parts.asked, limits=parts.limits, protected=parts.protected, rights=rights)

    def warm(self) -> None:
        """Make the schemas of the roles, so that nobody's first question waits for one."""
        for rights in RIGHTS.values():
            self.of(rights)

    def text(self, rights: frozenset[Right]) -> str:
        """Return the schema of callers with these rights in the schema definition language."""
        key = shown_by(rights)
        if key not in self._texts:  # written once: that takes a good part of a second
            self._texts[key] = self.of(rights).as_str().rstrip() + "\n"
        return self._texts[key]
