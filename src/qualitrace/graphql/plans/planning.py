"""Plans: operations compiled once, answered without the standard executor (floor 4)."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import orjson
from graphql import DocumentNode, FieldNode, GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema
from graphql.execution.values import get_variable_values

from qualitrace.errors import QualitraceError
from qualitrace.graphql.context import Context
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.paging import check_size
from qualitrace.graphql.plans.answers import Answers
from qualitrace.graphql.plans.document import (
    ArgumentReader,
    NotPlanned,
    Operation,
    Selector,
    same_selection,
)
from qualitrace.graphql.plans.nodes import NodeShape
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.plans.traces import TraceShape
from qualitrace.graphql.plans.writers import Bind

logger = logging.getLogger("qualitrace.graphql.plans")

Hold = Callable[[], AbstractContextManager[None]]  # keeps the registry as it is meanwhile

VARIANTS = 32  # ways to decide the directives of one operation, kept


class OperationPlan:
    """One operation, with its directives decided one way. ``keeps``: see :class:`PlannedOperation`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        model: ApiModel,
        operation: Operation,
        switches: Mapping[str, Any],
        *,
        keeps: bool,
    ) -> None:
        self.schema = schema
        self.model = model
        self.keeps = keeps
        self.selector = Selector(operation, switches)
        self._shapes: dict[tuple[Any, ...], NodeShape] = {}
        assert schema.query_type is not None
        self._answers = Answers(self)
        self.write: Bind = self._answers.query(schema.query_type, operation.node.selection_set)

    def node_shape(self, declared: str, nodes: Sequence[FieldNode]) -> NodeShape:
        """Return the shape of nodes; what is asked for in the same words has one shape."""
        key = (declared, *same_selection(nodes))
        if key not in self._shapes:
            self._shapes[key] = NodeShape(self, declared, nodes)
        return self._shapes[key]

    def trace_shape(self, reader: ArgumentReader, nodes: Sequence[FieldNode]) -> Any:
        """Return what writes the traces of nodes."""
        return TraceShape(self, nodes).many(reader)

    def other_field(self, type_: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode]) -> Bind:
        """Return what writes a field by the schema's own resolver."""
        return self._answers.field(type_, definition, nodes, nodes[0].name.value)


class PlannedOperation:
    """The plans of one operation. Raises NotPlanned when it cannot have any.

    ``keeps``: whether what it wrote is kept for its next answers. That of strangers' operations is not:
    there may be any number of them. Values of nodes are kept for all alike.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        model: ApiModel,
        document: DocumentNode,
        name: str | None,
        *,
        context: Callable[[], Context],
        reading: Hold,
        budget: int,
        keeps: bool = True,
    ) -> None:
        self._reading = reading
        self._schema = schema
        self._model = model
        self._keeps = keeps
        self._operation = Operation(schema, document, name)
        self._context = context
        self._budget = budget
        self._plans: OrderedDict[tuple[Any, ...], OperationPlan] = OrderedDict()
        self._lock = threading.Lock()
        if not self._operation.switches:
            self._plan({})

    def answer(self, variables: Mapping[str, Any]) -> bytes:
        """Return the answer as JSON. Raises NotPlanned or NotAnswered, or what resolvers raise."""
        for name, size in self._operation.page_sizes(variables):
            if type(size) is int:
                check_size(name, size)
        defined = self._operation.node.variable_definitions or ()
        values = get_variable_values(self._schema, defined, dict(variables))
        if isinstance(values, list):
            raise NotAnswered("variables that do not fit")
        plan = self._plan(values.coerced)
        with self._reading():
            run = Run(self._context(), self._schema, self._operation, values, self._budget)
            return orjson.dumps({"data": plan.write(run)(run)})

    def _plan(self, coerced: Mapping[str, Any]) -> OperationPlan:
        switches = {name: coerced.get(name) for name in self._operation.switches}
        key = tuple(switches.values())
        with self._lock:
            if key not in self._plans:
                self._plans[key] = OperationPlan(
                    self._schema, self._model, self._operation, switches, keeps=self._keeps
                )
                while len(self._plans) > VARIANTS:
                    self._plans.popitem(last=False)
            return self._plans[key]


class Plans:
    """The plans of a schema's trusted operations, by document and operation name."""

    def __init__(
        self,
        schema: GraphQLSchema,
        model: ApiModel,
        *,
        context: Callable[[], Context],
        reading: Hold,
        budget: int,
    ) -> None:
        self._reading = reading
        self._schema = schema
        self._model = model
        self._context = context
        self._budget = budget
        self._planned: dict[tuple[str, str | None], PlannedOperation] = {}
        self.unplanned: dict[str, str] = {}  # names of trusted operations without a plan, and why

    def compile(
        self, document: DocumentNode, name: str | None = None, *, keeps: bool = True
    ) -> PlannedOperation:
        """Compile an operation of a valid document. Raises NotPlanned."""
        return PlannedOperation(
            self._schema,
            self._model,
            document,
            name,
            context=self._context,
            reading=self._reading,
            budget=self._budget,
            keeps=keeps,
        )

    def add(self, label: str, text: str, document: DocumentNode) -> None:
        """Plan a trusted document; one that cannot be planned is noted in ``unplanned`` and logged."""
        try:
            planned = self.compile(document)
        except NotPlanned as reason:
            self.unplanned[label] = str(reason)
            logger.warning("%s has no plan and takes the standard executor: %s", label, reason)
            return
        name = planned._operation.node.name
        self._planned[(text, None)] = planned
        if name is not None:
            self._planned[(text, name.value)] = planned

    def knows(self, text: str, operation_name: str | None) -> bool:
        """Tell whether an operation has a plan."""
        return (text, operation_name) in self._planned

    def answer(self, text: str, variables: Mapping[str, Any], operation_name: str | None) -> bytes | None:
        """Return a planned operation's answer as JSON; None when the standard executor must answer."""
        planned = self._planned.get((text, operation_name))
        return None if planned is None else self.answer_by(planned, variables)

    def answer_by(self, planned: PlannedOperation, variables: Mapping[str, Any]) -> bytes | None:
        """Return the answer of a plan, as :meth:`answer`."""
        try:
            return planned.answer(variables)
        except (NotPlanned, NotAnswered, QualitraceError, GraphQLError) as reason:
            logger.info("answered by the standard executor: %s", reason)
        except Exception:  # a fault in a plan must not cost the answer
            logger.exception("a plan failed; the standard executor answers")
        return None
