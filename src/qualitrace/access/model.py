"""Who asks, in which roles, and what follows from it (floor 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is to a registry."""

    READER = "reader"
    AUDITOR = "auditor"
    STEWARD = "steward"  # of named units: what ``qt:steward`` paths end at
    OFFICE = "office"
    SYSTEM = "system"  # another program


class Right(StrEnum):
    """What a role may do beyond asking about what is public."""

    PERSONAL = "personal"  # see what the profile calls protected, of every unit
    OWN_PERSONAL = "own-personal"  # see it of the units one is a steward of
    HISTORY = "history"  # ask for changes, differences, who stated what
    PROPOSE = "propose"  # propose changes, comment on proposals
    DECIDE = "decide"  # approve, reject, confirm
    SPARQL = "sparql"
    READ_LOG = "read-log"  # ask who read personal data
    EXPLORE = "explore"  # introspection, and suggestions in error texts
    BATCH = "batch"  # several operations in one request
    SUBSCRIBE = "subscribe"  # be told of changes


RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.READER: frozenset(),
        Role.AUDITOR: frozenset(
            {Right.PERSONAL, Right.HISTORY, Right.DECIDE, Right.EXPLORE, Right.SUBSCRIBE}
        ),
        Role.STEWARD: frozenset({Right.OWN_PERSONAL, Right.PROPOSE, Right.EXPLORE, Right.SUBSCRIBE}),
        Role.OFFICE: frozenset(set(Right) - {Right.OWN_PERSONAL, Right.BATCH}),
        Role.SYSTEM: frozenset({Right.PROPOSE, Right.EXPLORE, Right.BATCH, Right.SUBSCRIBE}),
    }
)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose eyes an answer is for. Equal audiences see the same."""

    everything: bool = False
    units: frozenset[str] = frozenset()  # IRIs of the units whose protected facts are seen


EVERYTHING = Audience(everything=True)
PUBLIC = Audience()


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody known: by a token, or by the college's identity provider."""

    name: str  # as it is logged and signs proposals
    roles: frozenset[Role]
    units: frozenset[str] = frozenset()  # IRIs, for stewards
    token: str = ""  # the identifier of the token (never the token), or of the provider's subject

    @property
    def rights(self) -> frozenset[Right]:
        """What the roles allow together."""
        return frozenset().union(*(RIGHTS[role] for role in self.roles))

    @property
    def audience(self) -> Audience:
        """What the roles let see together, given a purpose."""
        if Right.PERSONAL in self.rights:
            return EVERYTHING
        return Audience(units=self.units) if Right.OWN_PERSONAL in self.rights else PUBLIC


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal in one request. Personal data is shown for a stated purpose only, and noted with it."""

    principal: Principal
    purpose: str = ""  # why personal data is asked for
    address: str = ""  # where the request came from
    trusted: bool = field(default=False)  # the demonstration on this machine: nothing is asked of anybody

    @property
    def rights(self) -> frozenset[Right]:
        """What the caller may do."""
        return frozenset(Right) if self.trusted else self.principal.rights

    @property
    def audience(self) -> Audience:
        """What the caller sees: without a purpose what is public."""
        if self.trusted:
            return EVERYTHING
        return self.principal.audience if self.purpose else PUBLIC
