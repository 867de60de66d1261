"""Connections that cannot be held for nothing: headers, slow senders, slow readers, crowds (floor 5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qualitrace.web.limit_settings import LimitSettings

LARGEST_HEAD = 65_536  # bytes of request line and headers
MOST_HEADERS = 200


@dataclass
class Crowd:
    """How many connections there may be, and are: ``most`` in all, ``each`` of one address (0: no matter).

    The head of a request must arrive within ``head_seconds``; who does not read an answer for
    ``stalled_seconds`` is cut off.
    """

    most: int = 1000
    each: int = 200
    head_seconds: float = 10.0
    stalled_seconds: float = 60.0
    total: int = 0
    by_address: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> bool:
        """Count a new connection; False when there are too many."""
        self.total += 1
        self.by_address[address] += 1
        return self.total <= self.most and (not self.each or self.by_address[address] <= self.each)

    def leave(self, address: str) -> None:
        """Count a connection that is gone."""
        self.total -= 1
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]


def crowd_of(settings: LimitSettings, *, proxied: bool) -> Crowd:
    """Return how many connections a server takes. Behind a proxy all of them come from its address."""
    each = 0 if proxied else settings.connections_each
    return Crowd(settings.connections, each, settings.head_seconds, settings.stalled_seconds)


def connection_class(crowd: Crowd) -> type[HttpToolsProtocol]:
    """Return the class of a server's connections (``uvicorn.Config(http=…)``)."""
    return type("Connection", (_Connection,), {"crowd": crowd})


class _Connection(HttpToolsProtocol):
    crowd: Crowd

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._pending = 0  # bytes of a head that is not complete
        self._head = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        if self.crowd.enter(self._address):
            self._expect_head()
        else:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        for name in list(self._timers):
            self._forget(name)
        self.crowd.leave(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if "head" in self._timers and not self.transport.is_closing():
            self._pending += len(data)
            if self._pending > LARGEST_HEAD:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._weigh(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._weigh(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._forget("head")
        self._pending = 0
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._after("stalled", self.crowd.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget("stalled")

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; it counts until it is gone."""
        for name in list(self._timers):
            self._forget(name)
        super().handle_websocket_upgrade()
        taken: Any = self.transport.get_protocol()
        lost = taken.connection_lost

        def gone(exc: Exception | None) -> None:
            self.crowd.leave(self._address)
            lost(exc)

        taken.connection_lost = gone

    def _weigh(self, size: int) -> None:
        """Refuse a head that is too large: raised in a parser's callback, this is answered with 400."""
        self._head += size
        if self._head > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            raise ValueError("the head of the request is too large")

    def _expect_head(self) -> None:
        self._after("head", self.crowd.head_seconds, self.transport.close)

    def _after(self, name: str, seconds: float, act: Any) -> None:
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(seconds, act)

    def _forget(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
