"""Who is told of changes, for how long, and what (floor 5)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from starlette.concurrency import run_in_threadpool

from qualitrace.access.model import Caller, Right
from qualitrace.budget import Budget
from qualitrace.errors import UnavailableError
from qualitrace.graphql import Allowance, Schema
from qualitrace.graphql.asking import Asker
from qualitrace.graphql.subscription_answers import answer, begin
from qualitrace.graphql.subscription_changes import Change, Changes
from qualitrace.text import Text
from qualitrace.web.authentication import known
from qualitrace.web.disclosing import disclose, seen
from qualitrace.web.limiting import key_of, limits_of
from qualitrace.web.parts import Parts, require
from qualitrace.web.protocol import Asked
from qualitrace.web.subscription_watch import Watcher

PAGE = 20  # changesets read at a time
ROUTE = "subscription"


class Session:
    """Somebody who is told of changes. Whether they still may be is looked at again and again."""

    def __init__(self, parts: Parts, caller: Caller, credential: str) -> None:
        self._parts = parts
        self._credential = credential
        self._every = parts.settings.subscriptions.recheck_seconds
        self._checked = time.monotonic()
        self.caller = caller

    def stating(self, why: str) -> Session:
        """Return the same session, asking for a reason that one operation states."""
        if not why or self.caller.purpose:
            return self
        return Session(self._parts, replace(self.caller, purpose=why), self._credential)

    async def check(self) -> Caller:
        """Return who they are now. Raises UnknownCallerError when nobody any longer, or ForbiddenError."""
        access, caller = self._parts.access, self.caller
        if access is not None and time.monotonic() - self._checked >= self._every:
            given = (access, self._credential, caller.purpose, caller.address)
            self.caller = await run_in_threadpool(known, *given)
            self._checked = time.monotonic()
        require(self.caller, Right.SUBSCRIBE)
        return self.caller


class Feed:
    """The changes of a registry, told to a bounded number of readers, to each at their own pace."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settings = parts.settings.subscriptions
        self.changes = Changes(parts.registry)
        self.watcher = Watcher(parts.registry, self.settings.poll_seconds)
        self._held: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """How many readers there are."""
        return self._held.total()

    @contextmanager
    def place(self, caller: Caller) -> Iterator[None]:
        """Hold a place among the readers. Raises UnavailableError when there is none."""
        key = key_of(caller)
        full = self._held.total() >= self.settings.connections
        if full or (self._held[key] >= self.settings.each and not caller.trusted):
            raise UnavailableError(
                Text(zh="同时的订阅连接太多。", en="There are too many connections of this kind."),
                hint=Text(zh="请先断开其他连接，或稍后再试。", en="Close others first, or try again later."),
            )
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    async def follow(self, session: Session, position: int) -> AsyncIterator[Change]:
        """Tell every changeset after a position, in order; wait for more at the end.

        The next is read when the one before was taken: whoever is slow costs no memory. Raises AccessError
        when the reader may no longer be told.
        """
        while True:
            caller = await session.check()
            page = await run_in_threadpool(self.changes.after, position, caller, PAGE)
            for change in page:
                yield change
                position = change.position
                if await session.check() != caller:
                    break  # what was read is as somebody else may see it
            if not page:
                await self.watcher.wait(position, self.settings.recheck_seconds)

    def begin(self, caller: Caller, asked: Asked) -> int:
        """Return the position that a subscription starts after. Raises RefusedError or QueryError."""
        schema = self._schema(caller)
        allowance = self._allowance(caller)
        after = begin(schema, asked.query, asked.variables, asked.operation_name, allowance)
        position = self.changes.position if after is None else after
        self.changes.check(position)
        return position

    def answer(self, caller: Caller, asked: Asked, change: Change) -> bytes:
        """Return what a subscription says of a changeset, as JSON; noted where it holds personal data."""
        view = seen(self.parts, caller)
        with self.parts.registry.reading():
            found = answer(
                self._schema(caller),
                asked.query,
                asked.variables,
                asked.operation_name,
                change,
                asker=Asker(caller, view, self.parts.access),
                allowance=self._allowance(caller),
            )
            disclose(self.parts, caller, ROUTE, found.content)
        return found.content

    def _schema(self, caller: Caller) -> Schema:
        return self.parts.schemas.of(caller.rights)

    def _allowance(self, caller: Caller) -> Allowance:
        limits = self.parts.settings.limits
        return Allowance(
            limits=None if caller.trusted else limits_of(limits, caller.principal.roles),
            budget=Budget(limits.seconds),
            explore=Right.EXPLORE in caller.rights,
        )


async def ended(stopping: object) -> None:
    """Wait until the server begins to stop; for ever where nobody says so."""
    wait = getattr(stopping, "wait", None)
    await (wait() if wait is not None else asyncio.Event().wait())
