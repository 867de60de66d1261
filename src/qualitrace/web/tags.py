"""Strong tags of answers: what an answer hangs on, in one digest (floor 5)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import orjson

from qualitrace.profile.model import Profile
from qualitrace.web.asking import Asking
from qualitrace.web.disclosing import is_noted, is_withheld
from qualitrace.web.protocol import Asked
from qualitrace.web.served import Served

_FOLDERS = ("ontology", "shapes", "reasoning", "graphql")


class Tags:
    """Gives answers about one registry their tags."""

    def __init__(self, registry: Served) -> None:
        self._registry = registry
        self._profile = _digest(registry.profile)
        self._head: tuple[int, str] = (-1, "")

    def of(self, asking: Asking, text: str, asked: Asked, standing: str | None = None) -> str:
        """Return the digest of all that an answer hangs on; "" when it may change without the journal.

        There is none either where what is shown must be noted, as each showing is, and where the answer tells
        what it cost. ``standing``: where the
        registry stands, as told by itself; by default the changeset that answers stand at.
        """
        if is_noted(asking.caller) or asking.allowance.told or not asking.known.is_steady(text):
            return ""
        rights, audience = asking.key
        parts = (
            self._profile,
            self._standing() if standing is None else standing,
            # Findings, and traces and verdicts without a date, are those of the day.
            [dt.date.today().isoformat(), dt.datetime.now(dt.UTC).date().isoformat()],
            hashlib.sha256(text.encode()).hexdigest(),
            asked.operation_name,
            asking.media,
            [sorted(rights), audience.everything, sorted(audience.units), is_withheld(asking.caller)],
        )
        variables = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(orjson.dumps(parts) + variables).hexdigest()[:32]

    def _standing(self) -> str:
        """Return the identifier of the changeset that answers stand at."""
        position = self._registry.position
        if self._head[0] != position:
            last = next(iter(self._registry.changesets(position - 1)), None)
            self._head = position, "" if last is None else last.id
        return f"{self._head[0]} {self._head[1]}"


def is_tagged(asking: Asking, text: str) -> bool:
    """Tell whether an answer is sent with its tag: those to a GET, and those of trusted operations.

    A trusted operation only reads, so that its POST may be conditional like a GET.
    """
    return asking.method == "GET" or asking.known.trusts(text)


def quoted(digest: str) -> str:
    """Return a digest as an entity tag (RFC 9110, 8.8.3); "" for none."""
    return f'"{digest}"' if digest else ""


def matches(given: str, tag: str) -> bool:
    """Compare as ``If-None-Match`` does (RFC 9110, 13.1.2): weakly, or ``*`` for anything."""
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    return tag in tags or tags == ["*"]


def _digest(profile: Profile) -> str:
    """Return a digest of what the profile says about answers."""
    found: Any = hashlib.sha256()
    for folder in _FOLDERS:
        for path in sorted((profile.directory / folder).rglob("*")):
            if path.is_file():
                found.update(path.name.encode())
                found.update(path.read_bytes())
    return str(found.hexdigest()[:16])
