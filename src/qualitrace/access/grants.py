"""Roles in one registry of many, as people write them (floor 1)."""

from __future__ import annotations

from qualitrace.access.model import Grant, Role
from qualitrace.errors import QueryError
from qualitrace.text import Text

_MOST = 2_000  # characters


def read_grant(text: str) -> Grant:
    """Read ``registry=role``, or ``registry=steward@UNIT`` with the IRI of the unit. Raises QueryError."""
    registry, equals, rest = text.strip().partition("=")
    role, at, unit = rest.partition("@")
    steward = role == Role.STEWARD
    known = role in set(Role)
    if (
        not (registry and equals and known and len(text) <= _MOST)
        or steward != ("://" in unit)
        or bool(at) != steward
    ):
        raise QueryError(
            Text(
                zh=f"“{text[:100]}”不是某个登记库里的角色。",
                en=f"“{text[:100]}” is no role in a registry.",
            ),
            hint=Text(
                zh="请写 登记库=角色，如 c01=auditor；单位负责人写 c01=steward@单位标识。角色："
                + "、".join(sorted(Role)),
                en="Write registry=role, such as c01=auditor; a steward c01=steward@IRI of the unit. Roles: "
                + ", ".join(sorted(Role)),
            ),
        )
    return Grant(registry, frozenset({Role(role)}), frozenset({unit}) if unit else frozenset())


def write_grants(grant: Grant) -> list[str]:
    """Return what :func:`read_grant` reads, one text for each role and unit."""
    found = [f"{grant.registry}={role}" for role in sorted(grant.roles - {Role.STEWARD})]
    if Role.STEWARD in grant.roles:
        found += [f"{grant.registry}={Role.STEWARD}@{unit}" for unit in sorted(grant.units)]
    return found
