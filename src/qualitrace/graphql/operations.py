"""The profile's own operations, checked against its schema (floor 4)."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError, parse, specified_rules
from strawberry.schema.schema import validate_document

from qualitrace.errors import ProfileError
from qualitrace.graphql.guard import Limits, measure
from qualitrace.profile.model import OperationModel, Profile
from qualitrace.text import Text


def check_operations(schema: strawberry.Schema, profile: Profile, limits: Limits) -> None:
    """Raise ProfileError, naming file and line, when an operation does not fit the schema."""
    problems = [
        problem for operation in profile.operations for problem in _problems(schema, operation, limits)
    ]
    if problems:
        shown = "; ".join(problem.where for problem in problems)
        raise ProfileError(
            Text(
                zh=f"graphql/operations 里有 {len(problems)} 处与接口不符。",
                en=f"{len(problems)} places in graphql/operations do not fit the schema.",
            ),
            where=shown,
            hint=Text(zh="请对照 graphql/schema.graphql 修改。", en="Compare with graphql/schema.graphql."),
            problems=tuple(problems),
        )


def _problems(schema: strawberry.Schema, operation: OperationModel, limits: Limits) -> list[ProfileError]:
    try:
        document = parse(operation.document)
        measure(document, limits)
        errors = validate_document(schema._schema, document, tuple(specified_rules))
    except GraphQLError as error:
        errors = [error]
    return [_problem(operation, error) for error in errors]


def _problem(operation: OperationModel, error: GraphQLError) -> ProfileError:
    place = f":{error.locations[0].line}" if error.locations else ""
    where = f"graphql/operations/{operation.name}.graphql{place}: {error.message}"
    return ProfileError(
        Text(zh=f"操作不合法：{error.message}", en=f"The operation is not valid: {error.message}"),
        where=where,
    )
