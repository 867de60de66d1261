"""What an application that answers for many registries has in the place of a registry (floor 5)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qualitrace.access.book import AccessBook
from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Among, Audience, Principal
from qualitrace.access.reads import Asked, Logged
from qualitrace.across import Across, Standing, State
from qualitrace.errors import QualitraceError, UnavailableError, UnknownNodeError
from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.web.metrics_registry import Noted

FRESH = 2.0  # seconds that the registries there are is taken for what they were


class AcrossServed:
    """All registries of a database, as an application asks after them. Safe from several threads.

    There is no journal, no store and no state to hold: each registry is asked as it is at the moment.
    """

    home = journal = engine = None
    base = ""
    position = 0

    def __init__(self, across: Across) -> None:
        self.across = across
        self._lock = threading.Lock()
        self._known: tuple[float, tuple[Standing, ...]] | None = None
        self._away: tuple[float, UnavailableError] | None = None

    @property
    def profile(self) -> Profile:
        """The profile that questions are asked by."""
        return self.across.profile

    def standings(self) -> tuple[Standing, ...]:
        """Return the registries there are, as of the last seconds. Raises UnavailableError.

        While Neo4j is away it is asked again every few seconds, and whoever comes meanwhile is told at once.
        """
        with self._lock:
            now = time.monotonic()
            if self._away is not None and now - self._away[0] <= FRESH:
                away = self._away[1]
                raise UnavailableError(away.what, where=away.where, hint=away.hint)
            if self._known is None or now - self._known[0] > FRESH:
                try:
                    found = self.across.registries()
                except UnavailableError as error:
                    self._away = time.monotonic(), error
                    raise
                self._known, self._away = (time.monotonic(), found), None
            return self._known[1]

    def names(self) -> tuple[str, ...]:
        """Return what the registries are called; while Neo4j is away, as far as is known."""
        with suppress(UnavailableError):
            self.standings()
        return tuple(one.name for one in self._known[1]) if self._known is not None else ()

    def seen_by(self, audience: Audience) -> AcrossServed:
        """Return this: what somebody sees is told apart for each registry."""
        return self

    def reading(self) -> AbstractContextManager[None]:
        """Nothing is held: each registry is asked for one state of it."""
        return nullcontext()

    def refresh(self) -> int:
        """Nothing is to be caught up with."""
        return 0

    def catch_up(self) -> bool:
        """Nothing is to be caught up with."""
        return True

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        """There is no journal."""
        return iter(())

    def resolve(self, name: str) -> str:
        """Refuse: what a name means, each registry says for itself. Raises UnknownNodeError."""
        raise UnknownNodeError(Text(zh="请用标识。", en="Give its identifier."), where=name)


class AcrossAccess:
    """Who asks such a server: as :class:`qualitrace.access.gate.Access`, and what else is asked of a book."""

    def __init__(self, book: AccessBook) -> None:
        self._book = book
        self.tokens = book.tokens

    def principal(self, credential: str) -> Principal:
        """Return whose credential this is: what they see, grants alone say. Raises as the book does."""
        return Among.of(self._book.principal(credential))

    def note(self, read: PersonalRead) -> None:
        """Keep that personal data was read. Raises RegistryError."""
        self._book.note(read)

    def reads(self, asked: Asked | None = None) -> list[Logged]:
        """Return a page of the notes of reads, newest first. Raises RegistryError."""
        return self._book.reads(asked)


class AcrossFigures(Collector):
    """How many registries there are, by state, and how much they hold. Read when somebody asks."""

    def __init__(self, served: AcrossServed, noted: Noted | None) -> None:
        self._served = served
        self._noted = noted

    def describe(self) -> Iterable[Metric]:
        """Return nothing: nobody is asked before there is a server."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the figures as they are now; none while Neo4j is away."""
        found: list[Metric] = []
        with suppress(QualitraceError):
            found += self._registries(self._served.standings())
        if self._noted is not None:
            with suppress(QualitraceError):
                reads = "Reads of personal data that were noted."
                noted = self._noted()
                found.append(CounterMetricFamily("qualitrace_personal_reads_noted", reads, value=noted))
        return found

    def _registries(self, standings: Sequence[Standing]) -> Iterable[Metric]:
        there = GaugeMetricFamily("qualitrace_registries", "Registries, by state.", labels=("state",))
        for state in State:
            there.add_metric([state.value], sum(one.state is state for one in standings))
        facts = GaugeMetricFamily("qualitrace_facts", "Facts in all registries.", labels=("basis",))
        facts.add_metric(["stated"], sum(one.stated for one in standings))
        facts.add_metric(["inferred"], sum(one.inferred for one in standings))
        return there, facts
