"""A registry in Neo4j as an audience sees it (floor 3)."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from qualitrace.access.model import Audience
from qualitrace.registry.remote import Asked, Remote
from qualitrace.registry.remote_texts import SeenTexts
from qualitrace.registry.seen import Seen, not_all_seen
from qualitrace.store.neo4j.seen_engine import SeenEngine
from qualitrace.terms import Fact
from qualitrace.tracing import tracer


class RemoteSeen(Remote):
    """Answers as :class:`qualitrace.registry.seen.Seen` does: the present from Neo4j, the rest from home.

    ``home`` is the view of the same audience at home; None where there is no journal. Units count on the day
    ``today``. It stands where ``whole`` stands.
    """

    def __init__(self, whole: Remote, audience: Audience, today: dt.date, home: Seen | None) -> None:
        super().__init__(whole._engine, whole.profile, whole.base, cast(Any, home))
        self._whole = whole
        self.audience = audience
        engine = SeenEngine(whole._engine, audience.units, today)
        self._projection = Asked(engine, tracer(cast(Any, engine), self.profile))  # type: ignore[assignment]
        self._texts_seen = SeenTexts(engine, self.profile)

    @property
    def engine(self) -> Any:
        """The engine that answers."""
        return self._projection.engine

    @property
    def position(self) -> int:
        """The journal position that answers stand at. Raises UnavailableError when the server is away."""
        return self._whole.position

    def refresh(self) -> int:
        """Catch up, as :meth:`Remote.refresh` of the whole."""
        return self._whole.refresh()

    def catch_up(self) -> bool:
        """Catch up, as :meth:`Remote.catch_up` of the whole."""
        return self._whole.catch_up()

    def seen_by(self, audience: Audience) -> RemoteSeen:
        """Return the same view. Raises ForbiddenError for any other audience: nobody sees more through it."""
        if audience == self.audience:
            return self
        raise not_all_seen()

    def private_facts(self) -> frozenset[Fact]:
        """None: what is private is in no view."""
        return frozenset()

    def protected_texts(self) -> tuple[tuple[str, str], ...]:
        """See :func:`qualitrace.registry.protecting.protected_values`."""
        if self.home is not None:
            return self.home.protected_texts()
        return self._texts_seen.at(self.position)
