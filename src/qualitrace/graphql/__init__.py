"""The model as a GraphQL schema (floor 4)."""

from qualitrace.graphql.allowance import Allowance, TooOftenError
from qualitrace.graphql.execution import Answer, execute
from qualitrace.graphql.failures import describe
from qualitrace.graphql.limits import Limits
from qualitrace.graphql.overview import ClassSummary, Vocabulary, overview, vocabulary
from qualitrace.graphql.persisted import digest
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.schema import Schema, build_schema, schema_text

__all__ = [
    "Allowance",
    "Answer",
    "ClassSummary",
    "Limits",
    "Reading",
    "Schema",
    "TooOftenError",
    "Vocabulary",
    "build_schema",
    "describe",
    "digest",
    "execute",
    "overview",
    "schema_text",
    "vocabulary",
]
