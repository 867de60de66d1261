"""Reading a property path back from its SPARQL text, as findings carry it."""

from __future__ import annotations

import re
from collections.abc import Callable

from qualitrace.validation.paths import Alternative, Inverse, Path, Predicate, Repeat, Sequence

Reader = Callable[[list[str]], tuple[Path, list[str]]]
_TOKEN = re.compile(r"<([^<>]*)>|([/|^()*+?])|\s+")


def parse_path(text: str) -> Path:
    """Read a path with full IRIs (SPARQL 1.1, 9.1). Raises ValueError for anything else."""
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"not a property path: {text}")
        at = match.end()
        if match.group(1) is not None or match.group(2) is not None:
            tokens.append(match.group())
    path, rest = _alternatives(tokens)
    if rest:
        raise ValueError(f"not a property path: {text}")
    return path


def _alternatives(tokens: list[str]) -> tuple[Path, list[str]]:
    items, tokens = _separated(tokens, "|", _steps)
    return (items[0] if len(items) == 1 else Alternative(tuple(items))), tokens


def _steps(tokens: list[str]) -> tuple[Path, list[str]]:
    items, tokens = _separated(tokens, "/", _step)
    return (items[0] if len(items) == 1 else Sequence(tuple(items))), tokens


def _separated(tokens: list[str], sign: str, read: Reader) -> tuple[list[Path], list[str]]:
    first, tokens = read(tokens)
    items = [first]
    while tokens and tokens[0] == sign:
        item, tokens = read(tokens[1:])
        items.append(item)
    return items, tokens


def _step(tokens: list[str]) -> tuple[Path, list[str]]:
    if not tokens:
        raise ValueError("a path ends too early")
    head, tokens = tokens[0], tokens[1:]
    if head == "^":
        inner, tokens = _step(tokens)
        return Inverse(inner), tokens
    if head == "(":
        path, tokens = _alternatives(tokens)
        if not tokens or tokens[0] != ")":
            raise ValueError("a bracket of a path is not closed")
        tokens = tokens[1:]
    elif head.startswith("<"):
        path = Predicate(head[1:-1])
    else:
        raise ValueError(f"unexpected {head} in a path")
    while tokens and tokens[0] in "*+?":
        path, tokens = Repeat(path, tokens[0]), tokens[1:]
    return path, tokens
