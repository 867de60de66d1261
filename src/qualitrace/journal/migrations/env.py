"""How Alembic reaches the journal: over the connection it is given, inside its transaction."""

from __future__ import annotations

from alembic import context

from qualitrace.journal import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    transactional_ddl=True,
)
context.run_migrations()
