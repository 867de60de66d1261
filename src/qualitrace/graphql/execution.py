"""Requests in, answers out (floor 4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from qualitrace.graphql.failures import formatted
from qualitrace.graphql.plans import Plans


class Answer:
    """A GraphQL response (GraphQL 7.1): ``body`` as it is sent, ``errors`` as they were raised.

    ``executed`` is false when the request never ran: it could not be parsed, is not valid, or asks
    for more than is allowed. ``refused`` is true when its kind of operation is not allowed. ``planned``
    is true when a plan answered, which is made for trusted operations only. ``content`` is the body as
    JSON.
    """

    def __init__(
        self,
        body: dict[str, Any] | bytes,
        errors: tuple[GraphQLError, ...] = (),
        *,
        executed: bool,
        refused: bool = False,
        planned: bool = False,
    ) -> None:
        self._body = body
        self.errors = errors
        self.executed = executed
        self.refused = refused
        self.planned = planned

    @cached_property
    def content(self) -> bytes:
        """The body as it is sent."""
        return self._body if isinstance(self._body, bytes) else orjson.dumps(self._body)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body taken apart."""
        if isinstance(self._body, bytes):
            taken: dict[str, Any] = orjson.loads(self._body)
            return taken
        return self._body


def execute(
    schema: strawberry.Schema,
    query: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    queries_only: bool = False,
    plans: Plans | None = None,
) -> Answer:
    """Answer a request. Every failure is part of the answer; nothing is raised.

    ``queries_only`` refuses operations that change something. One schema may be used by many threads.
    ``plans`` are asked first (by default those of the schema's trusted operations): they give the same
    answer as the executor, sooner. What they do not answer, the executor does.
    """
    plans = getattr(schema, "plans", None) if plans is None else plans
    content = plans.answer(query, variables or {}, operation_name) if plans is not None else None
    if content is not None:
        return Answer(content, executed=True, planned=True)
    return execute_standard(schema, query, variables, operation_name, queries_only=queries_only)


def execute_standard(
    schema: strawberry.Schema,
    query: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    queries_only: bool = False,
) -> Answer:
    """Answer a request with the GraphQL library's own executor, as :func:`execute` does without plans."""
    try:
        result = schema.execute_sync(
            query,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            allowed_operation_types=[OperationType.QUERY] if queries_only else None,
        )
    except InvalidOperationTypeError:
        return _failed(GraphQLError("Only queries are allowed here."), refused=True)
    except (MissingQueryError, CannotGetOperationTypeError) as error:
        return _failed(GraphQLError(_said(error)))
    if result.data is None and result.errors:
        return _failed(*result.errors)
    errors = tuple(result.errors or ())
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [formatted(error) for error in errors]
    return Answer(body, errors, executed=True)


def _failed(*errors: GraphQLError, refused: bool = False) -> Answer:
    body = {"errors": [formatted(error) for error in errors]}
    return Answer(body, errors, executed=False, refused=refused)


def _said(error: Exception) -> str:
    if isinstance(error, CannotGetOperationTypeError):
        return error.as_http_error_reason()
    return str(error) or "No operation was given."
