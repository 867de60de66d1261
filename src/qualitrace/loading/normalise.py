"""Text as documents write it: stray spaces, widths, separators, and segments of identifiers."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote

# Ideographs and the punctuation that stands among them.
_CJK = "".join(
    (
        "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef",
        "\U00020000-\U0003ffff“”‘’…—",
    )
)
_ASCII_POINTS = r",.;:!?()\[\]<>/~、"
_STRAY = re.compile(rf"(?<=[{_CJK}])[ ]+(?=[{_CJK}{_ASCII_POINTS}])|(?<=[{_ASCII_POINTS}])[ ]+(?=[{_CJK}])")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_SOMETHING = re.compile(f"[^\\s_＿{_INVISIBLE.pattern[1:]}")
_UNTIDY = re.compile(f"[\\s\x85{_INVISIBLE.pattern[1:]}")
_SPACES = re.compile("[^\\S\n]+")
_SPACE = re.compile(r"\s+")
_BREAKS = re.compile("\n+")
_LINE_SPACES = re.compile(" *\n *")
_CLOSING = {
    "(": ")",
    "（": "）",
    "[": "]",
    "【": "】",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "「": "」",
    "{": "}",
}
_PARTNERS = frozenset(_CLOSING.values())
_NESTED = 16  # how deep brackets are followed
_ID_LIMIT = 160
# Anything but what RFC 3987 allows in a path segment (unreserved, sub-delims, ":", "@", ucschar).
_UNFIT = re.compile(
    "[^-A-Za-z0-9._~!$&'()*+,;=:@\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    "\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd]"
)


def tidy(text: str) -> str:
    """Return ``text`` without invisible characters and without stray spaces inside Chinese words.

    Lines stay lines; blank ones go. Punctuation and width stay as written.
    """
    if _UNTIDY.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\x07", "")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n")
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    text = _LINE_SPACES.sub("\n", text).strip()
    return _BREAKS.sub("\n", _STRAY.sub("", text))


def one_line(text: str) -> str:
    """Return tidied ``text`` as one line: a break inside Chinese leaves nothing, elsewhere a space."""
    return _STRAY.sub("", tidy(text).replace("\n", " "))


def fold(text: str) -> str:
    """Return the form in which texts are compared: NFKC, no spaces, no case."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACE.sub("", unicodedata.normalize("NFKC", plain.casefold()))


def digest(text: str) -> str:
    """Return the first twelve hex digits of the SHA-256 of the folded text."""
    return hashlib.sha256(fold(text).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def is_blank(text: str) -> bool:
    """Tell whether nothing is filled in: spaces, or the line people write on (``____``)."""
    return not text[:1].isalnum() and _SOMETHING.search(text) is None


def split_outside(text: str, separators: str) -> list[str]:
    """Split ``text`` at any character of ``separators`` that stands outside brackets.

    An opening bracket without its partner is no bracket. The answer holds parts and separators in
    turn (parts at even places), so that joining it gives ``text`` back.
    """
    inside = _inside_brackets(text)
    pieces, start = [], 0
    for place, character in enumerate(text):
        if character in separators and not inside[place]:
            pieces += [text[start:place], character]
            start = place + 1
    return [*pieces, text[start:]]


def _inside_brackets(text: str) -> list[bool]:
    """Tell for each character whether it stands between a bracket and its partner."""
    depth = [0] * (len(text) + 1)
    waiting: list[tuple[str, int]] = []
    for place, character in enumerate(text):
        if waiting and character == waiting[-1][0]:
            opened = waiting.pop()[1]
            depth[opened] += 1
            depth[place] -= 1
        elif character in _CLOSING:
            waiting.append((_CLOSING[character], place))
        elif character in _PARTNERS and any(closing == character for closing, _ in waiting[-_NESTED:]):
            while waiting[-1][0] != character:  # what was opened in between has no partner
                waiting.pop()
            opened = waiting.pop()[1]
            depth[opened] += 1
            depth[place] -= 1
    level, answer = 0, []
    for change in depth[:-1]:
        level += change
        answer.append(level > 0)
    return answer


def segment(text: str) -> str:
    """Return ``text`` as one path segment of an IRI: folded width, no spaces, Chinese as it stands.

    Very long texts are cut and carry their digest.
    """
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    if len(plain) > _ID_LIMIT:
        plain = plain[: _ID_LIMIT - 13] + "-" + digest(plain)
    return _UNFIT.sub(lambda found: quote(found[0], safe="", errors="replace"), plain)
