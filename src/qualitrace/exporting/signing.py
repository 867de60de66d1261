"""Ed25519 keys and signatures (RFC 8032) for evidence packs (floor 4)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from qualitrace.errors import DocumentError
from qualitrace.text import Text


def new_key(path: Path) -> Path:
    """Make a private key that only its owner may read, and its public key beside it (``.pub``).

    Returns the path of the public key. Raises DocumentError when a file is there already.
    """
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = path.with_name(path.name + ".pub")
    for place, data, mode in ((path, secret, 0o600), (public, public_text(key.public_key()), 0o644)):
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except OSError as error:
            what = Text(zh="密钥文件无法写入。", en="The key file cannot be written.")
            raise DocumentError(what, where=f"{place}: {error.strerror}") from error
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
    return public


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key. Raises DocumentError when it is none."""
    try:
        key = serialization.load_pem_private_key(_bytes(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return key


def read_public_key(data: bytes, where: str) -> Ed25519PublicKey:
    """Read a public key in PEM. Raises DocumentError when it is none."""
    try:
        key = serialization.load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(Path(where)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(Path(where))
    return key


def public_key_file(path: Path) -> Ed25519PublicKey:
    """Read a public key from a file. Raises DocumentError."""
    return read_public_key(_bytes(path), str(path))


def public_text(key: Ed25519PublicKey) -> bytes:
    """Write a public key in PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what a key is known by: the SHA-256 (hex) of its 32 bytes."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def signed_by(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature of data was made with the private part of a key."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = Text(zh="密钥文件无法读取。", en="The key file cannot be read.")
        hint = Text(zh="用 qualitrace key new 生成密钥。", en="Make one with qualitrace key new.")
        raise DocumentError(what, where=f"{path}: {error.strerror}", hint=hint) from error


def _no_key(path: Path) -> DocumentError:
    return DocumentError(
        Text(zh="这不是 Ed25519 密钥。", en="This is no Ed25519 key."),
        where=str(path),
        hint=Text(zh="用 qualitrace key new 生成密钥。", en="Make one with qualitrace key new."),
    )
