"""The profile's own operations, checked against its schema (floor 4)."""

from __future__ import annotations

import strawberry
from graphql import DocumentNode, GraphQLError, specified_rules
from strawberry.schema.schema import validate_document

from qualitrace.errors import ProfileError
from qualitrace.graphql.admission import Admission
from qualitrace.graphql.allowance import Allowance
from qualitrace.graphql.limits import Limits
from qualitrace.profile.model import OperationModel, Profile
from qualitrace.text import Text


def check_operations(
    schema: strawberry.Schema, profile: Profile, limits: Limits
) -> list[tuple[OperationModel, DocumentNode]]:
    """Parse the operations. Raises ProfileError, naming file and line, when one does not fit the schema."""
    problems: list[ProfileError] = []
    parsed = []
    for operation in profile.operations:
        document, found = _parsed(schema, operation, limits)
        problems += found
        if document is not None:
            parsed.append((operation, document))
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
    return parsed


def fitting_operations(
    schema: strawberry.Schema, profile: Profile, limits: Limits
) -> list[tuple[OperationModel, DocumentNode]]:
    """Return the operations that fit a schema which does not show everything; the others are not known."""
    found = ((operation, *_parsed(schema, operation, limits)) for operation in profile.operations)
    return [(operation, document) for operation, document, wrong in found if document and not wrong]


def _parsed(
    schema: strawberry.Schema, operation: OperationModel, limits: Limits
) -> tuple[DocumentNode | None, list[ProfileError]]:
    document = None
    try:
        admission = Admission(limits)
        variables = dict(operation.variables)
        document = admission.admit(schema._schema, operation.document, variables, None, Allowance()).document
        errors = validate_document(schema._schema, document, tuple(specified_rules))
    except GraphQLError as error:
        errors = [error]
    return document, [_problem(operation, error) for error in errors]


def _problem(operation: OperationModel, error: GraphQLError) -> ProfileError:
    place = f":{error.locations[0].line}" if error.locations else ""
    where = f"graphql/operations/{operation.name}.graphql{place}: {error.message}"
    return ProfileError(
        Text(zh=f"操作不合法：{error.message}", en=f"The operation is not valid: {error.message}"),
        where=where,
    )
