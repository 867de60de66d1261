"""SPARQL updates as they are written, taken apart into their templates (SPARQL 1.1 Update, 3.1.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NOISE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|\'\'\'.*?\'\'\'|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*""",
    re.DOTALL,
)
_BLOCK = re.compile(r"\b(DELETE|INSERT|WHERE)\s*\{", re.IGNORECASE)
_REFUSED = re.compile(
    r"(?<![\w?$:])(GRAPH|SERVICE|WITH|USING|DATA|LOAD|CLEAR|DROP|COPY|MOVE|CREATE|BNODE|UUID|STRUUID|RAND|NOW)\b",
    re.IGNORECASE,
)


class NotAnUpdateError(ValueError):
    """A text is no update of the form that can be tried out. ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Update:
    """``DELETE { removes } INSERT { adds } WHERE { where }``, each without its braces."""

    prologue: str
    removes: str
    adds: str
    where: str


def taken_apart(text: str) -> Update:
    """Take one update apart. Raises NotAnUpdateError."""
    bare = bare_of(text)
    refused = _REFUSED.search(bare)
    if refused is not None:
        word = refused[1].upper()
        raise NotAnUpdateError(f"不能用 {word}", f"{word} may not be used")
    blocks: dict[str, str] = {}
    at, start = 0, len(text)
    while (found := _BLOCK.search(bare, at)) is not None:
        kind = found[1].upper()
        if (blocks and bare[at : found.start()].strip()) or "WHERE" in blocks or kind in blocks:
            raise _other()
        if kind == "DELETE" and "INSERT" in blocks:
            raise _other()
        end = _closing(bare, found.end())
        blocks[kind] = text[found.end() : end]
        start, at = min(start, found.start()), end + 1
    if "WHERE" not in blocks or len(blocks) < 2 or bare[at:].strip():
        raise _other()
    added = blocks.get("INSERT", "")
    if re.search(r"_:|\[", bare_of(added)):
        raise NotAnUpdateError("新增的对象要有标识，不能是空白节点", "what is added needs an identifier")
    return Update(text[:start], blocks.get("DELETE", ""), added, blocks["WHERE"])


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put terms (N-Triples) in the place of variables; names within texts and addresses stay."""
    if not values:
        return text
    names = "|".join(map(re.escape, values))
    wanted = re.compile(rf"({_NOISE.pattern})|[?$]({names})(?![\w])", re.DOTALL)
    return wanted.sub(lambda found: found[1] or values[found[2]], text)


def variables(text: str) -> set[str]:
    """Return the names of the variables in a text."""
    return set(re.findall(r"[?$](\w+)", bare_of(text)))


def bare_of(text: str) -> str:
    """Return a text with texts, addresses and comments blanked out; everything else stands where it stood."""
    return _NOISE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _closing(bare: str, start: int) -> int:
    depth = 1
    for at in range(start, len(bare)):
        depth += {"{": 1, "}": -1}.get(bare[at], 0)
        if not depth:
            return at
    raise NotAnUpdateError("少了一个右花括号", "a closing brace is missing")


def _other() -> NotAnUpdateError:
    return NotAnUpdateError(
        "不是一个 DELETE { … } INSERT { … } WHERE { … }",
        "it is not one DELETE { … } INSERT { … } WHERE { … }",
    )
