"""Work that a server does in a thread of its own for as long as it answers (floor 5)."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from qualitrace.web.parts import Parts


def keep_beside(parts: Parts, name: str, work: Callable[[], None], stopped: threading.Event) -> None:
    """Have ``work`` begun with the server; at its end ``stopped`` is set, and the work is waited for."""

    @asynccontextmanager
    async def working() -> AsyncIterator[None]:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            await run_in_threadpool(thread.join)

    parts.lasting.append(working)
