"""Requests in, answers out (floor 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from qualitrace.graphql.failures import formatted
from qualitrace.graphql.guard import Limits
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.schema import build_schema


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response (GraphQL 7.1). ``executed`` is false when the request never ran."""

    body: dict[str, Any]
    executed: bool


class Service:
    """Answers GraphQL requests about a registry. Safe to call from several threads."""

    def __init__(self, reading: Reading, *, limits: Limits | None = None, protected: bool = True) -> None:
        self.schema = build_schema(reading, limits=limits, protected=protected)
        self.text = self.schema.as_str().rstrip() + "\n"

    def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> Answer:
        """Answer a request. Every failure is part of the answer; nothing is raised."""
        try:
            result = self.schema.execute_sync(
                query, variable_values=dict(variables or {}), operation_name=operation_name
            )
        except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError) as error:
            return Answer({"errors": [formatted(GraphQLError(_said(error)))]}, executed=False)
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [formatted(error) for error in result.errors]
        if result.data is None:
            return Answer(body, executed=False)
        return Answer({**body, "data": result.data}, executed=True)


def _said(error: Exception) -> str:
    if isinstance(error, CannotGetOperationTypeError):
        return error.as_http_error_reason()
    return str(error) or "No operation was given."
