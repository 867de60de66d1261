"""A registry that a server of graphs answers for (floor 3).

What is asked of the registry as it stands is asked of Neo4j. What only the journal knows (what was known
before, who said what, findings, changes) is asked of the registry at home, where there is one.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from qualitrace.access.model import Audience
from qualitrace.errors import ForbiddenError, UnknownNodeError
from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.registry import naming, remote_names
from qualitrace.registry.bringing import Bringing, Publish
from qualitrace.registry.counting import Counting
from qualitrace.registry.guarding import MOST_AUDIENCES
from qualitrace.registry.journal_away import no_journal
from qualitrace.registry.past import Past
from qualitrace.registry.private import private_facts
from qualitrace.registry.publishing import fingerprint
from qualitrace.registry.registry import Registry
from qualitrace.registry.remote_private import RemotePrivate
from qualitrace.registry.remote_standing import Stands
from qualitrace.registry.remote_texts import RemoteTexts
from qualitrace.registry.seen import Seen
from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.terms import OWL_THING, Fact
from qualitrace.text import Text
from qualitrace.tracing import LIMIT, MAX_DEPTH, Tracing, tracer
from qualitrace.tracing.model import Coverage, Trace
from qualitrace.validation.model import Report


@dataclass(frozen=True)
class Asked:
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
        self._bringing = Bringing(home, engine, publish) if home is not None and publish is not None else None
        self._projection = Asked(engine, tracer(engine, profile))  # type: ignore[assignment]
        self._lock = nullcontext()
        self._texts, self._private = RemoteTexts(engine, profile), RemotePrivate(engine)
        self._viewing = threading.Lock()
        self._class_iri = lru_cache(maxsize=256)(partial(naming.class_iri, profile=profile))
        self._stands = Stands(engine, home)
        self._views: OrderedDict[tuple[Audience, dt.date], Remote] = OrderedDict()

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
        return self._stands.position

    def stands(self) -> Stands | None:
        """Return what tells where the server stands; None where its replicas may stand elsewhere."""
        return None if self._engine.server.routed else self._stands

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
        """See to it that Neo4j holds what is at home: a reader sees what they wrote, or is told why not."""
        if self.home is None or self._bringing is None or self.position >= self.home.position:
            return
        self._bringing.reach(self.home.position)
        self._stands.forget()

    # What Neo4j answers

    def resolve(self, name: str) -> str:
        """Find the IRI of a node by IRI, identifier below the base, code or label.

        Raises UnknownNodeError.
        """
        return remote_names.resolve(name, self.engine, self.profile, self.base)

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
        target, day = self._class_iri(to), as_of or dt.date.today()

        def traced(start: str) -> Trace:
            return self._projection.index.trace(
                start,
                target,
                as_of=day,
                backwards=backwards,
                shortest=shortest,
                limit=limit,
                max_depth=max_depth,
            )

        trace = self._traced_by_identifier(node, traced) or traced(self.resolve(node))
        return trace if self.home is None else self.home.sourced(trace)

    def _traced_by_identifier(self, node: str, traced: Callable[[str], Trace]) -> Trace | None:
        """Trace from what is most likely meant, without asking first: most ask by identifier.

        None where nothing that has a class is called so: then it is a name, or there is no such node.
        """
        try:
            found = traced(next(remote_names.identifiers(node, self.profile, self.base)))
        except (StopIteration, UnknownNodeError):
            return None
        return found if found.nodes[found.start].classes else None

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
        """Return the registry as an audience sees it.

        Neo4j answers them too where publication wrote who sees what; else they are answered at home. Raises
        ForbiddenError where neither can tell it apart, UnavailableError when the server is away.
        """
        if audience.everything:
            return self
        home = None if self.home is None else self.home.seen_by(audience)
        if self._stands.stamp != self._stamp:
            if home is None:
                raise _not_told_apart()
            return home
        return self._view(audience, dt.date.today(), home)

    @cached_property
    def _stamp(self) -> str:
        return fingerprint(self.profile)

    def _view(self, audience: Audience, today: dt.date, home: Any) -> Remote:
        """The same view to the same audience on the same day, so that what was made of it can be kept."""
        from qualitrace.registry.remote_seen import RemoteSeen  # which is a Remote itself

        with self._viewing:
            found = self._views.get((audience, today))
            if found is None or found.home is not home:
                found = self._views[audience, today] = RemoteSeen(self, audience, today, home)
            self._views.move_to_end((audience, today))
            if len(self._views) > MOST_AUDIENCES:
                self._views.popitem(last=False)
            return found

    def private_facts(self) -> frozenset[Fact]:
        """See :func:`qualitrace.registry.private.private_facts`. Raises ForbiddenError as :meth:`seen_by`."""
        if self.home is not None:
            return private_facts(self.home)
        if self._stands.stamp != self._stamp:
            raise _not_told_apart()
        return self._private.at(self.position)

    def protected_texts(self) -> tuple[tuple[str, str], ...]:
        """See :func:`qualitrace.registry.protecting.protected_values`."""
        if self.home is not None:
            return self.home.protected_texts()
        return self._texts.at(self.position)

    def _at_home(self) -> Registry:
        if self.home is None:
            raise no_journal()
        return self.home


def _not_told_apart() -> ForbiddenError:
    return ForbiddenError(
        Text(
            zh="Neo4j 中的数据还没有写明谁能看什么，所以只答复可查看全部内容的人。",
            en="What is in Neo4j does not say who may see what, so only those who may see everything are "
            "answered.",
        ),
        hint=Text(
            zh="请用当前的配置和程序重新发布（sync neo4j），或给服务器配置登记库（neo4j.journal = true）。",
            en="Publish it with this program and profile (sync neo4j), or give the server its registry as "
            "well (neo4j.journal = true).",
        ),
    )
