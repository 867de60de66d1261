"""From the address of a request to identifiers, and back (floor 5).

Identifiers are IRIs (RFC 3987): Chinese stands in them as it is. Addresses are URIs: it is percent-encoded.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from qualitrace.store import valid_iri

_OCTETS = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")  # RFC 3986, 2.3
_SUB_DELIMS = "!$&'()*+,;=:@"  # what may stand in a path as it is (RFC 3986, 3.3)
_KEPT_IN_ADDRESS = "/%" + _SUB_DELIMS + "~"
# RFC 3987, 3.2: these must stay encoded, as they change how a text is shown.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
LONGEST = 2000  # characters of an address


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where identifiers below ``base`` answer: below ``public``, an absolute address that ends in ``/``."""

    base: str
    public: str
    others: str = ""  # where what is not below the base is described: an address without its query

    def of(self, name: str, suffix: str = "") -> str:
        """Return the address of an identifier, or of the document about it in a form."""
        ending = f".{suffix}" if suffix else ""
        if name.startswith(self.base):
            return f"{self.public}{encoded(name[len(self.base) :])}{ending}"
        return f"{self.others}{ending}?iri={quote(name, safe='')}"


def encoded(local: str) -> str:
    """Return the part of an identifier below its base as it stands in an address."""
    return quote(local, safe=_KEPT_IN_ADDRESS)


def candidates(base: str, path: bytes) -> tuple[str, ...]:
    """Return the identifiers an address may mean, the likeliest first; as many for any address.

    ``path`` is what stands after the prefix, as it was sent. In turn: as an IRI (RFC 3987, 3.2: encoded
    UTF-8 is the characters it encodes, an encoded slash stays one); the same with composed characters
    (NFC); with everything decoded that an IRI may hold; as it was sent. What is no IRI is left out.
    """
    sent = _OCTETS.sub(lambda match: match.group().upper(), path.decode("utf-8", "replace"))[:LONGEST]
    plain = _OCTETS.sub(lambda match: _decoded(match.group(), ""), sent)
    loose = _OCTETS.sub(lambda match: _decoded(match.group(), _SUB_DELIMS), sent)
    tried = (plain, unicodedata.normalize("NFC", plain), loose, sent)
    names = [base + local for local in tried]
    return tuple(name for name in dict.fromkeys(names) if valid_iri(name))


def _decoded(octets: str, also: str) -> str:
    """Decode a run of percent-encoded octets: what is good to read, with ``also`` all an IRI may hold."""
    data = bytes.fromhex(octets.replace("%", ""))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return octets
    return "".join(_shown(character, also) for character in text)


def _shown(character: str, also: str) -> str:
    number = ord(character)
    if _UNRESERVED.fullmatch(character) or character in also or (also and number > 0x9F):
        return character
    category = unicodedata.category(character)
    if number > 0x9F and category[0] != "C" and category[0] != "Z" and character not in _DIRECTIONS:
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode())
