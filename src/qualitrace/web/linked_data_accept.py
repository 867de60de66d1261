"""Content negotiation: which of several forms an answer is sent in (floor 5).

The rules are those of RFC 9110, section 12.5.1: the most specific range that fits a form says how much it
is wanted; of forms that are wanted equally, the one that the server names first is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PARTS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PIECES = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_LONGEST = 2000  # characters of an Accept header that are read


@dataclass(frozen=True, slots=True)
class Form:
    """A form an answer can have: its media type, the suffix of its own address, other names it goes by."""

    media: str
    suffix: str
    aliases: tuple[str, ...] = ()
    charset: bool = False  # whether the type has a charset parameter

    @property
    def content_type(self) -> str:
        """The ``Content-Type`` of an answer in this form."""
        return f"{self.media}; charset=utf-8" if self.charset else self.media


HTML = Form("text/html", "html", ("application/xhtml+xml",), charset=True)
TURTLE = Form("text/turtle", "ttl", ("application/x-turtle", "application/turtle"), charset=True)
JSONLD = Form("application/ld+json", "jsonld", ("application/json",))
NTRIPLES = Form("application/n-triples", "nt", ("text/plain",))
RDFXML = Form("application/rdf+xml", "rdf", ("application/xml", "text/xml"))


def choose(accept: str, forms: Sequence[Form]) -> Form | None:
    """Choose the form for an ``Accept`` header; None when none is acceptable. An empty header takes any."""
    ranges = _ranges(accept[:_LONGEST])
    if not ranges:
        return None if accept.strip() else forms[0]
    wanted = [(_quality(form, ranges), form) for form in forms]
    best = max(quality for quality, _ in wanted)
    return next(form for quality, form in wanted if quality == best) if best > 0 else None


def _ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges of the header with their quality; one that is not well written is passed over."""
    found = []
    for part in _PARTS.findall(accept):
        media, *parameters = (piece.strip() for piece in _PIECES.findall(part) or [""])
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                value = value.strip()
                quality = float(value) if _QUALITY.fullmatch(value) else -1.0
                break
        if "/" in media and quality >= 0:
            found.append((media.lower(), quality))
    return found


def _quality(form: Form, ranges: Sequence[tuple[str, float]]) -> float:
    """How much a form is wanted: by its names, else by its kind, else as anything."""
    kind = form.media.partition("/")[0]
    for fitting in ({form.media, *form.aliases}, {f"{kind}/*"}, {"*/*"}):
        said = [quality for name, quality in ranges if name in fitting]
        if said:
            return max(said)
    return 0.0
