"""That the server is about to stop, told to whoever answers without end (floor 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Stopping:
    """Belongs to one event loop; :meth:`begin` is called in it, once or often."""

    def __init__(self) -> None:
        self.begun = False
        self._event = asyncio.Event()
        self._listeners: list[Callable[[], object]] = []

    def listen(self, told: Callable[[], object]) -> None:
        """Have ``told`` called in the event loop when the server begins to stop."""
        self._listeners.append(told)

    def begin(self) -> None:
        """Say that the server stops: no request without end goes on, /readyz says no."""
        if not self.begun:
            self.begun = True
            self._event.set()
            for told in self._listeners:
                told()

    async def wait(self) -> None:
        """Wait until the server begins to stop."""
        await self._event.wait()
