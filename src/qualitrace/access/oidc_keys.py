"""The identity provider's keys: found by discovery, kept, and fetched anew when they change (floor 1).

OpenID Connect Discovery 1.0 (section 4), JSON Web Key (RFC 7517).
"""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from qualitrace.access.oidc_settings import OidcSettings, check_address
from qualitrace.access.telling import tell
from qualitrace.errors import AccessError, UnavailableError
from qualitrace.text import Text

_MOST_BYTES = 262_144
_MOST_KEYS = 100
_MOST_WAITING = 4  # requests that wait for the provider at a time; others are told to come again
_LEAST_RSA = 2048  # bits (RFC 7518, 3.3)


class Keys:
    """The keys of one provider. Safe from several threads.

    Known keys never wait: when they are old, another thread asks for new ones meanwhile, and while the
    provider is away they go on. A key that is not known makes it fetch, at most once in a while.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._fetched = 0.0  # monotonic time of the last success
        self._tried = -float("inf")  # of the last attempt
        self._problem = ""

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """Return the key that a token names; None when the provider has none such.

        Raises UnavailableError when the provider is away and no key of it is known.
        """
        key = self._known(kid, algorithm)
        if key is None:
            self._ask()
            key = self._known(kid, algorithm)
        elif self._due(self._settings.keys_seconds, self._fetched):
            self._refresh()
        if key is None and not self._keys:
            raise self._away()
        return key

    def refresh(self) -> None:
        """Fetch now what there is, unless that was just done; a failure is logged."""
        with self._lock:
            if self._due(self._settings.refetch_seconds, self._tried):
                self._fetch()

    def _known(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        fitting = [key for key in self._keys if _fits(key, algorithm)]
        if kid:
            return next((key for key in fitting if key.key_id == kid), None)
        return fitting[0] if len(fitting) == 1 else None

    def _due(self, seconds: float, since: float) -> bool:
        return time.monotonic() - since >= seconds

    def _ask(self) -> None:
        """Fetch for whoever needs an unknown key. Raises UnavailableError when too many wait already."""
        if not self._due(self._settings.refetch_seconds, self._tried) and not self._lock.locked():
            return
        if not self._waiting.acquire(blocking=False):
            raise self._away()
        try:
            self.refresh()
        finally:
            self._waiting.release()

    def _refresh(self) -> None:
        """Fetch in the background, if nobody does and it was not just tried."""
        if self._due(self._settings.refetch_seconds, self._tried) and not self._lock.locked():
            threading.Thread(target=self.refresh, name="identity-provider", daemon=True).start()

    def _fetch(self) -> None:
        self._tried = time.monotonic()
        try:
            self._keys = self._asked()
            self._fetched, self._problem = time.monotonic(), ""
        except (httpx.HTTPError, httpx.InvalidURL, AccessError, ValueError, OSError) as error:
            self._problem = str(error) or type(error).__name__
            tell("keys of the identity provider not fetched", problem=self._problem)

    def _asked(self) -> tuple[jwt.PyJWK, ...]:
        """Ask the provider. Raises httpx.HTTPError, ValueError, AccessError."""
        deadline = time.monotonic() + self._settings.timeout_seconds
        address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        # Proxies and credentials of the environment have no say in whom is believed.
        trusted = ssl.create_default_context(cafile=self._settings.ca_file or None)
        with httpx.Client(follow_redirects=False, trust_env=False, verify=trusted) as client:
            found = _json(client, address, deadline)
            if found.get("issuer") != self._settings.issuer:
                raise ValueError(f"the discovery document names another issuer: {found.get('issuer')!r}")
            place = found.get("jwks_uri")
            if not isinstance(place, str):
                raise ValueError("the discovery document names no jwks_uri")
            check_address(place, "jwks_uri")
            return _keys(_json(client, place, deadline))

    def _away(self) -> UnavailableError:
        return UnavailableError(
            Text(
                zh="身份提供方暂时无法访问,不能核对您的令牌。",
                en="The identity provider cannot be reached, so your token cannot be checked.",
            ),
            where=self._settings.issuer,
            hint=Text(
                zh="请稍候重试,或改用登记库自己的令牌。", en="Try again later, or use one of our tokens."
            ),
        )


def _json(client: httpx.Client, address: str, deadline: float) -> dict[str, Any]:
    """Fetch an object of JSON, within bounds of size and time. Raises httpx.HTTPError, ValueError."""
    left = max(0.01, deadline - time.monotonic())
    with client.stream("GET", address, timeout=left, headers={"Accept": "application/json"}) as response:
        if response.status_code != 200:
            raise ValueError(f"{address}: HTTP {response.status_code}")
        content = b""
        for part in response.iter_bytes(16_384):
            content += part
            if len(content) > _MOST_BYTES:
                raise ValueError(f"{address}: more than {_MOST_BYTES} bytes")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout(f"{address}: too slow")
    found = orjson.loads(content)
    if not isinstance(found, dict):
        raise ValueError(f"{address}: not an object")
    return found


def _keys(found: dict[str, Any]) -> tuple[jwt.PyJWK, ...]:
    """Read the keys that signatures are checked with; what is not understood is passed over.

    Raises ValueError when there is none.
    """
    listed = found.get("keys")
    keys = []
    for entry in listed[:_MOST_KEYS] if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("use", "sig") == "sig" and entry.get("kty") != "oct":
            try:
                keys.append(jwt.PyJWK.from_dict(entry))
            except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
                tell("key of the identity provider passed over", problem=str(error))
    if not keys:
        raise ValueError("the provider has no key that signatures can be checked with")
    return tuple(keys)


def _fits(key: jwt.PyJWK, algorithm: str) -> bool:
    """Tell whether a key is one of an algorithm's, and long enough."""
    kind, curve = key.key_type, key._jwk_data.get("crv")
    if key._jwk_data.get("alg") not in (None, algorithm):
        return False
    if algorithm[:2] in ("RS", "PS"):
        return isinstance(key.key, RSAPublicKey) and key.key.key_size >= _LEAST_RSA
    if algorithm == "EdDSA":
        return kind == "OKP" and curve in ("Ed25519", "Ed448")
    return kind == "EC" and curve == {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}.get(algorithm)
