"""Who asks, in which roles, and what follows from it (floor 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class Grant:
    """What somebody is to one registry of many, which is named."""

    registry: str
    roles: frozenset[Role]
    units: frozenset[str] = frozenset()  # IRIs, for stewards


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody known: by a token, or by the college's identity provider."""

    name: str  # as it is logged and signs proposals
    roles: frozenset[Role]
    units: frozenset[str] = frozenset()  # IRIs, for stewards
    token: str = ""  # the identifier of the token (never the token), or of the provider's subject
    grants: frozenset[Grant] = frozenset()  # where one server answers for many registries

    def within(self, registry: str) -> Principal:
        """Return who this is to one registry of many: a reader, unless a grant names that registry."""
        found = [grant for grant in self.grants if grant.registry == registry]
        roles = frozenset({Role.READER}).union(*(grant.roles for grant in found))
        units = frozenset[str]().union(*(grant.units for grant in found))
        return replace(self, roles=roles, units=units, grants=frozenset())

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

    @property
    def sees_personal(self) -> bool:
        """Whether more than what is public is seen, given a purpose."""
        return self.audience != PUBLIC


@dataclass(frozen=True, slots=True)
class Among(Principal):
    """Somebody to a server that answers for many registries, and has none of its own.

    Roles say what they may do at this server. What they see of a registry, grants alone say.
    """

    @classmethod
    def of(cls, known: Principal) -> Among:
        """Return who somebody known is to such a server."""
        return cls(known.name, known.roles, known.units, known.token, known.grants)

    def within(self, registry: str) -> Principal:
        """Return who this is to one of the registries."""
        return Principal(self.name, self.roles, self.units, self.token, self.grants).within(registry)

    @property
    def audience(self) -> Audience:
        """What is public: there is nothing that roles without a registry could be about."""
        return PUBLIC

    @property
    def sees_personal(self) -> bool:
        """Whether more than what is public is seen of any registry, given a purpose."""
        return any(self.within(one).sees_personal for one in {grant.registry for grant in self.grants})


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
