"""A stand-in for a college's identity provider: a real HTTP server on loopback that signs real tokens.

with IdentityProvider() as provider:
    settings = provider.settings(roles={"qa-office": "office"})
    token = provider.token(roles=["qa-office"])
    provider.rotate()             # another key signs from now on; the old one is no longer published
    provider.away = True          # discovery and keys are answered with 503
    forged = provider.forged(…)   # tokens that nobody may take
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import hmac
import http.server
import json
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from qualitrace.access.oidc_settings import OidcSettings
from tests.access.certificates import Certificate

AUDIENCE = "qualitrace"


@functools.cache
def _private(algorithm: str, bits: int, whose: str) -> Any:
    """A private key; the same for the same owner and name, as making them takes long."""
    if algorithm.startswith("ES"):
        curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        return ec.generate_private_key(curves[algorithm])
    return (
        ed25519.Ed25519PrivateKey.generate()
        if algorithm == "EdDSA"
        else rsa.generate_private_key(65537, bits)
    )


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class SigningKey:
    """A key the provider signs with, or once did."""

    kid: str
    algorithm: str
    bits: int = 2048
    private: Any = None
    owner: str = "stranger"

    def __post_init__(self) -> None:
        self.private = self.private or _private(self.algorithm, self.bits, f"{self.owner} {self.kid}")

    @property
    def jwk(self) -> dict[str, Any]:
        public = self.private.public_key()
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        return {
            **algorithm.to_jwk(public, as_dict=True),
            "kid": self.kid,
            "use": "sig",
            "alg": self.algorithm,
        }

    @property
    def pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass
class IdentityProvider:
    """The provider. ``requests`` counts what was asked of it, by path."""

    algorithm: str = "RS256"
    away: bool = False
    delay: float = 0.0  # seconds before an answer
    held: threading.Event | None = None  # answers wait until it is set
    issuer_said: str = ""  # what discovery names as issuer, where it is not the truth
    jwks_uri: str = ""
    extra_keys: list[dict[str, Any]] = field(default_factory=list)  # published beside the own
    padding: int = 0  # bytes of nothing in the keys' document
    redirect: str = ""  # where requests are sent instead
    certificate: Certificate | None = None  # with one, it speaks TLS
    requests: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published: list[SigningKey] = [SigningKey("k1", self.algorithm, owner="provider")]
        self._server: http.server.ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> IdentityProvider:
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate:
            self._server.socket = self.certificate.context().wrap_socket(
                self._server.socket, server_side=True
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Go away for good: connections are refused from now on."""
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    @property
    def issuer(self) -> str:
        assert self._server is not None
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_port}/realms/college"

    @property
    def current(self) -> SigningKey:
        return self.published[-1]

    def settings(self, **changed: Any) -> OidcSettings:
        """Settings that fit: keys fetched whenever needed, answers waited for briefly."""
        given = {
            "issuer": self.issuer,
            "audience": (AUDIENCE,),
            "roles": {role: role for role in ("reader", "auditor", "steward", "office", "system")},
            "refetch_seconds": 0,
            "timeout_seconds": 2.0,
        }
        return OidcSettings(**{**given, **changed})

    def rotate(self, *, keep: bool = False, algorithm: str = "") -> None:
        """Sign with a new key. ``keep``: the old one stays published for a while."""
        new = SigningKey(
            f"k{int(self.current.kid[1:]) + 1}", algorithm or self.current.algorithm, owner="provider"
        )
        self.published = [*self.published, new] if keep else [new]

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a good token; one given as None is left out."""
        at = int(time.time())
        given = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": "u-示例", "preferred_username": "示例用户",
            "iat": at, "exp": at + 300, "roles": ["reader"],
        }  # fmt: skip
        return {name: value for name, value in {**given, **changed}.items() if value is not None}

    def token(
        self, *, key: SigningKey | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A token signed by the provider (or with another key)."""
        signing = key or self.current
        named = {
            name: value for name, value in {"kid": signing.kid, **(header or {})}.items() if value is not None
        }
        return jwt.encode(self.claims(**claims), signing.private, signing.algorithm, named)

    def forged(self, header: dict[str, Any], signature: bytes = b"", **claims: Any) -> str:
        """A token with any header and signature at all."""
        return f"{self._signed(header, claims)}.{b64(signature)}"

    def unsigned(self, algorithm: str = "none", **claims: Any) -> str:
        """A token that says that it needs no signature."""
        return self.forged({"alg": algorithm, "typ": "JWT", "kid": self.current.kid}, **claims)

    def confused(self, **claims: Any) -> str:
        """A token signed as if the public key were a shared secret (HS256)."""
        header = {"alg": "HS256", "typ": "JWT", "kid": self.current.kid}
        signed = self._signed(header, claims)
        return f"{signed}.{b64(hmac.digest(self.current.pem, signed.encode(), hashlib.sha256))}"

    def embedded(self, **claims: Any) -> str:
        """A token that brings its own key along, and an address where it would lie."""
        own = SigningKey(self.current.kid, "RS256")
        places = {"jwk": own.jwk, "jku": self.issuer + "/evil", "x5u": self.issuer + "/evil"}
        return self.token(key=own, header=places, **claims)

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return ".".join(b64(json.dumps(part).encode()) for part in (header, self.claims(**claims)))

    def _answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.requests[handler.path] = self.requests.get(handler.path, 0) + 1
        time.sleep(self.delay)
        if self.held is not None:
            self.held.wait()
        status, body = self._found(handler.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            handler.send_response(status)
            if status == 302:
                handler.send_header("Location", self.redirect)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

    def _found(self, path: str) -> tuple[int, bytes]:
        if self.away:
            return 503, b"{}"
        if self.redirect:
            return 302, b""
        if path == "/realms/college/.well-known/openid-configuration":
            said = {
                "issuer": self.issuer_said or self.issuer,
                "jwks_uri": self.jwks_uri or self.issuer + "/keys",
            }
            return 200, json.dumps(said).encode()
        if path == "/realms/college/keys":
            keys = [*self.extra_keys, *(key.jwk for key in self.published)]
            return 200, json.dumps({"keys": keys, "padding": " " * self.padding}).encode()
        return 404, b"{}"
