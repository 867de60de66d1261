"""The model as a GraphQL schema (floor 4)."""
