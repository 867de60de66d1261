"""Who changes something, in which role: the caller, never what the request says (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qualitrace.access.model import Caller, Right, Role
from qualitrace.errors import ForbiddenError, QueryError
from qualitrace.registry.proposals import Actor, Proposal
from qualitrace.text import Text

# Says whether somebody may do something (``propose`` …), and as whom; raises a QualitraceError if not.
Permit = Callable[[str, Actor], Actor]

# What one must have the right to; any of them will do.
NEEDED: Mapping[str, frozenset[Right]] = {
    "propose": frozenset({Right.PROPOSE}),
    "comment": frozenset({Right.PROPOSE, Right.DECIDE}),
    "approve": frozenset({Right.DECIDE}),
    "reject": frozenset({Right.DECIDE}),
    "confirm": frozenset({Right.DECIDE}),
}
# Who decides about what somebody in a role has proposed.
DECIDES: Mapping[Role, Role] = {
    Role.STEWARD: Role.OFFICE,
    Role.SYSTEM: Role.OFFICE,
    Role.OFFICE: Role.AUDITOR,
}
_PROPOSING = (Role.OFFICE, Role.STEWARD, Role.SYSTEM)
_DECIDING = (Role.OFFICE, Role.AUDITOR)


def anyone(action: str, person: Actor) -> Actor:
    """Let everybody act under the name they give: for a server that only this machine can reach."""
    return person


def acting(caller: Caller, action: str, given: Actor, permit: Permit, about: Proposal | None = None) -> Actor:
    """Return as whom a caller does something. Raises ForbiddenError, QueryError.

    ``given`` is the name and role in the request: they count on this machine only. ``about`` is the
    proposal that is decided about: a role other than its author's decides.
    """
    if caller.trusted:
        return permit(action, given.checked())
    if not NEEDED[action] & caller.rights:
        raise _refused()
    name = caller.principal.name
    if given.name.strip() and not Actor(name).is_same(given.name):
        raise QueryError(
            Text(zh="只能以令牌上的名义行事。", en="One acts in the name that the token is of."),
            where="by",
            hint=Text(zh="请不要填 by。", en="Leave by out."),
        )
    return Actor(name, _role(caller.principal.roles, action, about).value)


def _role(roles: frozenset[Role], action: str, about: Proposal | None) -> Role:
    if action == "propose":
        return next(role for role in _PROPOSING if role in roles)
    if action == "comment":
        return next(role for role in (*_PROPOSING, *_DECIDING) if role in roles)
    held = [role for role in _DECIDING if role in roles]
    if about is None:
        return held[0]
    author = Role(about.role) if about.role in set(Role) else Role.OFFICE
    wanted = DECIDES.get(author, Role.OFFICE)
    if wanted not in held:
        raise ForbiddenError(
            Text(
                zh="这项提议须由另一种角色处理。",
                en="Somebody in another role decides about this proposal.",
            ),
            where=wanted.value,
        )
    return wanted


def sees_all(caller: Caller) -> bool:
    """Tell whether a caller sees everybody's proposals: who decides about them does."""
    return caller.trusted or Right.DECIDE in caller.rights


def visible(caller: Caller, one: Proposal) -> bool:
    """Tell whether a caller sees a proposal: their own, or all."""
    return sees_all(caller) or Actor(caller.principal.name).is_same(one.author)


def _refused() -> ForbiddenError:
    return ForbiddenError(Text(zh="您的角色不允许这样做。", en="Your role does not allow this."))
