"""Alembic's environment for the journal's tables (floor 0)."""
