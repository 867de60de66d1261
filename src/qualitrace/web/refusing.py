"""Errors as HTTP answers, in one place (floor 5)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from qualitrace.errors import QualitraceError
from qualitrace.graphql import describe
from qualitrace.text import Text
from qualitrace.web.log_lines import event

logger = logging.getLogger("qualitrace.web")

# By the error's code, of the nearest class that has one here (RFC 9110, 15.5 and 15.6).
STATUS = {
    "UNKNOWN_CALLER": 401,
    "FORBIDDEN": 403,
    "ACCESS": 403,
    "UNKNOWN_NODE": 404,
    "CONFLICT": 409,
    "NOT_CONFORMING": 422,
    "LIMIT": 422,
    "RATE_LIMITED": 429,
    "TIME": 503,
    "QUERY": 400,
    "DOCUMENT": 400,
    "UNAVAILABLE": 503,
    "REGISTRY": 503,
}
_HEADERS: Mapping[int, Mapping[str, str]] = {401: {"WWW-Authenticate": 'Bearer realm="qualitrace"'}}


def status_of_error(error: QualitraceError) -> int:
    """Return the HTTP status of an error."""
    codes = (getattr(kind, "code", "") for kind in type(error).__mro__)
    return next((STATUS[code] for code in codes if code in STATUS), 500)


def refusal(error: QualitraceError, *, status: int = 0, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as every address answers it: JSON, as GraphQL answers show errors."""
    chosen = status or status_of_error(error)
    body = {"errors": [{"message": error.what.both(), "extensions": describe(error)}]}
    said = {"Cache-Control": "no-store", **_HEADERS.get(chosen, {}), **(headers or {})}
    return Response(orjson.dumps(body), chosen, said, "application/json; charset=utf-8")


class _FailedError(QualitraceError):
    code = "INTERNAL"


def failed(cause: BaseException, number: str = "") -> Response:
    """Return what is said when the server is at fault: the request's number, which its log explains."""
    number = number or uuid.uuid4().hex
    event(logger, logging.ERROR, "unexpected error", cause, id=number)
    said = Text(zh=f"服务器内部出错（{number}）。", en=f"The server failed ({number}).")
    hint = Text(zh="请把这个编号告诉管理员。", en="Give this number to the person who runs the server.")
    return refusal(_FailedError(said, hint=hint), status=500)
