"""Delivers messages to hooks: in order, at least once, by one of several servers (floor 5)."""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpcore
from starlette.concurrency import run_in_threadpool

from qualitrace.access.book import AccessBook
from qualitrace.access.hooks import Hook
from qualitrace.errors import QualitraceError
from qualitrace.registry import Registry
from qualitrace.web.hooks.connecting import Answer, RefusedAddressError, post
from qualitrace.web.hooks.messages import Message, following
from qualitrace.web.hooks.signing import headers
from qualitrace.web.log_lines import event
from qualitrace.web.parts import Parts
from qualitrace.web.settings_access import Hooking

logger = logging.getLogger("qualitrace.web.hooks")

_LEASE_SECONDS = 30.0
_RENEW_SECONDS = 10.0
_AT_ONCE = 8  # hooks that are told at a time
_FACTOR = 4.0  # between one wait and the next
_GONE = 410

Send = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a message: ``problem`` is empty when it was taken."""

    problem: str = ""
    gone: bool = False  # the other side wants no more messages
    retry_after: float | None = None


def attempt(
    hook: Hook, signing: Sequence[bytes], message: Message, *, seconds: float, send: Send = post
) -> Attempt:
    """Send a message once, signed with each secret, and say what came of it."""
    newest, *before = signing
    signed = headers(newest, message.id, int(time.time()), message.body, *before)
    try:
        answer = send(hook.url, signed, message.body, private=hook.private, seconds=seconds)
    except RefusedAddressError as error:
        return Attempt(f"不在公共网络上 / not on the public internet: {error}")
    except (httpcore.TimeoutException, TimeoutError):
        return Attempt("没有及时应答 / no answer in time")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        return Attempt(f"连接失败 / the connection failed: {error or type(error).__name__}")
    if 200 <= answer.status < 300:
        return Attempt()
    return Attempt(f"HTTP {answer.status}", answer.status == _GONE, answer.retry_after)


def wait(settings: Hooking, failures: int, retry_after: float | None) -> float:
    """Return the seconds until the next attempt after so many failures: ever longer, and never the same."""
    longest = settings.longest_seconds
    full = min(longest, settings.first_seconds * _FACTOR ** min(failures, 30))
    return max(full * random.uniform(0.5, 1.0), min(retry_after or 0.0, longest))


@dataclass
class Deliverer:
    """Tells the hooks of a registry what happens, in threads of its own.

    Several servers may each have one: a lease in the database says whose turn it is. What was delivered is
    noted after it was, so that a message may come twice, with the same id, and never not at all.
    """

    registry: Registry
    book: AccessBook
    settings: Hooking = field(default_factory=Hooking)
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    stop_seconds: float = 5.0  # how long stopping waits for what is under way

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._leading = threading.Lock()  # held while the job is taken or left
        self._serving: dict[str, threading.Thread] = {}
        self._leads_until = 0.0  # monotonic

    def start(self) -> None:
        """Begin delivering."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop soon, and leave the job to another server. What is under way may be sent once more."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        deadline = time.monotonic() + self.stop_seconds
        with self._lock:
            threads = [*self._serving.values(), *([self._thread] if self._thread else [])]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._leading:
            self._leave()

    def _leave(self) -> None:
        if not self._leads_until:
            return
        self._leads_until = 0.0
        try:
            self.book.hooks.release(self.holder)
        except QualitraceError as error:
            event(logger, logging.WARNING, "webhook job not left", code=error.code)

    def _run(self) -> None:
        while not self._stopping.wait(self.settings.poll_seconds):
            try:
                self._turn()
            except QualitraceError as error:
                event(logger, logging.WARNING, "webhooks not looked at", code=error.code)
            except Exception:
                logger.exception("webhooks not looked at")

    def _turn(self) -> None:
        """Look which hooks are due, and serve each in a thread of its own: a slow one holds up no other."""
        hooks = [hook for hook in self.book.hooks.all() if not hook.dead]
        if not hooks or not self._leads():
            return
        for hook in hooks:
            with self._lock:
                free = hook.id not in self._serving and len(self._serving) < _AT_ONCE
                if not free or hook.next_at > time.time():
                    continue
                thread = threading.Thread(target=self._serve, args=(hook,), daemon=True)
                self._serving[hook.id] = thread
                thread.start()

    def _leads(self) -> bool:
        """Tell whether it is this server's turn. Who stops never takes the job again after leaving it."""
        with self._leading:
            if self._stopping.is_set():
                return False
            begun = time.monotonic()
            if begun + _LEASE_SECONDS - _RENEW_SECONDS > self._leads_until:
                taken = self.book.hooks.lease(self.holder, _LEASE_SECONDS)
                self._leads_until = begun + _LEASE_SECONDS if taken else 0.0
            return self._leads_until > begun

    def _serve(self, hook: Hook) -> None:
        try:
            told = self._due(hook)
            while told is not None and not self._stopping.is_set() and self._leads_until > time.monotonic():
                told = self._step(told)
        except QualitraceError as error:
            event(logger, logging.WARNING, "webhook not served", webhook=hook.id, code=error.code)
        except Exception:
            logger.exception("webhook not served")
            self._stopping.wait(self.settings.first_seconds)
        finally:
            with self._lock:
                self._serving.pop(hook.id, None)

    def _due(self, hook: Hook) -> Hook | None:
        """Return a hook as it stands now: since the turn read it, the thread before may have noted more."""
        for one in self.book.hooks.all():
            if one.id == hook.id and not one.dead and one.next_at <= time.time():
                return one
        return None

    def _step(self, hook: Hook) -> Hook | None:
        """Tell a hook one thing; returns the hook as it stands then, None when it has to wait."""
        hooks = self.book.hooks
        message, told = following(self.registry, hook)
        if message is None:
            moved = told != hook.told and hooks.passed(hook, told)
            return replace(hook, told=told) if moved else None
        signing = hooks.secrets(hook)
        if not signing:
            return None  # it was removed
        came = attempt(hook, signing, message, seconds=self.settings.timeout_seconds)
        if not came.problem:
            return self._taken(hook, told)
        dead = came.gone or hook.failures + 1 >= self.settings.tries
        due = time.time() + wait(self.settings, hook.failures, came.retry_after)
        hooks.failed(hook, came.problem, next_at=due, dead=dead)
        told_of = {"webhook": hook.id, "message": message.id, "problem": came.problem, "dead": dead}
        event(logger, logging.WARNING, "webhook failed", **told_of)
        return None

    def _taken(self, hook: Hook, told: Any) -> Hook | None:
        if not self.book.hooks.delivered(hook, told):
            return None  # another server went on meanwhile, or it was removed
        return replace(hook, told=told, delivered=hook.delivered + 1, failures=0, problem="")


def deliver(parts: Parts) -> None:
    """Let the application tell hooks as long as it runs, where access is configured."""
    registry, book, settings = parts.registry, parts.access, parts.settings.webhooks
    if not isinstance(book, AccessBook) or not isinstance(registry, Registry) or not settings.enabled:
        return
    deliverer = Deliverer(registry, book, settings)

    @asynccontextmanager
    async def delivering() -> AsyncIterator[None]:
        deliverer.start()
        try:
            yield
        finally:
            await run_in_threadpool(deliverer.stop)

    parts.lasting.append(delivering)
