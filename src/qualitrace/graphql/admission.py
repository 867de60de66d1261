"""Whether a request may run: measured, counted and charged before anything is fetched (floor 4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from qualitrace.errors import ForbiddenError, QualitraceError
from qualitrace.graphql.allowance import Allowance
from qualitrace.graphql.bounding import Bounds
from qualitrace.graphql.cost_memory import Costs
from qualitrace.graphql.costs import Cost, cost_of
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.limits import Limits, check_limit
from qualitrace.graphql.paging import check_size
from qualitrace.graphql.reading_documents import Size, parsed, size_of
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Known:
    """A document, how large it is, whether it asks about the schema, and whether it was found valid.

    ``costs``: what it was found to cost, forgotten with it.
    """

    document: DocumentNode
    size: Size
    inspects: bool
    valid: bool = False
    costs: Costs = field(default_factory=Costs, compare=False)


class Documents:
    """Documents that were parsed and found valid, by their text; the least recently used go first.

    ``size`` documents are kept, of ``text`` characters together: parsed, a document takes some hundred
    times as much.
    """

    def __init__(self, size: int, text: int) -> None:
        self._size = size
        self._text = text
        self._held: OrderedDict[str, Known] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, text: str) -> Known | None:
        """Return a document that is known to be valid."""
        with self._lock:
            if text in self._held:
                self._held.move_to_end(text)
            return self._held.get(text)

    def put(self, text: str, known: Known) -> None:
        """Keep a valid document."""
        if len(text) > self._text // 4:
            return
        with self._lock:
            if text not in self._held:
                self._weight += len(text)
            self._held[text] = replace(known, valid=True)
            while len(self._held) > self._size or self._weight > self._text:
                self._weight -= len(self._held.popitem(last=False)[0])


class Admission:
    """Admits the requests of one schema, in the same way whether a plan or the executor answers."""

    def __init__(self, limits: Limits, bounds: Callable[[], Bounds | None] = lambda: None) -> None:
        self.limits = limits
        self._bounds = bounds  # of the state that whoever asks is answered from
        self.documents = Documents(limits.documents, limits.kept_text)

    def admit(
        self,
        schema: GraphQLSchema,
        text: str,
        variables: Mapping[str, Any],
        name: str | None,
        allowance: Allowance,
    ) -> Known:
        """Return the parsed document of a request that may be executed once it is found valid.

        Raises GraphQLError, with a typed error behind it where a limit of ours was passed.
        """
        limits = allowance.limits or self.limits
        try:
            known = self.documents.get(text) or self._read(text, limits)
            known.size.check(limits)
            check_variables(variables, limits)
            if known.inspects and not allowance.explore:
                raise _no_introspection()
            if name is None:
                check_single(known.document)
            check_pages(known.document, variables)
            count = known.costs.of if known.valid else cost_of  # what is kept is asked again
            cost = count(schema, known.document, variables, name, self._bounds())
            allowance.cost = allowance.cost or cost
            check_cost(cost, limits)
            allowance.take()
        except QualitraceError as error:
            raise GraphQLError(error.what.both(), original_error=error) from error
        return known

    def _read(self, text: str, limits: Limits) -> Known:
        document = parsed(text, limits)
        return Known(document, size_of(document, limits), any(_inspected(document)))


def check_cost(cost: Cost, limits: Limits) -> None:
    """Raise LimitError when an operation may cost more than is allowed, saying how to ask for less."""
    check_limit("conditions", cost.conditions, limits.conditions, "个筛选条件", "conditions in filters")
    if cost.total > limits.cost:
        raise LimitError(
            Text(
                zh=f"这个请求最多要取 {cost.total} 个值,允许 {limits.cost} 个;"
                f"其中“{cost.dearest}”占 {cost.of_it} 个。",
                en=f"The request may cost {cost.total} values; {limits.cost} are allowed. Of these "
                f"“{cost.dearest}” costs {cost.of_it}.",
            ),
            where=f"cost: {cost.dearest}",
            hint=Text(
                zh="请在列表上用较小的 first,少嵌套几层,或拆成几个请求。",
                en="Give lists a smaller first, nest fewer of them, or ask in several requests.",
            ),
        )


def check_variables(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raise LimitError when variables are nested too deep, or hold too many values or too much text."""
    items = text = 0
    level: list[Any] = [variables]
    depth = 0
    while level:
        check_limit("variables", depth, limits.variable_depth, "层变量", "levels of values in variables")
        inner: list[Any] = []
        for value in level:
            if isinstance(value, Mapping):
                inner += value.values()
                text += sum(map(len, value))
            elif isinstance(value, list):
                inner += value
            elif isinstance(value, str):
                text += len(value)
        items += len(inner)
        check_limit("variables", items, limits.variable_items, "个变量值", "values in variables")
        check_limit("variables", text, limits.variable_text, "个变量字符", "characters in variables")
        level, depth = inner, depth + 1


def check_single(document: DocumentNode) -> None:
    """Raise GraphQLError when a document has several operations and none was named (GraphQL 6.1)."""
    if sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions) > 1:
        raise GraphQLError("Must provide operation name if query contains multiple operations.")


def check_pages(document: DocumentNode, variables: Mapping[str, Any]) -> None:
    """Raise a typed error when any page asked for is too large, before anything is fetched."""
    defaults: dict[str, Any] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for variable in definition.variable_definitions or ():
                if isinstance(variable.default_value, IntValueNode):
                    defaults[variable.variable.name.value] = int(variable.default_value.value)
    for name, size in _page_sizes(document, {**defaults, **variables}):
        check_size(name, size)


def _selected(document: DocumentNode) -> Iterator[FieldNode]:
    waiting: list[SelectionSetNode] = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            inner = getattr(selection, "selection_set", None)
            if inner is not None:
                waiting.append(inner)


def _inspected(document: DocumentNode) -> Iterator[bool]:
    return (field.name.value in ("__schema", "__type") for field in _selected(document))


def _page_sizes(document: DocumentNode, variables: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for selected in _selected(document):
        for argument in selected.arguments or ():
            if argument.name.value not in ("first", "last"):
                continue
            value, size = argument.value, None
            if isinstance(value, IntValueNode):
                size = int(value.value)
            elif isinstance(value, VariableNode):
                size = variables.get(value.name.value)
            if type(size) is int:
                yield argument.name.value, size


def _no_introspection() -> ForbiddenError:
    return ForbiddenError(
        Text(zh="您的角色不能查询接口结构。", en="Your role does not allow questions about the schema."),
        where="__schema",
        hint=Text(zh="请向质量管理部门申请。", en="Ask whoever manages access to the registry."),
    )
