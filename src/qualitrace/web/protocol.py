"""GraphQL over HTTP: what a request says, and how its answer is sent (floor 5).

The rules are those of the GraphQL-over-HTTP draft (https://graphql.github.io/graphql-over-http/draft/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from qualitrace.errors import QueryError
from qualitrace.graphql import Answer, TooOftenError, describe, digest
from qualitrace.text import Text
from qualitrace.web.purpose import checked

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
MAX_BODY = 1_000_000  # bytes


class HttpError(Exception):
    """A request that is refused before GraphQL sees it."""

    def __init__(self, status: int, what: Text, *, where: str = "", headers: Mapping[str, str] | None = None):
        super().__init__(what.both())
        self.status = status
        self.cause = QueryError(what, where=where)
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """Return the answer's body: an error as GraphQL answers show it."""
        error = {"message": str(self), "extensions": describe(self.cause)}
        return orjson.dumps({"errors": [error]})


def not_here(status: int, path: str, headers: Mapping[str, str] | None) -> HttpError:
    """Return what is said to a request for an address, or with a method, that is not served."""
    said = {
        404: Text(zh="这里没有这个地址。", en="There is nothing at this address."),
        405: Text(zh="这个地址不接受这种请求方法。", en="This address does not take this method."),
    }
    other = Text(zh=f"请求未被接受（{status}）。", en=f"The request was not accepted ({status}).")
    return HttpError(status, said.get(status, other), where=path[:200], headers=headers)


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request. ``query`` is "" when a document is named by its hash alone.

    ``purpose`` is why personal data is asked for, as far as ``extensions.purpose`` says so.
    """

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    sha256: str = ""
    purpose: str = ""


def negotiate(accept: str) -> str:
    """Choose the answer's media type. Raises HttpError 406 when the client takes neither.

    A client that does not say, or takes anything, gets ``application/json`` (section 6.1 and the
    audits of graphql-http); of two it takes equally, the newer one wins.
    """
    if not accept.strip():
        return JSON
    best, best_rank = "", (0.0, 0)
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        if quality <= 0 or not _charset_fits(parameters):
            continue
        named = {RESPONSE: (RESPONSE, 2), JSON: (JSON, 1), "*/*": (JSON, 0), "application/*": (JSON, 0)}
        if media in named:
            chosen, preference = named[media]
            if (quality, preference) > best_rank or not best:
                best, best_rank = chosen, (quality, preference)
    if not best:
        raise HttpError(
            406,
            Text(zh=f"只能以 {RESPONSE} 或 {JSON} 回答。", en=f"The answer is {RESPONSE} or {JSON} only."),
            where=f"Accept: {accept[:200]}",
        )
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def _charset_fits(parameters: list[str]) -> bool:
    given = [p.removeprefix("charset=").strip('"') for p in parameters if p.startswith("charset=")]
    return all(charset in ("utf-8", "utf8") for charset in given)


async def read_request(request: Request) -> Asked | tuple[Asked, ...]:
    """Read a GET or POST request, or a batch of them. Raises HttpError when it is not a GraphQL request."""
    if request.method == "GET":
        return _read_get(request)
    media, *parameters = (
        piece.strip().lower() for piece in request.headers.get("content-type", "").split(";")
    )
    if media != JSON or not _charset_fits(parameters):
        raise HttpError(
            415,
            Text(zh=f"请以 {JSON}（UTF-8）提交。", en=f"Send {JSON} in UTF-8."),
            where=f"Content-Type: {request.headers.get('content-type', '')[:200]}",
        )
    given = _decoded(await _body(request), "body")
    return tuple(map(_asked, given)) if isinstance(given, list) else _asked(given)


def _read_get(request: Request) -> Asked:
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _decoded(given[name].encode(), name) if given[name] else None
    return _asked(given)


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise HttpError(
                    413,
                    Text(zh=f"请求超过 {MAX_BODY} 字节。", en=f"The request is over {MAX_BODY} bytes."),
                )
    except ClientDisconnect as error:
        raise HttpError(400, Text(zh="请求中断。", en="The request broke off.")) from error
    return bytes(body)


def _decoded(text: bytes, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HttpError(400, Text(zh="不是合法的 JSON。", en="This is not JSON."), where=where) from error


def asked_of(given: Any) -> Asked:
    """Read a request from its JSON. Raises HttpError, or QueryError, when it is none."""
    return _asked(given)


def _asked(given: Any) -> Asked:
    if not isinstance(given, dict):
        raise HttpError(
            400, Text(zh="请求应是一个 JSON 对象。", en="A request is one JSON object."), where="body"
        )
    sha256 = _hash(given.get("extensions"))
    query = given.get("query")
    if query is None and sha256:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise _wrong("query", "字符串", "a string")
    if query and sha256 and digest(query) != sha256:
        raise _wrong("extensions.persistedQuery.sha256Hash", " query 的 SHA-256", "the SHA-256 of query")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _wrong("operationName", "字符串", "a string")
    for part in ("variables", "extensions"):
        if given.get(part) is not None and not isinstance(given[part], dict):
            raise _wrong(part, "对象", "an object")
    why = (given.get("extensions") or {}).get("purpose", "")
    return Asked(query, given.get("variables") or {}, name or None, sha256, checked(why))


def _hash(extensions: Any) -> str:
    """Return the hash that a request names its document by (Apollo's automatic persisted queries)."""
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None:
        return ""
    sha256 = named.get("sha256Hash") if isinstance(named, dict) else None
    if not isinstance(sha256, str) or not sha256 or named.get("version") != 1:
        raise _wrong("extensions.persistedQuery", " {version: 1, sha256Hash}", "{version: 1, sha256Hash}")
    return sha256.lower()


class PersistedQueryNotFoundError(QueryError):
    """No document is known by a hash; the client sends it again with the document."""

    code = "PERSISTED_QUERY_NOT_FOUND"


def not_persisted(sha256: str, media: str) -> tuple[bytes, int]:
    """Return the answer to a hash that is not known, worded as clients expect, and its status."""
    cause = PersistedQueryNotFoundError(
        Text(zh="没有这个哈希值的操作。", en="No operation is known by this hash."),
        where=sha256[:80],
        hint=Text(zh="请连同 query 再发一次。", en="Send it again together with query."),
    )
    error = {"message": "PersistedQueryNotFound", "extensions": describe(cause)}
    return orjson.dumps({"errors": [error]}), 400 if media == RESPONSE else 200


def _wrong(name: str, zh: str, en: str) -> HttpError:
    return HttpError(400, Text(zh=f"{name} 应为{zh}。", en=f"{name} must be {en}."), where=name)


def status_of(answer: Answer, media: str, method: str) -> int:
    """Return the HTTP status of an answer (section 6.4)."""
    if any(isinstance(error.original_error, TooOftenError) for error in answer.errors):
        return 429
    if answer.executed:
        return 200
    if method == "GET" and answer.refused:
        return 405
    return 400 if media == RESPONSE else 200
