"""Errors as answers: ``code``, ``what``, ``where``, ``hint``, never a stack trace (floor 4)."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from graphql import GraphQLError

from qualitrace.errors import QualitraceError, QueryError, UnknownNodeError
from qualitrace.text import Text

logger = logging.getLogger("qualitrace.graphql")


class LimitError(QueryError):
    """A request asks for more than the server gives in one answer."""

    code = "LIMIT"


class InvalidRequestError(QueryError):
    """A request is not GraphQL, or does not fit the schema."""

    code = "INVALID_REQUEST"


class ValueMismatchError(QualitraceError):
    """A value in the registry is not of the type its shape declares; ``where`` is the node."""

    code = "VALUE"


def describe(error: QualitraceError) -> dict[str, Any]:
    """Return the ``extensions`` of a typed error.

    ``classification`` says whose fault it is in the words that clients and testing tools know.
    """
    return {
        "code": error.code,
        "classification": _classification(error),
        "what": dict(error.what),
        "where": error.where,
        "hint": dict(error.hint),
    }


def _classification(error: QualitraceError) -> str:
    if isinstance(error, (QueryError, UnknownNodeError)):
        return "BAD_USER_INPUT"
    return "INTERNAL_SERVER_ERROR" if isinstance(error, _InternalError) else "DataFetchingException"


def formatted(error: GraphQLError) -> dict[str, Any]:
    """Return an error as the answer shows it (GraphQL 7.1.2).

    An error of this project keeps its words; one of the GraphQL library is a fault in the request;
    anything else is a fault of the server, written to its log and shown by a number only.
    """
    answer: dict[str, Any] = {"message": error.message}
    if error.locations:
        answer["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        answer["path"] = list(error.path)
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        cause = _invalid(error)
    elif not isinstance(cause, QualitraceError):
        cause = _internal(cause)
    if error.original_error is cause or isinstance(cause, _InternalError):
        answer["message"] = cause.what.both()
    answer["extensions"] = describe(cause)
    return answer


def _invalid(error: GraphQLError) -> InvalidRequestError:
    where = ", ".join(f"{at.line}:{at.column}" for at in error.locations or ())
    return InvalidRequestError(
        Text(zh=f"请求不合法：{error.message}", en=f"The request is not valid: {error.message}"),
        where=where,
        hint=Text(zh="请对照 /schema.graphql 检查请求。", en="Check the request against /schema.graphql."),
    )


class _InternalError(QualitraceError):
    code = "INTERNAL"


def _internal(cause: BaseException) -> _InternalError:
    number = uuid.uuid4().hex[:8]
    logger.error("unexpected error %s", number, exc_info=cause)
    return _InternalError(
        Text(zh=f"服务器内部出错（{number}）。", en=f"The server failed ({number})."),
        hint=Text(zh="请把这个编号告诉管理员。", en="Give this number to the person who runs the server."),
    )
