"""A registry that a server of graphs answers for (floor 3).

What is asked of the registry as it stands is asked of Neo4j. What only the journal knows (what was known
before, who said what, findings, changes) is asked of the registry at home, where there is one.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from qualitrace.access.model import Audience
from qualitrace.errors import ConflictError, ForbiddenError
from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.registry import naming, remote_names
from qualitrace.registry.counting import Counting
from qualitrace.registry.journal_away import no_journal
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry
from qualitrace.registry.remote_texts import RemoteTexts
from qualitrace.registry.seen import Seen
from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.terms import OWL_THING
from qualitrace.text import Text
from qualitrace.tracing import LIMIT, MAX_DEPTH, Tracing, tracer
from qualitrace.tracing.model import Coverage, Trace
from qualitrace.validation.model import Report

FRESH = 0.5  # seconds that the position of the server is taken for what it was
_PATIENCE = 10.0  # seconds that another publisher is waited for

Publish = Callable[[Registry, Neo4jEngine], object]


@dataclass(frozen=True)
class _Asked:
    """What answers come from."""

    engine: Neo4jEngine
    index: Tracing


class Remote(Counting):
    """Answers as :class:`qualitrace.registry.Registry` does, from Neo4j.

    ``home`` is the registry with its journal; None where this server has none. ``publish`` brings Neo4j
    up to where it stands.
    """

    def __init__(
        self,
        engine: Neo4jEngine,
        profile: Profile,
        base: str,
        home: Registry | None = None,
        publish: Publish | None = None,
    ) -> None:
        self.profile = profile
        self.base = base
        self.home = home
        self._engine = engine
        self._publish = publish
        self._projection = _Asked(engine, tracer(engine, profile))  # type: ignore[assignment]
        self._lock = nullcontext()
        self._texts = RemoteTexts(engine, profile)
        self._publishing = threading.Lock()
        self._stood: tuple[float, int] | None = None  # when it was asked, and the position then

    # Where it stands

    @property
    def engine(self) -> Any:
        """The engine that answers."""
        return self._engine

    @property
    def journal(self) -> Any:
        """The journal at home; None where there is none."""
        return None if self.home is None else self.home.journal

    @property
    def position(self) -> int:
        """The journal position that answers stand at. Raises UnavailableError when the server is away."""
        known = self._stood
        if known is None or time.monotonic() - known[0] > FRESH:
            known = self._stood = time.monotonic(), self._engine.position
        return known[1]

    def reading(self) -> AbstractContextManager[None]:
        """Nothing is held: each statement sees one state of the server."""
        return nullcontext()

    def refresh(self) -> int:
        """Catch up at home, and bring Neo4j up to it. Raises UnavailableError when it is away.

        Returns how many changesets were new here.
        """
        news = self.home.refresh() if self.home is not None else 0
        self._follow()
        return news

    def catch_up(self) -> bool:
        """As :meth:`refresh`, unless somebody slow reads at home; tells whether it was done."""
        soon = getattr(self.home, "catch_up", None)
        done = True if self.home is None else bool(soon()) if soon is not None else self.home.refresh() >= 0
        if done:
            self._follow()
        return done

    def _follow(self) -> None:
        """Publish what Neo4j lacks, or wait for whoever does; then a reader sees what they wrote."""
        if self.home is None or self._publish is None or self.position >= self.home.position:
            return
        with self._publishing:
            until = time.monotonic() + _PATIENCE
            while (self._look() < self.home.position) and time.monotonic() < until:
                try:
                    self._publish(self.home, self._engine)
                except ConflictError:  # another program publishes
                    time.sleep(0.05)

    def _look(self) -> int:
        self._stood = None
        return self.position

    # What Neo4j answers

    def resolve(self, name: str) -> str:
        """Find the IRI of a node by IRI, identifier below the base, code or label.

        Raises UnknownNodeError.
        """
        return remote_names.resolve(name, self._engine, self.profile, self.base)

    def trace(
        self,
        node: str,
        to: str = OWL_THING,
        *,
        as_of: dt.date | None = None,
        backwards: bool = False,
        shortest: bool = False,
        limit: int = LIMIT,
        max_depth: int = MAX_DEPTH,
    ) -> Trace:
        """Trace from a node (any name that :meth:`resolve` takes) to a class, as a registry does.

        Where there is a journal, steps say where they were read.
        """
        trace = self._projection.index.trace(
            self.resolve(node),
            naming.class_iri(to, self.profile),
            as_of=as_of or dt.date.today(),
            backwards=backwards,
            shortest=shortest,
            limit=limit,
            max_depth=max_depth,
        )
        return trace if self.home is None else self.home.sourced(trace)

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        """Give every node of a class (name or IRI) its verdict on a date."""
        target = naming.class_iri(of, self.profile)
        return self._projection.index.coverage(target, as_of=as_of or dt.date.today())

    # What the journal answers

    def validate(self, day: dt.date | None = None) -> Report:
        """Return the report of the registry at home. Raises UnavailableError where there is none."""
        return self._at_home().validate(day)

    def at(self, moment: str | int) -> Remote | Past:
        """What was known in a moment, from the journal; Neo4j holds the present only.

        Raises QueryError, and UnavailableError where there is no journal.
        """
        found = self._at_home().at(moment)
        return self if isinstance(found, Registry) else found

    def on(self, day: dt.date) -> Remote | Past:
        """What exists on a date, from the registry at home. Raises UnavailableError where there is none."""
        found = self._at_home().on(day)
        return self if isinstance(found, Registry) else found

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """Read who changed the registry, when and why, oldest first; nothing where there is no journal."""
        return self.home.changesets(after) if self.home is not None else iter(())

    def seen_by(self, audience: Audience) -> Remote | Registry | Seen:
        """Return the registry as an audience sees it: those who do not see everything are answered at home.

        Raises ForbiddenError where there is no registry that could tell it apart.
        """
        if audience.everything:
            return self
        if self.home is None:
            raise ForbiddenError(
                Text(
                    zh="这台服务器只有 Neo4j 中的数据，不能按读者区分内容，所以只答复可查看全部内容的人。",
                    en="This server has only what is in Neo4j, which is not told apart by who reads it, so "
                    "it answers only those who may see everything.",
                ),
                hint=Text(
                    zh="请给服务器配置登记库（neo4j.journal = true）。",
                    en="Give the server its registry as well (neo4j.journal = true).",
                ),
            )
        return self.home.seen_by(audience)

    def protected_texts(self) -> tuple[tuple[str, str], ...]:
        """See :func:`qualitrace.registry.protecting.protected_values`."""
        if self.home is not None:
            return self.home.protected_texts()
        return self._texts.at(self.position)

    def _at_home(self) -> Registry:
        if self.home is None:
            raise no_journal()
        return self.home
