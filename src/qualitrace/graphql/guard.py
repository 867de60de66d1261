"""Bounds on a request, checked before anything is fetched (floor 4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document
from strawberry.types.graphql import OperationType

from qualitrace.graphql.context import Context
from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.paging import check_size
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for. ``values`` counts values fetched from the store."""

    tokens: int = 4000
    depth: int = 15
    fields: int = 1000  # with fragments written out
    aliases: int = 60
    values: int = 200_000
    documents: int = 256  # parsed documents kept


class Documents:
    """Documents that were parsed and found valid, by their text; the least recently used go first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[str, DocumentNode] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> DocumentNode | None:
        """Return a document that is known to be valid."""
        with self._lock:
            if text in self._held:
                self._held.move_to_end(text)
            return self._held.get(text)

    def put(self, text: str, document: DocumentNode) -> None:
        """Keep a valid document."""
        with self._lock:
            self._held[text] = document
            if len(self._held) > self._size:
                self._held.popitem(last=False)


class Guard(SchemaExtension):
    """Parses within bounds, measures, validates once per text, and provides the context."""

    def __init__(
        self,
        limits: Limits,
        documents: Documents,
        context: Callable[[], Context],
        reading: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._reading = reading
        self._limits = limits
        self._documents = documents
        self._context = context

    @staticmethod
    def cache(limits: Limits) -> Documents:
        """Return an empty cache of documents."""
        return Documents(limits.documents)

    def on_execute(self) -> Iterator[None]:
        """Give resolvers their context; a query sees the registry in one state throughout."""
        query = self.execution_context.operation_type is OperationType.QUERY
        with self._reading() if query else nullcontext():
            if self.execution_context.context is None:
                self.execution_context.context = self._context()
            yield

    def on_parse(self) -> Iterator[None]:
        """Parse, or take a document that was parsed before."""
        text = self.execution_context.query or ""
        known = self._documents.get(text)
        if known is None:
            known = parse(text, max_lexical_tokens=self._limits.tokens, max_source_length=400_000)
            measure(known, self._limits)
        if self.execution_context._provided_operation_name is None:
            check_single(known)
        check_pages(known, self.execution_context.variables or {})
        self.execution_context.graphql_document = known
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate against the schema, unless the same text was found valid before."""
        context = self.execution_context
        text, document = context.query or "", context.graphql_document
        assert document is not None
        if self._documents.get(text) is document:
            context.pre_execution_errors = []
        else:
            errors = validate_document(context.schema._schema, document, context.validation_rules)
            context.pre_execution_errors = errors
            if not errors:
                self._documents.put(text, document)
        yield


def measure(document: DocumentNode, limits: Limits) -> None:
    """Raise a typed error when a document is deeper or larger than allowed, fragments written out."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    sizes: dict[str, _Size] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = _size(definition.selection_set, fragments, sizes, ())
            _check("depth", size.depth, limits.depth, "嵌套层数", "levels of nesting")
            _check("fields", size.fields, limits.fields, "字段数", "fields")
            _check("aliases", size.aliases, limits.aliases, "别名数", "aliases")


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    fields: int = 0
    aliases: int = 0


def _size(
    chosen: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    sizes: dict[str, _Size],
    within: tuple[str, ...],
) -> _Size:
    """Measure a selection set; each fragment is measured once, so nested spreads stay cheap."""
    depth = fields = aliases = 0
    for selection in chosen.selections:
        inner = _Size()
        own = 0
        if isinstance(selection, FieldNode):
            own = 1
            aliases += selection.alias is not None
            if selection.selection_set is not None:
                inner = _size(selection.selection_set, fragments, sizes, within)
        elif isinstance(selection, InlineFragmentNode):
            inner = _size(selection.selection_set, fragments, sizes, within)
        elif isinstance(selection, FragmentSpreadNode):
            inner = _spread(selection.name.value, fragments, sizes, within)
        depth = max(depth, inner.depth + own)
        fields += inner.fields + own
        aliases += inner.aliases
    return _Size(depth, fields, aliases)


def _spread(
    name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    sizes: dict[str, _Size],
    within: tuple[str, ...],
) -> _Size:
    if name in within or name not in fragments:  # validation reports both
        return _Size()
    if name not in sizes:
        sizes[name] = _size(fragments[name].selection_set, fragments, sizes, (*within, name))
    return sizes[name]


def _check(name: str, found: int, allowed: int, zh: str, en: str) -> None:
    if found > allowed:
        cause = LimitError(
            Text(
                zh=f"请求有 {found} {zh},至多 {allowed}。",
                en=f"The request has {found} {en}; at most {allowed} are allowed.",
            ),
            where=name,
            hint=Text(zh="请拆成几个请求。", en="Ask in several requests."),
        )
        raise GraphQLError(str(cause), original_error=cause)


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


def _page_sizes(document: DocumentNode, variables: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    waiting: list[SelectionSetNode] = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                for argument in selection.arguments or ():
                    value = argument.value
                    size: Any = None
                    if isinstance(value, IntValueNode):
                        size = int(value.value)
                    elif isinstance(value, VariableNode):
                        size = variables.get(value.name.value)
                    if argument.name.value in ("first", "last") and type(size) is int:
                        yield argument.name.value, size
            inner = getattr(selection, "selection_set", None)
            if inner is not None:
                waiting.append(inner)
