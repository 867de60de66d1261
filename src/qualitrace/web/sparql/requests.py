"""What a request to the SPARQL endpoint asks for (SPARQL 1.1 Protocol, section 2.1) (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from qualitrace.text import Text
from qualitrace.web.sparql.guard import LONGEST, RefusedError

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_MOST_BODY = LONGEST * 12  # percent-encoded UTF-8
_MOST_FIELDS = 1000

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the data set that the request names; None: it names none."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None


async def read_request(request: Request) -> Asked | None:
    """Read a GET or POST; None for a GET that asks nothing. Raises RefusedError."""
    given = _fields(request.scope["query_string"], "query string")
    if request.method != "POST":
        _no_update(given)
        if not any(name == "query" for name, _ in given):
            return None
        return _asked(given)
    media, charset = _content_type(request)
    if media == UPDATE:
        raise _read_only()
    if media not in (FORM, QUERY):
        raise RefusedError(
            415,
            Text(zh=f"请以 {FORM} 或 {QUERY} 提交。", en=f"Send {FORM} or {QUERY}."),
            Text(zh=f"收到的是“{media[:100]}”。", en=f"This was “{media[:100]}”."),
        )
    if charset not in ("", "utf-8", "utf8"):
        raise RefusedError(415, Text(zh="请以 UTF-8 提交。", en="Send UTF-8."))
    body = await _body(request)
    if media == FORM:
        given += _fields(body, "body")
        _no_update(given)
    else:
        _no_update(given)
        given.append(("query", _decoded(body, "body")))  # one in the address as well makes two: refused
    return _asked(given)


def _content_type(request: Request) -> tuple[str, str]:
    media, *parameters = (piece.strip() for piece in request.headers.get("content-type", "").split(";"))
    pairs = (parameter.partition("=") for parameter in parameters)
    named = {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}
    return media.lower(), named.get("charset", "")


def _asked(given: Fields) -> Asked:
    queries = [value for name, value in given if name == "query"]
    if len(queries) != 1:
        raise RefusedError(
            400,
            Text(
                zh=f"须有且只有一个 query,收到 {len(queries)} 个。",
                en=f"There must be one query, and there are {len(queries)}.",
            ),
        )
    if any(name in ("using-graph-uri", "using-named-graph-uri") for name, _ in given):
        raise RefusedError(
            400,
            Text(
                zh="using-graph-uri 只用于更新;查询请用 default-graph-uri 和 named-graph-uri。",
                en="using-graph-uri is for updates; a query takes default-graph-uri and named-graph-uri.",
            ),
        )
    return Asked(queries[0], _graphs(given, "default-graph-uri"), _graphs(given, "named-graph-uri"))


def _graphs(given: Fields, parameter: str) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(value for name, value in given if name == parameter))
    return found or None


def check_graphs(graphs: Sequence[str], known: Sequence[str]) -> None:
    """Raise RefusedError when a data set names a graph that is not here: nothing is ever fetched."""
    strange = [graph for graph in graphs if graph not in known]
    if strange:
        raise RefusedError(
            400,
            Text(
                zh=f"这里没有图 <{strange[0][:200]}>,也不会从别处读取。",
                en=f"There is no graph <{strange[0][:200]}> here, and none is fetched from elsewhere.",
            ),
            Text(zh="有这些图:" + "、".join(known), en="The graphs are " + ", ".join(known)),
        )


def _no_update(given: Fields) -> None:
    if any(name == "update" for name, _ in given):
        raise _read_only()


def _read_only() -> RefusedError:
    return RefusedError(
        403,
        Text(zh="这里只能查询,不能更新。", en="One can only ask here, not update."),
        Text(zh="请通过文件或提议来修改。", en="Change the registry by documents or proposals."),
    )


def _fields(text: bytes, where: str) -> Fields:
    try:
        return parse_qsl(
            text.decode("ascii" if where == "query string" else "utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except (UnicodeError, ValueError) as error:
        raise _not_text(where) from error


def _decoded(body: bytes, where: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(where) from error


def _not_text(where: str) -> RefusedError:
    return RefusedError(
        400,
        Text(zh="请求不是 UTF-8 编码,或字段过多。", en="The request is not UTF-8, or has too many fields."),
        where=where,
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BODY:
                raise RefusedError(413, Text(zh="请求太大。", en="The request is too large."))
    except ClientDisconnect as error:
        raise RefusedError(400, Text(zh="请求中断。", en="The request broke off.")) from error
    return bytes(body)
