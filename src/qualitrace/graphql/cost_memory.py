"""What a document was found to cost, as long as what it is asked of has not changed (floor 4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from graphql import DocumentNode, GraphQLSchema

from qualitrace.graphql.bounding import Bounds
from qualitrace.graphql.costs import Cost, cost_of

MOST = 32  # costs kept of one document
_LONGEST = 20  # items of lists and objects in variables, together, whose costs are kept


class Costs:
    """The costs of one document of one schema, by the shape of its variables and the state that is asked.

    Of a text in variables only which others are the same text matters: a filter costs by how many different
    nodes it names. So texts are numbered as they come, and the cost is that of the numbers.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Cost] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        name: str | None,
        bounds: Bounds | None,
    ) -> Cost:
        """Return what :func:`cost_of` does, or a little more where a text also stands in the document."""
        numbered = _Numbered()
        shape = numbered.shape(variables)
        if numbered.items > _LONGEST or (bounds is not None and bounds.state is None):
            return cost_of(schema, document, variables, name, bounds)
        key = name, shape, bounds.state if bounds is not None else None
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        cost = cost_of(schema, document, numbered.value(variables), name, bounds)
        with self._lock:
            self._held[key] = cost
            while len(self._held) > MOST:
                self._held.popitem(last=False)
        return cost


class _Numbered:
    """Values with their texts numbered in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.items = 0

    def shape(self, value: Any) -> Hashable:
        """Return what tells values apart that may cost differently."""
        self.items += 1
        if self.items > _LONGEST:
            return None
        if isinstance(value, str):
            return "text", self._numbers.setdefault(value, len(self._numbers))
        if isinstance(value, Mapping):
            return "object", tuple((name, self.shape(one)) for name, one in value.items())
        if isinstance(value, list):
            return "list", tuple(self.shape(one) for one in value)
        if value is None or isinstance(value, bool | int | float):
            return type(value).__name__, value  # True is 1, and they are not the same here
        self.items = _LONGEST + 1
        return None

    def value(self, value: Any) -> Any:
        """Return a value with numbers for its texts; they stand in no document."""
        if isinstance(value, str):
            return f"\0{self._numbers[value]}"
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list) else value
