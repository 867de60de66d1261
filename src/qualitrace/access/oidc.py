"""Bearer tokens of the college's identity provider (floor 1).

JSON Web Token (RFC 7519), with the best current practices of RFC 8725: the algorithm is on a list of ours,
fits the key, and issuer, audience and times are checked. What a token's header says of where its key lies is
never followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from qualitrace.access.gate import unknown_caller
from qualitrace.access.model import Grant, Principal, Role
from qualitrace.access.oidc_grants import GrantsClaim, Registries
from qualitrace.access.oidc_keys import Keys
from qualitrace.access.oidc_settings import OidcSettings
from qualitrace.access.telling import tell
from qualitrace.errors import ForbiddenError, QualitraceError
from qualitrace.text import Text

_LONGEST = 16_384
_ALWAYS = ("iss", "aud", "sub", "exp", "iat")
_MOST_UNITS, _MOST_NAME = 50, 200
_REMEMBERED_SECONDS = 300.0

# Returns the IRI of a unit by name, code or identifier. Raises QualitraceError.
Resolve = Callable[[str], str]


class Oidc:
    """Takes the tokens of one identity provider. Safe from several threads."""

    def __init__(
        self,
        settings: OidcSettings,
        resolve: Resolve | None = None,
        registries: Registries | None = None,
    ) -> None:
        """``resolve`` finds units by name (``Registry.resolve``); without it units are named by IRI.

        ``registries`` names those of a server that answers for many: only there the claim is read that
        gives roles in them.
        """
        self._settings = settings
        self._resolve = resolve
        self._keys = Keys(settings)
        self._grants = (
            GrantsClaim(settings.grants_claim, settings.grants, registries)
            if registries is not None and settings.grants_claim
            else None
        )
        self._lock = threading.Lock()
        self._units: dict[str, tuple[float, str]] = {}  # name → when it was resolved, IRI

    def warm(self) -> None:
        """Fetch the provider's keys ahead of the first request; a failure is logged."""
        self._keys.refresh()

    def takes(self, credential: str) -> bool:
        """Tell whether a credential has the form of a signed token."""
        return credential.count(".") == 2

    def principal(self, credential: str) -> Principal:
        """Return whose token this is.

        Raises UnknownCallerError (not signed by the provider, or not for us, or not now), ForbiddenError
        (no role here) and UnavailableError (the provider is away and its keys are not known).
        """
        try:
            claims = self._claims(credential)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            tell("token of the identity provider refused", reason=type(error).__name__)
            raise unknown_caller() from error
        return self._principal(claims)

    def _claims(self, credential: str) -> Mapping[str, Any]:
        """Return what a token says. Raises jwt.PyJWTError, UnavailableError."""
        if len(credential) > _LONGEST:
            raise jwt.InvalidTokenError("too long")
        settings = self._settings
        header = jwt.get_unverified_header(credential)
        algorithm, kid = header.get("alg"), header.get("kid", "")
        if algorithm not in settings.algorithms or not isinstance(kid, str) or "crit" in header:
            raise jwt.InvalidAlgorithmError("the algorithm is not taken")
        if settings.token_type and _type(header) != _type({"typ": settings.token_type}):
            raise jwt.InvalidTokenError("not the wanted type of token")
        key = self._keys.find(kid, algorithm)
        if key is None:
            raise jwt.InvalidKeyError("the provider has no such key")
        claims: Mapping[str, Any] = jwt.decode(
            credential,
            key=key.key,
            algorithms=[algorithm],
            audience=list(settings.audience),
            issuer=settings.issuer,
            leeway=settings.skew_seconds,
            options={"require": [*_ALWAYS, *settings.required_claims]},
        )
        if claims["iat"] < time.time() - settings.longest_seconds - settings.skew_seconds:
            raise jwt.ExpiredSignatureError("made too long ago")
        return claims

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        settings = self._settings
        values = _texts(_claim(claims, settings.roles_claim))
        roles = frozenset(role for value in values if (role := settings.role_of(value)) is not None)
        token = f"oidc:{claims['sub']}"[:_MOST_NAME]
        grants = frozenset[Grant]()
        if self._grants is not None:
            grants = self._grants.read(_claim(claims, settings.grants_claim), token)
        if not roles and (settings.default_role or grants):  # who has a role somewhere may ask
            roles = frozenset({Role(settings.default_role or Role.READER)})
        if not roles:
            raise ForbiddenError(
                Text(zh="您在这里没有角色。", en="You have no role here."),
                hint=Text(zh="请向质量管理部门申请。", en="Ask whoever manages access to the registry."),
            )
        name = _claim(claims, settings.name_claim)
        shown = name if isinstance(name, str) and name.strip() else claims["sub"]
        units = self._stewarded(claims) if Role.STEWARD in roles else frozenset()
        return Principal(shown.strip()[:_MOST_NAME], roles, units, token, grants)

    def _stewarded(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Return the units of a steward; one that is not known here gives nothing."""
        named = _texts(_claim(claims, self._settings.units_claim))[:_MOST_UNITS]
        if self._settings.units:
            named = [self._settings.units[value] for value in named if value in self._settings.units]
        return frozenset(unit for value in named if (unit := self._unit(value)))

    def _unit(self, name: str) -> str:
        if self._resolve is None:
            return name if "://" in name else ""
        begun = time.monotonic()
        kept = self._units.get(name)
        if kept is not None and begun - kept[0] < _REMEMBERED_SECONDS:
            return kept[1]
        try:
            found = self._resolve(name)
        except QualitraceError:
            tell("unit named by the identity provider not known")
            found = ""
        with self._lock:
            if len(self._units) > 1_000:
                self._units.clear()
            self._units[name] = begun, found
        return found


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim by name, or by a way of names into objects; None when it is missing."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _texts(value: Any) -> list[str]:
    """Return a claim's texts: of a list, or of one text with words between blanks (as ``scope`` has)."""
    if isinstance(value, str):
        return [value, *value.split()] if " " in value else [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _type(header: Mapping[str, Any]) -> str:
    """Return the type of a token without the prefix that may be left out (RFC 7515, 4.1.9)."""
    return str(header.get("typ", "")).lower().removeprefix("application/")
