"""Why somebody asks for personal data, as a request states it (floor 5)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from qualitrace.errors import QueryError
from qualitrace.text import Text

HEADER = "qualitrace-purpose"
LONGEST = 200  # characters
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EXTENDED = re.compile(r"utf-8'[^']*'(.*)", re.IGNORECASE | re.DOTALL)  # RFC 8187, 3.2.1
_ESCAPED = re.compile(r"(?:[\x20-\x24\x26-\x7e]|%[0-9A-Fa-f]{2})*")


def from_header(value: str) -> str:
    """Read a header's value: percent-encoded UTF-8, plainly or as RFC 8187. Raises QueryError."""
    extended = _EXTENDED.fullmatch(value.strip())
    text = extended.group(1) if extended else value.strip()
    if len(text) > LONGEST * 12 or not _ESCAPED.fullmatch(text):
        raise _wrong()
    try:
        return checked(unquote_to_bytes(text).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _wrong() from error


def checked(text: object) -> str:
    """Return a purpose that may be kept in a log. Raises QueryError when it may not."""
    if not isinstance(text, str):
        raise _wrong()
    if len(text) > LONGEST or any(unicodedata.category(sign) in _FORBIDDEN for sign in text):
        raise _wrong()
    return text.strip()


def _wrong() -> QueryError:
    return QueryError(
        Text(zh="所述目的无法读取。", en="The stated purpose cannot be read."),
        where="Qualitrace-Purpose",
        hint=Text(
            zh=f"一行文字，至多 {LONGEST} 字，UTF-8 百分号编码。",
            en=f"One line of at most {LONGEST} characters, percent-encoded UTF-8.",
        ),
    )
