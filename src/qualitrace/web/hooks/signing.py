"""How a message is signed (floor 5). Standard Webhooks 1.0, symmetric signatures (``v1``)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from qualitrace.errors import QueryError
from qualitrace.text import Text

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64  # bytes of a secret


def secret_of(text: str) -> bytes:
    """Return the secret that a text stands for: ``whsec_`` and base64, or the text itself.

    Raises QueryError when it has fewer than 24 bytes or more than 64.
    """
    text = text.strip()
    try:
        encoded = text.removeprefix(PREFIX)
        secret = base64.b64decode(encoded, validate=True) if encoded != text else text.encode("utf-8")
    except (binascii.Error, ValueError):
        secret = b""
    if not _LEAST <= len(secret) <= _MOST:
        raise QueryError(
            Text(
                zh=f"密钥须为 {_LEAST} 至 {_MOST} 字节(或 {PREFIX} 加其 base64)。",
                en=f"A secret has {_LEAST} to {_MOST} bytes (or is {PREFIX} and their base64).",
            ),
            where="--secret-file",
            hint=Text(
                zh="可用 openssl rand -hex 32 产生。", en="openssl rand -hex 32 makes one: keep it in a file."
            ),
        )
    return secret


def signature(secret: bytes, identifier: str, at: int, body: bytes) -> str:
    """Return the signature over identifier, Unix time and body."""
    signed = f"{identifier}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def headers(secret: bytes, identifier: str, at: int, body: bytes, *before: bytes) -> dict[str, str]:
    """Return the headers of a message sent at a Unix time.

    It is signed with the secrets ``before``, too: a receiver takes it that knows any of them.
    """
    return {
        "Content-Type": "application/json",
        "User-Agent": "Qualitrace-Webhooks/1",
        "webhook-id": identifier,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signature(one, identifier, at, body) for one in (secret, *before)),
    }
