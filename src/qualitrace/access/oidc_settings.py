"""What a server is told of the identity provider (floor 1)."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qualitrace.access.model import Role
from qualitrace.access.oidc_grants import GrantsForm
from qualitrace.errors import AccessError
from qualitrace.text import Text

# Asymmetric signatures only: with a shared secret whoever checks a token could make one.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """``[oidc]``: the college's identity provider, whose tokens are taken beside one's own.

    Without an issuer none is asked. Raises AccessError when what is set cannot work or is not safe.
    """

    issuer: str = ""  # as in the provider's tokens; its discovery document lies below it
    audience: tuple[str, ...] = ()  # a token must be meant for one of them
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    name_claim: str = "preferred_username"  # whose name is logged; the subject where it is missing
    roles_claim: str = "roles"  # dots lead into objects: "realm_access.roles"
    roles: Mapping[str, str] = field(default_factory=dict)  # value of the claim → role here
    default_role: str = ""  # of whoever has none; "": refused
    units_claim: str = "units"
    units: Mapping[str, str] = field(default_factory=dict)  # value of the claim → unit; empty: as it is
    grants_claim: str = ""  # roles in one registry of many; "": none
    grants_form: str = "{registry}={role}"  # or "object"; see oidc_grants
    grants_roles: Mapping[str, str] = field(default_factory=dict)  # word → role; empty: names of roles
    required_claims: tuple[str, ...] = ()  # beside iss, aud, sub, exp and iat
    token_type: str = ""  # what the header's "typ" must say, "at+jwt" for instance (RFC 9068)
    skew_seconds: int = 60  # how far the clocks may differ
    longest_seconds: int = 86_400  # a token that was made longer ago is refused
    keys_seconds: int = 600  # after which keys are asked for anew, while known ones go on working
    refetch_seconds: int = 30  # at least between two requests to the provider
    timeout_seconds: float = 5.0  # of a whole request to the provider
    ca_file: str = ""  # who vouches for the provider's certificate (PEM); "": whom this machine trusts

    def __post_init__(self) -> None:
        if self.issuer:
            check_address(self.issuer, "oidc.issuer")
            self._check()
            self._check_grants()

    @property
    def used(self) -> bool:
        """Whether a provider is asked."""
        return bool(self.issuer)

    def role_of(self, value: str) -> Role | None:
        """Return the role that a value of the claim stands for."""
        return Role(self.roles[value]) if value in self.roles else None

    @property
    def grants(self) -> GrantsForm:
        """How roles in registries are written. Raises ValueError for a role that there is not."""
        named = self.grants_roles or {role.value: role.value for role in Role}
        return GrantsForm(self.grants_form, {word: Role(role) for word, role in named.items()})

    def _check(self) -> None:
        if not self.audience or not all(self.audience):
            raise _wrong("oidc.audience", "须写明受众。", "Say which audience a token must be meant for.")
        for algorithm in self.algorithms or ("",):
            if algorithm not in ALGORITHMS:
                raise _wrong(
                    f"oidc.algorithms: {algorithm or '[]'}",
                    "只接受非对称签名算法:" + "、".join(ALGORITHMS),
                    "Only asymmetric algorithms are taken: " + ", ".join(ALGORITHMS),
                )
        known = set(Role)
        for role in (*self.roles.values(), *filter(None, [self.default_role])):
            if role not in known:
                raise _wrong(f"oidc.roles: {role}", "没有这个角色。", "There is no such role.")
        if min(self.skew_seconds, self.refetch_seconds) < 0 or self.skew_seconds > 600:
            raise _wrong("oidc.skew_seconds", "时钟误差须在 0 至 600 秒。", "The skew is 0 to 600 seconds.")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise _wrong(f"oidc.ca_file: {self.ca_file}", "没有这个文件。", "There is no such file.")
        if min(self.timeout_seconds, self.keys_seconds, self.longest_seconds) <= 0:
            raise _wrong("oidc", "时间须大于零。", "Times must be more than zero.")

    def _check_grants(self) -> None:
        for role in self.grants_roles.values():
            if role not in set(Role):
                raise _wrong(f"oidc.grants_roles: {role}", "没有这个角色。", "There is no such role.")
        if self.grants.problem:
            raise _wrong(
                f"oidc.grants_form: {self.grants_form}",
                "须写 object,或含 {registry} 与 {role} 各一次,两者之间须有别的字符。",
                "Write object, or {registry} and {role} once each with something between them.",
            )


def check_address(address: str, where: str) -> None:
    """Refuse an address that is not https, but on this machine. Raises AccessError."""
    parts = urllib.parse.urlsplit(address)
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise _wrong(f"{where}: {address}", "地址无法识别。", "The address cannot be understood.")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return
    raise _wrong(f"{where}: {address}", "地址须为 https。", "The address must be https.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wrong(where: str, zh: str, en: str) -> AccessError:
    return AccessError(
        Text(zh=f"身份提供方的设置不对:{zh}", en=f"The identity provider is set up wrongly: {en}"),
        where=where,
    )
