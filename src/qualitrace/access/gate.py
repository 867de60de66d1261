"""What a server asks to know who asks (floor 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from qualitrace.access.model import Caller, Principal
from qualitrace.errors import UnknownCallerError
from qualitrace.text import Text

MOST_NODES = 2_000  # listed in one note; ``count`` says how many there were


@dataclass(frozen=True, slots=True)
class PersonalRead:
    """That somebody was shown personal data, or asked by it."""

    at: dt.datetime  # UTC
    who: str  # the principal's name
    token: str
    purpose: str
    route: str  # what was asked: an address, an operation's name, "sparql" …
    nodes: tuple[str, ...]  # IRIs whose personal data was in the answer; may be cut, see ``count``
    count: int  # how many nodes in all
    address: str = ""

    @classmethod
    def by(cls, caller: Caller, route: str, nodes: Iterable[str]) -> PersonalRead:
        """Make the note of a read that takes place now."""
        listed = sorted(set(nodes))
        now, who = dt.datetime.now(dt.UTC), caller.principal
        kept = tuple(listed[:MOST_NODES])
        return cls(now, who.name, who.token, caller.purpose, route, kept, len(listed), caller.address)


class Access(Protocol):
    """Knows who may ask, and keeps what they read."""

    def principal(self, credential: str) -> Principal:
        """Return whose bearer credential this is. Raises UnknownCallerError, taking as long in each case.

        A token of the identity provider may also raise ForbiddenError (who asks is known and has no role
        here) and UnavailableError (the provider is away and its keys are not known).
        """
        ...

    def note(self, read: PersonalRead) -> None:
        """Keep that personal data was read, before it is sent. Raises RegistryError when that fails."""
        ...


def unknown_caller() -> UnknownCallerError:
    """Make the error of every credential that is refused: whoever guesses is told the same each time."""
    return UnknownCallerError(
        Text(zh="须用有效的令牌访问。", en="A valid token is needed."),
        where="Authorization: Bearer",
        hint=Text(
            zh="请向质量管理部门申请令牌，或用学校统一身份认证登录。",
            en="Ask the quality office for a token, or sign in with the college's identity provider.",
        ),
    )
