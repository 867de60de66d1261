"""A process that answers, until it is told to stop (floor 5)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from qualitrace.errors import UnavailableError
from qualitrace.text import Text
from qualitrace.web.connections import connection_class
from qualitrace.web.door import is_waited_at, shut
from qualitrace.web.log_lines import event
from qualitrace.web.settings import Listening
from qualitrace.web.stopping import Stopping

logger = logging.getLogger("qualitrace.server")
BACKLOG = 2048
STOPPED, CUT_OFF = 0, 1  # exit codes
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_TICK = 0.02
_IDLE = 0.5  # seconds in which a connection that was taken at the last moment can send its request
_KEPT_ALIVE = 75  # longer than proxies keep theirs, so that it is they who close
_MESSAGE = 2_000_000  # bytes of a WebSocket message, which is then refused if it is over its own bound


def bound(settings: Listening) -> socket.socket:
    """Return a socket of the address; whoever answers will listen on it. Raises UnavailableError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((settings.host, settings.port))
        made.set_inheritable(True)
    except OSError as error:
        made.close()
        raise UnavailableError(
            Text(zh="这个地址和端口不能使用。", en="This address and port cannot be used."),
            where=f"{settings.host}:{settings.port}: {error.strerror}",
            hint=Text(
                zh="可能已有程序在使用;请用 --port 换一个端口。",
                en="Another program may be using it; choose another with --port.",
            ),
        ) from error
    return made


def run(
    app: FastAPI,
    settings: Listening,
    listening: socket.socket,
    ready: Callable[[], object],
    *,
    together: threading.Event | None = None,
) -> int:
    """Answer on a socket until SIGTERM or SIGINT; ``ready`` is called when the first request can come.

    Then: /readyz says no; new connections are taken for ``drain`` seconds more; requests under way are
    waited for ``stop_within`` seconds. Returns 0 when all were answered, 1 when some were cut off. A second
    signal ends the process at once, but for one of several: that is for their supervisor to do. Those have
    ``together``, which is set when all of them stop.
    """
    config = uvicorn.Config(
        app,
        http=connection_class(app.state.crowd),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
        timeout_keep_alive=_KEPT_ALIVE,
        backlog=BACKLOG,
        ws_max_size=_MESSAGE,
        lifespan="on",
    )
    server = _Server(config, settings, app.state.stopping, ready, together)
    server.run(sockets=[listening])
    return CUT_OFF if server.cut_off else STOPPED


class _Server(uvicorn.Server):
    """Stops without losing a request that it has taken."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Listening,
        stopping: Stopping,
        ready: Callable[[], object],
        together: threading.Event | None,
    ) -> None:
        super().__init__(config)
        self._settings = settings
        self._stopping = stopping
        self._ready = ready
        self._together = together
        self.cut_off = 0

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals stop the server; unlike uvicorn's, they do not end the process afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or end at once."""
        alone = self._together is None
        if self.should_exit and alone:
            os._exit(128 + sig)
        if alone or sig != signal.SIGINT:  # of a terminal: the supervisor gets it too
            self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop in good order; see :func:`run`."""
        event(logger, logging.INFO, "stopping", pid=os.getpid(), requests=len(self.server_state.tasks))
        self._stopping.begin()
        await asyncio.sleep(self._settings.drain)
        await self._close(sockets or ())
        # From here on every answer says that the connection ends with it; who has just connected, or was
        # about to ask again, can still do so.
        await self._until(lambda: not self.server_state.connections, _IDLE)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if not await self._until(self._idle, self._settings.stop_within):
            self.cut_off = len(self.server_state.tasks)
            event(logger, logging.ERROR, "requests cut off", requests=self.cut_off)
            for task in list(self.server_state.tasks):
                task.cancel()
            await self._until(lambda: not self.server_state.tasks, 1.0)
        await self.lifespan.shutdown()
        event(logger, logging.INFO, "stopped", pid=os.getpid())

    async def _close(self, sockets: Sequence[Any]) -> None:
        """Take no more connections: let nobody queue, take those who do, then close.

        One of several that stops alone leaves those who queue to the others.
        """
        if self._together is None or await self._until(self._together.is_set, _IDLE):
            for one in sockets:
                shut(one)
            await asyncio.sleep(_TICK)
            await self._until(lambda: not any(map(is_waited_at, sockets)), _IDLE)
        for server in self.servers:
            server.close()
        for one in sockets:
            one.close()

    def _idle(self) -> bool:
        return not self.server_state.connections and not self.server_state.tasks

    async def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so, but not too long; tells whether it is."""
        until = asyncio.get_running_loop().time() + seconds
        while not condition():
            if asyncio.get_running_loop().time() >= until:
                return False
            await asyncio.sleep(_TICK)
        return True


def notify(state: str) -> None:
    """Tell systemd of a state (``READY=1``, ``STOPPING=1``), where it asked to be told (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
        speaking.connect(address)
        speaking.sendall(state.encode())
