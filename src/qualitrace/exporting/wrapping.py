"""Text in a picture: how wide it is, where it breaks, what may be written (floor 4)."""

from __future__ import annotations

import re
import unicodedata

WIDE, NARROW = 1.0, 0.57  # widths in em: of a Chinese character, and the mean of others
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_CLOSING = "，。、；：！？）》」』】”’"  # stay with the character before them
_PIECES = re.compile(r"\s+|[!-~\u00a0-\u024f]+|.", re.DOTALL)


def printable(text: str) -> str:
    """Remove the characters that XML 1.0 (2.2) does not allow, or advises against."""
    return _UNPRINTABLE.sub("", text)


def em_width(text: str) -> float:
    """Estimate the width of a line in em. East Asian wide and full-width characters take one."""
    return sum(_character(character) for character in text)


def _character(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    return WIDE if unicodedata.east_asian_width(character) in "WF" else NARROW


def wrap(text: str, width: float, lines: int) -> list[str]:
    """Break text into at most ``lines`` lines of at most ``width`` em; ``…`` says that it goes on.

    Chinese breaks anywhere, other scripts at spaces, and inside a word only when it is too long.
    """
    wrapped = _fill(_pieces(text, width), width)
    if len(wrapped) <= lines:
        return wrapped
    last = wrapped[lines - 1]
    while last and em_width(last) + WIDE > width:
        last = last[:-1]
    return [*wrapped[: lines - 1], last.rstrip() + "…"]


def _pieces(text: str, width: float) -> list[str]:
    """Parts that stay together; a word longer than a line is cut into characters."""
    found: list[str] = []
    for piece in _PIECES.findall(printable(text)):
        if piece in _CLOSING and found:
            found[-1] += piece
        else:
            found += [" "] if piece.isspace() else [piece] if em_width(piece) <= width else list(piece)
    return found


def _fill(pieces: list[str], width: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and em_width((lines[-1] + piece).rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        if lines[-1] or piece != " ":
            lines[-1] += piece
    lines[-1] = lines[-1].rstrip()
    return [line for line in lines if line]
