"""Who may ask a registry, and what they read: kept beside its journal (floor 1)."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from qualitrace.access.database import now, open_database
from qualitrace.access.gate import PersonalRead, unknown_caller
from qualitrace.access.hooks import Hooks
from qualitrace.access.model import Principal
from qualitrace.access.noting import ReadLog
from qualitrace.access.reads import Asked, Logged, forget_reads, reads
from qualitrace.access.telling import tell
from qualitrace.access.tokens import Token, Tokens, hashed, well_formed
from qualitrace.errors import RegistryError, UnknownCallerError
from qualitrace.journal.failures import shown

_KNOWN_SECONDS = 1.0  # how long a server may go on without asking again: a revoked token ends within it
_USED_SECONDS = 60.0
_MOST_KNOWN = 10_000
_LONGEST = 16_384  # characters of a credential

# Told of each credential that is refused: why (``unknown``, ``malformed``, ``expired``, ``revoked`` …).
Refusal = Callable[[str], None]


class Provider(Protocol):
    """An identity provider whose tokens are taken too (:class:`qualitrace.access.oidc.Oidc`)."""

    def takes(self, credential: str) -> bool:
        """Tell whether a credential has the form of the provider's."""
        ...

    def principal(self, credential: str) -> Principal:
        """Return whose it is. Raises UnknownCallerError, ForbiddenError, UnavailableError."""
        ...


class AccessBook:
    """Implements :class:`qualitrace.access.gate.Access` for one registry. Safe from several threads.

    ``tokens`` makes, lists and revokes; ``hooks`` holds whom to tell of changes.
    """

    def __init__(
        self,
        location: str | Path,
        *,
        provider: Provider | None = None,
        refused: Refusal | None = None,
        alone: bool = False,
    ) -> None:
        self._engine = open_database(location, alone=alone)
        self.tokens = Tokens(self._engine)
        self.hooks = Hooks(self._engine)
        self._log = ReadLog(self._engine)
        self._provider = provider
        self._refused = refused
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Token]] = {}  # hash → when it was asked for, and what was found
        self._used: dict[str, float] = {}  # token → when its use was noted last

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        provider: Provider | None = None,
        refused: Refusal | None = None,
        alone: bool = False,
    ) -> AccessBook:
        """Open what is kept beside a registry; made when it is not there.

        ``refused`` is called at each refusal, to count them or to slow down who guesses. ``alone``: there
        need not be a registry at the location, as where one server answers for many. Raises RegistryError
        when there is none.
        """
        return cls(location, provider=provider, refused=refused, alone=alone)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @property
    def where(self) -> str:
        """Where it is kept, as it may be shown."""
        return shown(self._engine.url)

    def principal(self, credential: str) -> Principal:
        """Return whose bearer credential this is.

        Raises UnknownCallerError, which never says why: the log does. A provider's token may also raise
        ForbiddenError (known, without a role here) and UnavailableError (the provider is away).
        """
        if self._provider is not None and self._provider.takes(credential):
            try:
                return self._provider.principal(credential)
            except UnknownCallerError:
                self._tell("provider")
                raise
        return self._holder(credential).principal

    def note(self, read: PersonalRead) -> None:
        """Keep that personal data was read; on disk when this returns. Raises RegistryError."""
        self._log.note(read)

    def reads(self, asked: Asked | None = None) -> list[Logged]:
        """Return a page of the notes of reads, newest first. Raises RegistryError."""
        return reads(self._engine, asked or Asked())

    def forget_reads(self, before: dt.datetime, *, by: str) -> int:
        """Delete the notes of reads before a time, and note that. Returns how many. Raises RegistryError."""
        return forget_reads(self._engine, before, by=by)

    def _holder(self, credential: str) -> Token:
        """Return the valid token. What is refused is looked up each time, in one way whatever is wrong."""
        key = hashed(credential[:_LONGEST])
        asked, token = self._known.get(key, (0.0, None))
        begun = time.monotonic()
        if token is None or begun - asked > _KNOWN_SECONDS:
            token = self.tokens.find(credential[:_LONGEST])
        problem = _problem(credential, token)
        if token is None or problem:
            self._known.pop(key, None)
            tell("credential refused", reason=problem, token=token.id if token else "")
            self._tell(problem)
            raise unknown_caller()
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = (asked if begun - asked <= _KNOWN_SECONDS else begun), token
        self._note_use(token)
        return token

    def _note_use(self, token: Token) -> None:
        """Note when a token was used, once a minute. A failure is no reason to refuse its holder."""
        begun = time.monotonic()
        with self._lock:
            if begun - self._used.get(token.id, -_USED_SECONDS) < _USED_SECONDS:
                return
            self._used[token.id] = begun
        try:
            self.tokens.used(token.id, now())
        except RegistryError as error:
            tell("use of a token not noted", token=token.id, code=error.code)

    def _tell(self, problem: str) -> None:
        if self._refused is not None:
            self._refused(problem)


def _problem(credential: str, token: Token | None) -> str:
    """Say what is wrong, for the log only; ``""`` when nothing is."""
    if token is None:
        return "unknown" if well_formed(credential) else "malformed"
    state = token.state()
    return "" if state == "valid" else state
