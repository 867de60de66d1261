"""One execution of a plan (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from qualitrace.graphql.context import Context
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.plans.columns import Columns, Read
from qualitrace.graphql.plans.document import ArgumentReader, Arguments, Operation
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.profile.model import PropertyPath


class NotAnswered(Exception):
    """The plan cannot give this answer, which may hold errors; the standard executor gives it."""


class Run:
    """What the parts of a plan share while it runs: the request's variables and what was read."""

    def __init__(
        self,
        context: Context,
        schema: GraphQLSchema,
        operation: Operation,
        values: VariableValues,
        budget: int,
    ) -> None:
        self.context = context
        self.schema = schema
        self.operation = operation
        self.values = values
        self._budget = budget
        self.spent = 0
        self._arguments: dict[ArgumentReader, Arguments] = {}
        self.rows: dict[Any, dict[str, Any]] = {}  # by shape: the nodes written so far
        self.pool: Sequence[str] = ()  # all nodes of the traces being written
        self.trace: Any = None  # the one being written
        self.costs: dict[Any, int] = {}  # by shape: values read for one node

    def apart(self) -> Run:
        """Return a run with the same arguments that counts for itself, to fill what is kept."""
        budget = 2**62
        return Run(self.context, self.schema, self.operation, self.values, budget)

    def of_state(self, moment: str | None, as_of: dt.date | None) -> Run:
        """Return a run that answers of what was known in a moment, or exists on a date.

        This one where that is the present; else what it spends is to be counted here as well. Raises
        QueryError or LimitError as :meth:`Context.of_state`.
        """
        context = self.context.of_state(moment, as_of)
        if context is self.context:
            return self
        return Run(context, self.schema, self.operation, self.values, self._budget)

    @property
    def model(self) -> ApiModel:
        """The model of the API."""
        return self.context.model

    @property
    def snapshot(self) -> Snapshot:
        """What is kept for this state of the registry."""
        assert self.context.snapshot is not None
        return self.context.snapshot

    @property
    def columns(self) -> Columns:
        """The values of nodes."""
        return self.snapshot.columns

    def arguments(self, reader: ArgumentReader) -> Arguments:
        """Return the arguments of a field; they are the same wherever it stands in the answer."""
        found = self._arguments.get(reader)
        if found is None:
            found = self._arguments[reader] = reader.read(self.values)
        return found

    def column(
        self,
        key: Hashable,
        path: PropertyPath,
        made: Callable[[str, tuple[str, ...]], Any],
        nodes: Sequence[str],
    ) -> list[Any]:
        """Return values that are part of the answer (:meth:`Columns.of`), and count them.

        What is counted is never less than what the standard executor counts, so that an answer that
        it refuses is not given here.
        """
        return self._counted(*self.columns.of(key, path, made, nodes))

    def filled(self, key: Hashable, read: Read, nodes: Sequence[str]) -> list[Any]:
        """Return values that are part of the answer (:meth:`Columns.filled`), and count them."""
        return self._counted(*self.columns.filled(key, read, nodes))

    def _counted(self, found: list[Any], most: int) -> list[Any]:
        self.spend(len(found) * max(1, most))
        return found

    def spend(self, values: int) -> None:
        """Count values. Raises NotAnswered when they may be more than one request may have."""
        self.spent += values
        if self.spent > self._budget:
            raise NotAnswered("more values than one request may fetch")
