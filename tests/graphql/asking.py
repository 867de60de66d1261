"""Asking a schema in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from qualitrace.graphql import Answer, execute


def ask(schema: strawberry.Schema, query: str, variables: Mapping[str, Any] | None = None) -> Any:
    """Return the data of an answer that must have no errors."""
    answer = execute(schema, query, variables)
    assert not answer.errors, answer.body["errors"]
    return answer.body["data"]


def refused(answer: Answer) -> dict[str, Any]:
    """Return the only error's extensions."""
    assert len(answer.body["errors"]) == 1, answer.body["errors"]
    extensions: dict[str, Any] = answer.body["errors"][0]["extensions"]
    return extensions
