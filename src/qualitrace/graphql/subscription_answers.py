"""A subscription taken apart before its first event, and answered for each (floor 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
    specified_rules,
)
from graphql.execution.values import get_argument_values, get_variable_values
from strawberry.schema.schema import validate_document

from qualitrace.budget import within
from qualitrace.errors import ForbiddenError, QueryError
from qualitrace.graphql.allowance import Allowance, under
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.graphql.execution import Answer, execute_standard
from qualitrace.graphql.failures import InvalidRequestError, formatted
from qualitrace.graphql.schema import Schema
from qualitrace.graphql.subscription_changes import Change
from qualitrace.text import Text


class RefusedError(QueryError):
    """A subscription is not one that can be begun; ``errors`` as an answer shows them (GraphQL 7.1.2)."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(Text(zh="不能这样订阅。", en="This cannot be subscribed to."))
        self.errors = [formatted(error) for error in errors]


def begin(
    schema: Schema, text: str, variables: Mapping[str, Any], name: str | None, allowance: Allowance
) -> int | None:
    """Return the position that a subscription asks to be told after; None for what comes from now on.

    Raises RefusedError when the document is no valid subscription, or asks for too much.
    """
    try:
        return _after(schema, text, variables, name, allowance)
    except GraphQLError as error:
        raise RefusedError(error) from error


def _after(
    schema: Schema, text: str, variables: Mapping[str, Any], name: str | None, allowance: Allowance
) -> int | None:
    assert schema.admission is not None
    whole = schema._schema
    known = schema.admission.admit(whole, text, variables, name, allowance)
    errors = [] if known.valid else validate_document(whole, known.document, tuple(specified_rules))
    if errors and not allowance.explore:
        raise _refused(InvalidRequestError(Text(zh="请求不合法。", en="The request is not valid.")))
    if errors:
        raise RefusedError(*errors)
    operation = get_operation_ast(known.document, name)
    if operation is None:
        raise GraphQLError("There is no operation of that name.")
    if operation.operation is not OperationType.SUBSCRIPTION:
        raise _refused(_only_subscriptions())
    if whole.subscription_type is None:
        raise _refused(
            ForbiddenError(Text(zh="您的角色不能订阅。", en="Your role does not allow subscriptions."))
        )
    return _argument(whole, known.document, operation, variables)


def _argument(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int | None:
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if isinstance(values, list):
        raise RefusedError(*values)
    node = next(_fields(operation.selection_set, document), None)
    assert schema.subscription_type is not None
    field = schema.subscription_type.fields.get(node.name.value) if node is not None else None
    if node is None or field is None:
        raise GraphQLError("A subscription asks for one field.")
    after = get_argument_values(field, node, values).get("after")
    return None if after is None else int(after)


def _fields(chosen: SelectionSetNode, document: DocumentNode) -> Iterator[FieldNode]:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    for selection in chosen.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            yield from _fields(fragments[selection.name.value].selection_set, document)
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, document)


def answer(
    schema: Schema,
    text: str,
    variables: Mapping[str, Any],
    name: str | None,
    change: Change,
    *,
    asker: Asker,
    allowance: Allowance,
) -> Answer:
    """Answer a subscription for one changeset, on behalf of whoever is told. Nothing is raised."""
    with on_behalf_of(asker), under(allowance), within(allowance.budget):
        return execute_standard(schema, text, variables, name, root_value=change)


def _only_subscriptions() -> QueryError:
    return QueryError(
        Text(zh="这里只能订阅。", en="Only subscriptions are taken here."),
        hint=Text(
            zh="查询和变更请用 POST 发到 /graphql。", en="Send queries and mutations to /graphql, by POST."
        ),
    )


def _refused(cause: QueryError | ForbiddenError | InvalidRequestError) -> GraphQLError:
    return GraphQLError(cause.what.both(), original_error=cause)
