"""Tokens: random credentials that this registry itself gives out (floor 1).

A token is ``qualitrace_``, 43 characters of chance (256 bits) and six of a checksum. The prefix lets a
scanner recognise one that was published by mistake; the checksum says of most others that they are none.

Only the SHA-256 of a token is kept. A slow, salted hash is for what people think up: it makes trying likely
passwords dear. Of 2^256 equally likely tokens none is worth trying, and a hash that takes a tenth of a second
would let anybody keep a server busy with wrong ones.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import string
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from qualitrace.access import tables
from qualitrace.access.database import clean, moment, now, reading, stamp, writing
from qualitrace.access.grants import read_grant, write_grants
from qualitrace.access.model import Grant, Principal, Role
from qualitrace.errors import QueryError
from qualitrace.text import Text

PREFIX = "qualitrace_"
DAYS = 365  # a token is valid that long unless said otherwise
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 43, 6
_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token. The token itself is known to its holder only."""

    id: str
    name: str
    roles: frozenset[Role]
    units: frozenset[str]
    made_at: dt.datetime
    made_by: str
    expires: dt.datetime | None  # None: never, as whoever made it said
    revoked_at: dt.datetime | None = None
    revoked_by: str = ""
    used_at: dt.datetime | None = None  # to the minute
    grants: frozenset[Grant] = frozenset()  # roles in one registry of many

    def state(self, at: dt.datetime | None = None) -> str:
        """Return ``revoked``, ``expired`` or ``valid``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires and self.expires <= (at or now()) else "valid"

    @property
    def principal(self) -> Principal:
        """Who holds it."""
        return Principal(self.name, self.roles, self.units, self.id, self.grants)


class Tokens:
    """The tokens of one registry."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def make(
        self,
        name: str,
        roles: Iterable[Role],
        *,
        units: Iterable[str] = (),
        expires: dt.datetime | None,
        by: str,
        grants: Iterable[Grant] = (),
    ) -> tuple[Token, str]:
        """Make a token; returns what is known of it, and the token. It cannot be shown again.

        ``units`` are IRIs. ``expires`` None means never. ``grants`` are roles in one
        registry of many. Raises QueryError, RegistryError.
        """
        made = replace(
            _checked(name, frozenset(roles), frozenset(units), expires, by), grants=frozenset(grants)
        )
        secret = new_secret()
        row = {
            "id": made.id,
            "hash": hashed(secret),
            "name": made.name,
            "roles": json.dumps(sorted(made.roles)),
            "units": json.dumps(sorted(made.units), ensure_ascii=False),
            "grants": json.dumps(
                sorted(one for grant in made.grants for one in write_grants(grant)), ensure_ascii=False
            ),
            "made_at": stamp(made.made_at),
            "made_by": made.made_by,
            "expires": stamp(made.expires),
        }
        with writing(self._engine) as connection:
            connection.execute(sa.insert(tables.token).values(row))
        return made, secret

    def all(self) -> list[Token]:
        """Return all tokens, newest first, whether valid or not. Raises RegistryError."""
        query = sa.select(tables.token).order_by(tables.token.c.made_at.desc(), tables.token.c.id)
        with reading(self._engine) as connection:
            return [_token(row) for row in connection.execute(query)]

    def revoke(self, identifier: str, *, by: str) -> Token:
        """End a token from now on, in every server. Raises QueryError when there is none of that id."""
        table = tables.token
        with writing(self._engine) as connection:
            ended = sa.update(table).where(table.c.id == identifier, table.c.revoked_at == "")
            connection.execute(ended.values(revoked_at=stamp(now()), revoked_by=clean(by, _MOST_NAME)))
            row = connection.execute(sa.select(table).where(table.c.id == identifier)).first()
        if row is None:
            raise QueryError(
                Text(zh="没有这个令牌。", en="There is no such token."),
                where=identifier,
                hint=Text(zh="qualitrace token list 列出全部。", en="qualitrace token list shows them all."),
            )
        return _token(row)

    def find(self, secret: str) -> Token | None:
        """Return the token, valid or not; None when nobody was given it. Raises RegistryError.

        One look-up by hash, and one row read, whatever was given: how long it takes tells nothing.
        """
        query = sa.select(tables.token).where(tables.token.c.hash == hashed(secret))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        found = _token(_NOBODYS if row is None else row)
        return None if row is None else found

    def used(self, identifier: str, at: dt.datetime) -> None:
        """Note when a token was used last. Raises RegistryError."""
        table = tables.token
        with writing(self._engine) as connection:
            noted = sa.update(table).where(table.c.id == identifier, table.c.used_at < stamp(at))
            connection.execute(noted.values(used_at=stamp(at)))


def new_secret() -> str:
    """Return a new token: prefix, 256 bits of chance, checksum."""
    body = _base62(secrets.randbits(256), _RANDOM)
    return PREFIX + body + _checksum(body)


def well_formed(secret: str) -> bool:
    """Tell whether a text has the form of a token, checksum included."""
    body, check = secret[len(PREFIX) : -_CHECK], secret[-_CHECK:]
    return secret.startswith(PREFIX) and len(body) == _RANDOM and check == _checksum(body)


def hashed(secret: str) -> str:
    """Return the SHA-256 of a token, as it is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("utf-8", "surrogatepass")), _CHECK)


def _base62(number: int, digits: int) -> str:
    found = ""
    for _ in range(digits):
        number, digit = divmod(number, len(_ALPHABET))
        found = _ALPHABET[digit] + found
    return found


def _checked(
    name: str, roles: frozenset[Role], units: frozenset[str], expires: dt.datetime | None, by: str
) -> Token:
    """Check what a token is to be made of. Raises QueryError."""
    name, at = clean(name.strip(), _MOST_NAME), now()
    if not name:
        raise QueryError(Text(zh="令牌须有名称。", en="A token needs a name."), where="--name")
    if not roles:
        raise QueryError(Text(zh="请写明角色。", en="Say which role it has."), where="--role")
    if Role.STEWARD in roles and not units:
        raise QueryError(
            Text(zh="单位负责人须写明单位。", en="A steward is one of named units."),
            where="--unit",
            hint=Text(zh="用 --unit 写明名称、编码或标识。", en="Name them with --unit."),
        )
    if units and Role.STEWARD not in roles:
        raise QueryError(
            Text(zh="只有单位负责人才有单位。", en="Only a steward has units."),
            where="--unit",
            hint=Text(zh="请用 --role steward。", en="Use --role steward."),
        )
    if expires is not None and expires <= at:
        raise QueryError(
            Text(zh="失效时间已经过去。", en="It would have expired already."), where=stamp(expires)
        )
    return Token(secrets.token_hex(4), name, roles, units, at, clean(by, _MOST_NAME), expires)


# Read in place of a row that is not there.
_NOBODYS = SimpleNamespace(
    id="00000000",
    name="nobody",
    roles='["reader"]',
    units="[]",
    grants="[]",
    made_at="2025-01-01T00:00:00.000000Z",
    made_by="nobody",
    expires="2025-01-01T00:00:00.000000Z",
    revoked_at="",
    revoked_by="",
    used_at="2025-01-01T00:00:00.000000Z",
)


def _token(row: Any) -> Token:
    made = moment(row.made_at)
    assert made is not None
    return Token(
        id=row.id,
        name=row.name,
        roles=frozenset(Role(role) for role in json.loads(row.roles)),
        units=frozenset(json.loads(row.units)),
        made_at=made,
        made_by=row.made_by,
        expires=moment(row.expires),
        revoked_at=moment(row.revoked_at),
        revoked_by=row.revoked_by,
        used_at=moment(row.used_at),
        grants=frozenset(read_grant(one) for one in json.loads(row.grants)),
    )
