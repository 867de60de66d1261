"""Bringing Neo4j up to where a registry stands, for whoever waits to read (floor 3).

It is done in a thread of its own: a small change is there within the same question, and a large one goes on
while those who ask are told that it does. Nobody is answered from an earlier state as if it were the present.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from qualitrace import budget
from qualitrace.errors import ConflictError, QualitraceError, UnavailableError
from qualitrace.registry.registry import Registry
from qualitrace.store.neo4j import Mark, Neo4jEngine
from qualitrace.text import Text

Publish = Callable[[Registry, Neo4jEngine], object]

PATIENCE = 10.0  # seconds that a reader waits
BRIEF = 1.0  # seconds that it waits for a change of several transactions
WATCHED = 10.0  # seconds without a step after which what another program began is gone on with
_PAUSE = 0.05


@dataclass
class _Work:
    """One publication that is going on."""

    done: threading.Event = field(default_factory=threading.Event)
    error: QualitraceError | None = None


class Bringing:
    """Brings Neo4j up to one registry; safe from several threads."""

    def __init__(self, home: Registry, engine: Neo4jEngine, publish: Publish) -> None:
        self._home, self._engine, self._publish = home, engine, publish
        self._beginning = threading.Lock()
        self._work: _Work | None = None

    def reach(self, position: int) -> None:
        """Wait until Neo4j holds a position of the journal, and see to it that it will.

        Raises UnavailableError when that takes too long, and what keeps it from being published.
        """
        held = budget.held()
        until = time.monotonic() + (PATIENCE if held is None else min(PATIENCE, held.left))
        while True:
            mark = self._engine.at
            if mark.toward < 0 and mark.position >= position:
                return
            work = self._begun()
            left = until - time.monotonic()
            if not work.done.wait(max(0.0, left if mark.toward < 0 else min(left, BRIEF))) or left <= 0:
                raise _behind(self._engine.at, position)
            if work.error is not None:
                raise work.error

    def _begun(self) -> _Work:
        with self._beginning:
            if self._work is None or self._work.done.is_set():
                self._work = _Work()
                threading.Thread(target=self._do, args=(self._work,), name="publishing", daemon=True).start()
            return self._work

    def _do(self, work: _Work) -> None:
        try:
            if self._is_ours():
                self._publish(self._home, self._engine)
        except ConflictError:  # another program publishes
            time.sleep(_PAUSE)
        except QualitraceError as error:
            work.error = error
        finally:
            work.done.set()

    def _is_ours(self) -> bool:
        """Tell whether nobody else is publishing: what they began is left to them while it goes on."""
        begun = mark = self._engine.at
        until = time.monotonic() + WATCHED
        while mark.toward >= 0 and time.monotonic() < until:
            time.sleep(_PAUSE)
            mark = self._engine.at
            if mark != begun:
                return False
        return True


def _behind(mark: Mark, position: int) -> UnavailableError:
    return UnavailableError(
        Text(
            zh=f"Neo4j 里的登记库还在第 {mark.position} 号变更，第 {position} 号正在写入。",
            en=f"The registry in Neo4j still stands at change {mark.position}; "
            f"change {position} is being written.",
        ),
        hint=Text(
            zh="请稍后再问；若一直如此，请查看发布程序（sync neo4j）的消息。",
            en="Ask again in a moment; if it stays so, see what the publisher (sync neo4j) says.",
        ),
    )
