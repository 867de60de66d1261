"""What a view is a part of, and that part of its projections (floor 3)."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from qualitrace.access.model import Audience
from qualitrace.journal import Journal
from qualitrace.profile.model import Profile
from qualitrace.registry.guarding import Views
from qualitrace.registry.projection import Projection
from qualitrace.registry.showing import Shown
from qualitrace.registry.suspecting import Suspicions
from qualitrace.store import EngineView
from qualitrace.tracing import TraceIndex
from qualitrace.validation import CompiledShapes
from qualitrace.validation.model import Report

if TYPE_CHECKING:
    from qualitrace.registry.seen import Seen


class Whole(Protocol):
    """The registry, or a past state of it, that a view shows a part of."""

    journal: Journal
    profile: Profile
    base: str
    _lock: AbstractContextManager[object]
    _projection: Projection
    _suspicions: Suspicions
    _on: dt.date | None

    @property
    def _compiled(self) -> CompiledShapes: ...

    @property
    def position(self) -> int:
        """The journal position."""
        ...

    @property
    def views(self) -> Views:
        """What each audience sees."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Keep it as it is meanwhile."""
        ...

    def at(self, moment: str | int) -> Whole:
        """Return what was known in a moment of recorded time."""
        ...

    def on(self, day: dt.date) -> Whole:
        """Return what exists on a date."""
        ...

    def seen_by(self, audience: Audience) -> Whole | Seen:
        """Return it as an audience sees it."""
        ...

    def full_report(self, day: dt.date | None = None) -> Report:
        """Check every rule."""
        ...


class Part:
    """The projections of a registry as far as an audience sees them."""

    def __init__(self, whole: Whole, audience: Audience) -> None:
        self._whole = whole
        self._audience = audience

    @property
    def shown(self) -> Shown:
        """What the audience sees now."""
        found = self._whole.views.ready(self._audience)
        if found is None:
            with self._whole._lock:
                found = self._whole.views.shown(self._audience)
        return found

    @property
    def engine(self) -> EngineView:
        """The store."""
        return self.shown.view

    @property
    def index(self) -> TraceIndex:
        """The trace index."""
        return self.shown.index(lambda: self._whole._projection.index)
