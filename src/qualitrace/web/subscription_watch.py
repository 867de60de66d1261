"""One look for news for all who wait for it (floor 5)."""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from qualitrace.errors import QualitraceError
from qualitrace.web.freshness import Freshness
from qualitrace.web.served import Served

logger = logging.getLogger("qualitrace.web")


class Watcher:
    """Tells those who wait that the registry has moved on, whichever process wrote to it.

    Belongs to one event loop. While nobody waits, nothing is looked at.
    """

    def __init__(self, registry: Served, poll: float) -> None:
        self._registry = registry
        self._fresh = Freshness(registry)
        self._poll = poll
        self._waiting: set[asyncio.Future[None]] = set()
        self._task: asyncio.Future[None] | None = None
        self.looks = 0

    async def wait(self, position: int, seconds: float) -> None:
        """Return once the registry stands beyond a position, or the time is over."""
        if self._registry.position > position:
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(told)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(seconds):
                await told
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(told)

    async def _watch(self) -> None:
        """Look as long as somebody waits; everybody is told of any change, and looks for himself."""
        stood = self._registry.position
        while self._waiting:
            try:
                await run_in_threadpool(self._fresh.catch_up)
            except QualitraceError as error:
                logger.warning("news could not be looked for: %s", error)
            self.looks += 1
            if self._registry.position != stood:
                stood = self._registry.position
                for told in self._waiting:
                    if not told.done():
                        told.set_result(None)
                await asyncio.sleep(0)
            await asyncio.sleep(self._poll)
