"""SPARQL text as it stands in a shapes graph: taken into tokens, checked, and put into another query.

Only as much of the grammar is known as pre-binding needs (SHACL 5.3.1 and appendix A): which tokens
are variables and names, what each SELECT projects, and which forms are not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from qualitrace.errors import ProfileError
from qualitrace.text import Text

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<iri><[^<>"{}|^`\\\s]*>)
  | (?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[\w.-]*\w)
  | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:(?:[\w:%-]|\\.|\.(?=[\w:%-]))*))
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<space>\s+)
  | (?P<sign>\^\^|&&|\|\||[!<>]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORBIDDEN = ("MINUS", "VALUES", "SERVICE")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SPARQL text; ``kind`` is a group of the token pattern."""

    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


def tokens_of(text: str) -> list[Token]:
    """Take a query into tokens without comments and with single spaces."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        if kind == "comment":
            continue
        found.append(Token(kind, match.group()))
    return found


def write(tokens: list[Token]) -> str:
    """Put tokens together, with the lines' own indentation made regular."""
    text = "".join(token.text for token in tokens)
    lines = [line.strip() for line in text.strip().splitlines()]
    written, depth = [], 0
    for line in lines:
        if not line:
            continue
        closing = len(line) - len(line.lstrip("})"))
        written.append("  " * max(depth - closing, 0) + line)
        depth += sum(line.count(c) for c in "{(") - sum(line.count(c) for c in "})")
    return "\n".join(written)


def without_prologue(tokens: list[Token], prefixes: Mapping[str, str]) -> tuple[list[Token], dict[str, str]]:
    """Take PREFIX lines off the front; returns the rest and all prefixes together."""
    known, at = dict(prefixes), 0
    while True:
        words = [(i, t) for i, t in enumerate(tokens[at:], at) if t.kind != "space"][:3]
        if len(words) == 3 and words[0][1].is_word("PREFIX"):
            known[words[1][1].text.rstrip(":")] = words[2][1].text[1:-1]
            at = words[2][0] + 1
            continue
        return tokens[at:], known


def expand(
    tokens: list[Token], prefixes: Mapping[str, str], iri: Callable[[str], str], where: str
) -> list[Token]:
    """Write prefixed names by ``iri``. Raises ProfileError for an unknown prefix."""
    written = []
    for token in tokens:
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix not in prefixes:
                raise problem(
                    where,
                    zh=f"查询用到没有声明的前缀 {prefix}:。",
                    en=f"The query uses the prefix {prefix}: without declaring it.",
                )
            token = Token("iri", iri(prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)))
        written.append(token)
    return written


def problem(where: str, *, zh: str, en: str) -> ProfileError:
    """Make the error for a query that a shapes graph must not hold."""
    return ProfileError(
        Text(zh=zh, en=en),
        where=where,
        hint=Text(zh="请修改该规则的 SPARQL 查询。", en="Change the SPARQL query of this rule."),
    )


def check_prebinding(tokens: list[Token], bound: set[str], where: str) -> None:
    """Raise ProfileError for what pre-binding does not allow (SHACL appendix A)."""
    for token in tokens:
        if token.is_word(*_FORBIDDEN):
            word = token.text.upper()
            raise problem(
                where, zh=f"规则的查询中不能用 {word}。", en=f"{word} is not allowed in the query of a rule."
            )
    words = [token for token in tokens if token.kind != "space"]
    for this, following in pairwise(words):
        if this.is_word("AS") and following.kind == "variable" and following.text[1:] in bound:
            raise problem(
                where,
                zh=f"查询不能给已有值的变量 {following.text} 另行赋值。",
                en=f"The query must not assign {following.text}, which has a value already.",
            )
    needed = bound & {"this", "value"}
    for names, nested in selections(tokens):
        if nested and (names is None or not needed <= set(names)):
            raise problem(
                where,
                zh="子查询的 SELECT 必须列出 $this。",
                en="A nested SELECT must name $this among its variables.",
            )


def selections(tokens: list[Token]) -> Iterator[tuple[list[str] | None, bool]]:
    """Iterate over every SELECT: its variable names (None for ``*``), and whether it is nested."""
    words = [token for token in tokens if token.kind != "space"]
    for at, token in enumerate(words):
        if token.is_word("SELECT"):
            yield _projected(words[at + 1 :]), any(w.text == "{" for w in words[:at])


def _projected(words: list[Token]) -> list[str] | None:
    """The variables between SELECT and its pattern; inside brackets only what ``AS`` names."""
    names: list[str] = []
    depth, last = 0, Token("space", " ")
    for token in words:
        if depth == 0 and (token.text == "{" or token.is_word("WHERE", "FROM")):
            return names
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "*" and depth == 0:
            return None
        if token.kind == "variable" and (depth == 0 or last.is_word("AS")):
            names.append(token.text[1:])
        last = token
    return names


def variables(tokens: list[Token]) -> list[str]:
    """List the names of all variables, each once."""
    return list(dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable"))


def rename(tokens: list[Token], names: Mapping[str, str]) -> list[Token]:
    """Replace variables: by another variable, or by a term, where ``bound(term)`` becomes true."""
    written: list[Token] = []
    for token in tokens:
        if token.kind == "variable" and token.text[1:] in names:
            token = Token("variable", names[token.text[1:]])
        written.append(token)
    text = "".join(token.text for token in written)
    is_bound = re.compile(r"\bbound\s*\(\s*(?![?$])[^)]*\)", re.IGNORECASE)
    return tokens_of(is_bound.sub("(true)", text)) if is_bound.search(text) else written
