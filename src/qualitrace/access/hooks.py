"""Whom to tell of what happens, how far they were told, and which server does it (floor 1)."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from qualitrace.access import tables
from qualitrace.access.database import clean, moment, now, reading, stamp, writing
from qualitrace.errors import QueryError
from qualitrace.text import Text

_LEASE = "webhooks"
_MOST_TEXT = 500
_MOST_SECRETS = 4  # of those before the newest, that messages are signed with, too


class HookEvent(StrEnum):
    """What a hook can be told of."""

    CHANGES = "changes"
    PROPOSALS = "proposals"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class Told:
    """How far a hook was told: whole changesets, parts of the next one, and events of the journal."""

    position: int = 0
    part: int = 0
    event: int = 0


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that is told of what happens. Without its secret: see :meth:`Hooks.secret`."""

    id: str
    url: str
    events: frozenset[HookEvent]
    private: bool
    made_at: dt.datetime
    made_by: str
    told: Told
    dead: bool = False
    delivered: int = 0
    delivered_at: dt.datetime | None = None
    failures: int = 0
    next_at: float = 0.0  # Unix time of the next attempt
    problem: str = ""


class Hooks:
    """The hooks of one registry."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(
        self, url: str, secret: bytes, events: Iterable[HookEvent], told: Told, *, private: bool, by: str
    ) -> Hook:
        """Add a hook, to be told of what comes after ``told``. Raises RegistryError."""
        made = Hook(secrets.token_hex(4), url, frozenset(events), private, now(), clean(by, _MOST_TEXT), told)
        row = {
            "id": made.id,
            "url": url,
            "secret": base64.b64encode(secret).decode(),
            "events": json.dumps(sorted(made.events)),
            "private": private,
            "made_at": stamp(made.made_at),
            "made_by": made.made_by,
            **_told(told),
            "state": "active",
            "delivered": 0,
            "delivered_at": "",
            "failures": 0,
            "next_at": 0.0,
            "problem": "",
        }
        with writing(self._engine) as connection:
            connection.execute(sa.insert(tables.hook).values(row))
        return made

    def all(self) -> list[Hook]:
        """Return all hooks, oldest first. Raises RegistryError."""
        query = sa.select(tables.hook).order_by(tables.hook.c.made_at, tables.hook.c.id)
        with reading(self._engine) as connection:
            return [_hook(row) for row in connection.execute(query)]

    def one(self, identifier: str) -> Hook:
        """Return a hook. Raises QueryError when there is none of that id."""
        found = next((hook for hook in self.all() if hook.id == identifier), None)
        if found is None:
            raise QueryError(
                Text(zh="没有这个回调。", en="There is no such webhook."),
                where=identifier,
                hint=Text(zh="qualitrace webhook list 列出全部。", en="qualitrace webhook list shows all."),
            )
        return found

    def secrets(self, hook: Hook) -> tuple[bytes, ...]:
        """Return what a hook's messages are signed with, newest first; nothing when the hook was removed.

        Several while a secret is being changed for another: see :meth:`rotate`.
        """
        table = tables.hook
        query = sa.select(table.c.secret, table.c.older).where(table.c.id == hook.id)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return ()
        return tuple(
            base64.b64decode(one) for one in (row.secret, *(b["secret"] for b in _lasting(row.older)))
        )

    def rotate(self, identifier: str, secret: bytes, seconds: float) -> Hook:
        """Sign a hook's messages with another secret; for so many seconds with those before, too.

        Raises QueryError when there is no such hook, or when the secret is the one it has.
        """
        found = self.one(identifier)
        table, new = tables.hook, base64.b64encode(secret).decode()
        with writing(self._engine) as connection:
            asked = sa.select(table.c.secret, table.c.older).where(table.c.id == identifier)
            row = connection.execute(asked.with_for_update()).one()
            if row.secret == new:
                raise QueryError(
                    Text(zh="这就是现在的密钥。", en="This is the secret it has already."),
                    where=identifier,
                    hint=Text(zh="请产生新的密钥。", en="Make a new one."),
                )
            until = now().timestamp() + seconds
            before = [{"secret": row.secret, "until": until}, *_lasting(row.older)][:_MOST_SECRETS]
            kept = [one for one in before if one["secret"] != new] if seconds > 0 else []
            changed = sa.update(table).where(table.c.id == identifier)
            connection.execute(changed.values(secret=new, older=json.dumps(kept)))
        return found

    def remove(self, identifier: str) -> Hook:
        """Remove a hook; it is told of nothing from now on. Raises QueryError when there is none."""
        found = self.one(identifier)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(tables.hook).where(tables.hook.c.id == identifier))
        return found

    def resume(self, identifier: str) -> Hook:
        """Go on telling a dead hook from where it stopped. Raises QueryError when there is none."""
        found = self.one(identifier)
        self._update(found, state="active", failures=0, next_at=0.0)
        return replace(found, dead=False, failures=0, next_at=0.0)

    def delivered(self, hook: Hook, told: Told) -> bool:
        """Note that the hook was told up to there. False when somebody else noted something meanwhile."""
        return self._update(
            hook,
            **_told(told),
            delivered=hook.delivered + 1,
            delivered_at=stamp(now()),
            failures=0,
            next_at=0.0,
            problem="",
        )

    def passed(self, hook: Hook, told: Told) -> bool:
        """Note that there was nothing to tell the hook up to there."""
        return self._update(hook, **_told(told))

    def failed(self, hook: Hook, problem: str, *, next_at: float, dead: bool) -> bool:
        """Note an attempt that failed, and when the next is due."""
        return self._update(
            hook,
            failures=hook.failures + 1,
            problem=clean(problem, _MOST_TEXT),
            next_at=next_at,
            state="dead" if dead else "active",
        )

    def _update(self, hook: Hook, **values: object) -> bool:
        """Change a hook that still stands where it was told up to."""
        table, at = tables.hook, hook.told
        same = sa.and_(
            table.c.id == hook.id,
            table.c.position == at.position,
            table.c.part == at.part,
            table.c.event == at.event,
        )
        with writing(self._engine) as connection:
            return connection.execute(sa.update(table).where(same).values(values)).rowcount == 1

    def lease(self, holder: str, seconds: float) -> bool:
        """Take or keep the job of delivering for some seconds; False while another server has it."""
        table = tables.lease
        with writing(self._engine) as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            first = insert(table).values(name=_LEASE, holder=holder, until=0.0)
            connection.execute(first.on_conflict_do_nothing(index_elements=["name"]))
            at = _clock(connection)
            free = sa.or_(table.c.holder == holder, table.c.until < at)
            taken = sa.update(table).where(table.c.name == _LEASE, free)
            return connection.execute(taken.values(holder=holder, until=at + seconds)).rowcount == 1

    def release(self, holder: str) -> None:
        """Leave the job to another server at once."""
        table = tables.lease
        with writing(self._engine) as connection:
            mine = sa.update(table).where(table.c.name == _LEASE, table.c.holder == holder)
            connection.execute(mine.values(until=0.0))


def _clock(connection: sa.Connection) -> float:
    """Return the Unix time that all servers share: the database's."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return now().timestamp()


def _lasting(older: str) -> list[dict[str, Any]]:
    """Return the secrets before the newest that are still to be signed with, newest first."""
    at = now().timestamp()
    return [one for one in json.loads(older) if one["until"] > at]


def _told(told: Told) -> dict[str, int]:
    return {"position": told.position, "part": told.part, "event": told.event}


def _hook(row: sa.Row[tuple[object, ...]]) -> Hook:
    made = moment(row.made_at)
    assert made is not None
    return Hook(
        id=row.id,
        url=row.url,
        events=frozenset(HookEvent(event) for event in json.loads(row.events)),
        private=row.private,
        made_at=made,
        made_by=row.made_by,
        told=Told(row.position, row.part, row.event),
        dead=row.state == "dead",
        delivered=row.delivered,
        delivered_at=moment(row.delivered_at),
        failures=row.failures,
        next_at=row.next_at,
        problem=row.problem,
    )
