"""Who sees what of which registry (floor 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qualitrace.access.model import EVERYTHING, PUBLIC, Audience, Caller, Grant

# Says what is seen of a registry (its name).
Sees = Callable[[str], Audience]


def nobody(registry: str) -> Audience:
    """See what is public, of every registry."""
    return PUBLIC


def sees(caller: Caller) -> Sees:
    """Return what a caller sees of each registry: what is protected only where a grant names it.

    Roles that name no registry give nothing here, and without a purpose nobody sees more than is public.
    """

    held: dict[str, set[Grant]] = {}
    for grant in caller.principal.grants:
        held.setdefault(grant.registry, set()).add(grant)

    def of(registry: str) -> Audience:
        if caller.trusted:
            return EVERYTHING
        if registry not in held or not caller.purpose:
            return PUBLIC
        return replace(caller.principal, grants=frozenset(held[registry])).within(registry).audience

    return of
