"""What a query is allowed to be, found out before it runs (floor 5).

SERVICE would let the server ask other machines, so it is refused wherever it stands. Oxigraph's parser takes
``SERVICEex:name`` and ``trueSERVICE<…>`` for SERVICE as well, and reads ``<…>`` in an expression as two
comparisons where that fits. So the query is taken into tokens here and written anew, without comments and
with everything inside IRIs spelled so that it can be nothing else: what was looked at is what is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qualitrace.errors import QueryError
from qualitrace.text import Text
from qualitrace.validation.sparql_text import Token

# Terminals of SPARQL 1.1, section 19.8. A comment ends at either line end, an IRI may hold escapes. Nothing
# is looked through twice: a prefix is bounded, as there may be one at any place.
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[\w.-]*\w)
  | (?P<name>(?:[^\W\d_][\w.-]{0,200})?:(?:(?:[\w:%-]|\\.|\.(?=[\w:%-]))*))
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<space>\s+)
  | (?P<sign>\^\^|&&|\|\||[!<>]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_PLAIN = re.compile(r"[A-Za-z0-9:/._~-]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_PIECE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|.", re.DOTALL)
LONGEST = 100_000  # characters of a query


class RefusedError(QueryError):
    """A request that is refused; ``status`` is the HTTP status that says so."""

    def __init__(self, status: int, what: Text, hint: Text | None = None, *, where: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status
        self.code = "MALFORMED_QUERY" if status == 400 else "QUERY_REFUSED"


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may run: its form, its text as it is run, and the graphs it names itself."""

    form: str  # SELECT, ASK, CONSTRUCT or DESCRIBE
    text: str
    graphs: tuple[str, ...]  # IRIs after FROM and FROM NAMED, as far as they are absolute
    own_dataset: bool  # whether there is any FROM


def check(text: str) -> Query:
    """Look at a query. Raises RefusedError: 400 for what is no query, 403 for what would leave the server."""
    if len(text) > LONGEST:
        raise RefusedError(
            413, Text(zh=f"查询超过 {LONGEST} 个字符。", en=f"The query is over {LONGEST} characters.")
        )
    tokens = [Token(match.lastgroup or "sign", match.group()) for match in _TOKEN.finditer(text)]
    meant = [token for token in tokens if token.kind not in ("comment", "space")]
    _refuse_service(meant)
    start, prefixes = _prologue(meant)
    form = _form(meant[start:])
    graphs = tuple(_graphs(meant[start:], prefixes))
    from_there = any(_is_from(token) for token in meant[start:])
    return Query(form, "".join(map(_written, tokens)), graphs, from_there)


def _refuse_service(tokens: Sequence[Token]) -> None:
    for token in tokens:
        part = token.text.partition(":")[0] if token.kind == "name" else token.text
        if token.kind in ("word", "name") and "SERVICE" in part.upper():
            raise RefusedError(
                403,
                Text(
                    zh="不允许 SERVICE:查询不能访问其他服务器。",
                    en="SERVICE is not allowed: a query may not ask other servers.",
                ),
                Text(
                    zh="请去掉 SERVICE;名为 service 的前缀请改名。",
                    en="Leave SERVICE out; give a prefix of that name another one.",
                ),
            )


def _prologue(tokens: Sequence[Token]) -> tuple[int, dict[str, str]]:
    """Return where the query itself begins, and the prefixes declared before it."""
    prefixes: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        if tokens[at].is_word("PREFIX") and at + 2 < len(tokens):
            prefixes[tokens[at + 1].text.partition(":")[0]] = _plain(tokens[at + 2].text)
            at += 3
        elif tokens[at].is_word("BASE"):
            at += 2
        else:
            break
    return at, prefixes


def _form(tokens: Sequence[Token]) -> str:
    first = tokens[0].text.upper() if tokens and tokens[0].kind == "word" else ""
    for form in _FORMS:
        if first.startswith(form):  # Oxigraph does not ask for a space after it
            return form
    if first.startswith(_UPDATES):
        raise RefusedError(
            400,
            Text(
                zh="这是更新,不是查询;这里只能读。",
                en="This is an update, not a query; here one can only read.",
            ),
            Text(zh="请通过文件或提议来修改。", en="Change the registry by documents or proposals."),
        )
    raise RefusedError(
        400,
        Text(
            zh="这不是 SPARQL 查询:应以 SELECT、ASK、CONSTRUCT 或 DESCRIBE 开头。",
            en="This is no SPARQL query: it must begin with SELECT, ASK, CONSTRUCT or DESCRIBE.",
        ),
    )


def _is_from(token: Token) -> bool:
    return token.kind == "word" and token.text.upper() in ("FROM", "FROMNAMED")


def _graphs(tokens: Sequence[Token], prefixes: dict[str, str]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if not _is_from(token):
            continue
        following = [one for one in tokens[at + 1 : at + 3] if not one.is_word("NAMED")][:1]
        for one in following:
            if one.kind == "iri" and ":" in one.text:
                yield _plain(one.text)
            elif one.kind == "name":
                prefix, _, local = one.text.partition(":")
                if prefix in prefixes:
                    yield prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def _plain(written: str) -> str:
    """Return the IRI between its brackets, with what is escaped in it."""
    return re.sub(
        r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})",
        lambda m: _character(m.group(1) or m.group(2)),
        written[1:-1],
    )


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "�"


def _written(token: Token) -> str:
    if token.kind == "comment":
        return " "
    if token.kind == "iri":
        return "<" + "".join(_escaped(piece) for piece in _PIECE.findall(token.text[1:-1])) + ">"
    return token.text


def _escaped(piece: str) -> str:
    if _PLAIN.fullmatch(piece):
        return piece
    number = ord(piece)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
