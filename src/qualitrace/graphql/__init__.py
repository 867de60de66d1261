"""The model as a GraphQL schema (floor 4)."""

from qualitrace.graphql.guard import Limits
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.schema import build_schema, schema_text
from qualitrace.graphql.service import Answer, Service

__all__ = ["Answer", "Limits", "Reading", "Service", "build_schema", "schema_text"]
