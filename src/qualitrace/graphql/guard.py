"""Bounds on a request, checked before anything is fetched (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document
from strawberry.types.graphql import OperationType

from qualitrace.graphql.admission import Admission, Known
from qualitrace.graphql.allowance import allowed


class Guard(SchemaExtension):
    """Parses within bounds, measures, validates once per text, and provides the context."""

    def __init__(
        self,
        admission: Admission,
        context: Callable[[bool], Any],
        reading: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._reading = reading
        self._admission = admission
        self._context = context
        self._known: Known | None = None

    def on_execute(self) -> Iterator[None]:
        """Give resolvers their context; a query sees the registry in one state throughout."""
        query = self.execution_context.operation_type is OperationType.QUERY
        with self._reading() if query else nullcontext():
            if self.execution_context.context is None:
                self.execution_context.context = self._context(query)
            yield

    def on_parse(self) -> Iterator[None]:
        """Parse, or take a document that was parsed before."""
        context = self.execution_context
        self._known = self._admission.admit(
            context.schema._schema,
            context.query or "",
            context.variables or {},
            context._provided_operation_name,
            allowed(),
        )
        context.graphql_document = self._known.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate against the schema, unless the same text was found valid before."""
        context, known = self.execution_context, self._known
        assert known is not None
        if known.valid:
            context.pre_execution_errors = []
        else:
            errors = validate_document(context.schema._schema, known.document, context.validation_rules)
            context.pre_execution_errors = errors
            if not errors:
                self._admission.documents.put(context.query or "", known)
        yield
