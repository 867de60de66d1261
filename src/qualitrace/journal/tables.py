"""The journal's tables (floor 0). Rows are only ever appended.

A change here needs a migration beside it (``migrations/versions``) and a new ``FORMAT``: a registry
made by an earlier version is brought up to date when it is opened (:mod:`qualitrace.journal.migrating`).
"""

from __future__ import annotations

import sqlalchemy as sa

FORMAT = "2"

metadata = sa.MetaData()

# What the registry is: format, profile, base of identifiers, and their seal.
meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Alembic's own mark. It and the format in ``meta`` change in one transaction.
version = sa.Table(
    "alembic_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True, nullable=False)
)

changeset = sa.Table(
    "changeset",
    metadata,
    # The primary key is what serialises writers: two cannot append the same position.
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("parent", sa.String(64), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    # Covers every byte of every row of the changeset, and the seal before it (sealing.py).
    sa.Column("seal", sa.String(64), nullable=False, server_default=""),
)


def _checksum() -> sa.Column[int]:
    # Says which row was touched when a seal does not fit; proves nothing by itself.
    return sa.Column("checksum", sa.BigInteger, nullable=False, server_default=sa.text("0"))


document = sa.Table(
    "document",
    metadata,
    sa.Column("changeset", sa.ForeignKey("changeset.position"), primary_key=True),
    sa.Column("name", sa.String(400), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    _checksum(),
)

# One row a statement: a fact with its place. A removal points to the row that it ends.
change = sa.Table(
    "change",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("changeset", sa.ForeignKey("changeset.position"), nullable=False, index=True),
    sa.Column("removes", sa.Integer, nullable=True, index=True),
    sa.Column("effective", sa.Boolean, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("predicate", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False, index=True),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("row", sa.Integer, nullable=True),
    sa.Column("cell", sa.Text, nullable=False),
    sa.Column("basis", sa.String(16), nullable=False),
    _checksum(),
    # A B-tree of PostgreSQL refuses values over 2.7 kB; only equality is ever asked.
    sa.Index("ix_change_subject", "subject", postgresql_using="hash"),
)

# As JSON: the decisions of a changeset (its identifier covers them), and what was reported when it was
# made (load notices, the validation's warnings).
record = sa.Table(
    "record",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("changeset", sa.ForeignKey("changeset.position"), nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    _checksum(),
)

# What people do around changesets (proposals, comments, confirmations ...): a hash chain of its own.
event = sa.Table(
    "event",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("parent", sa.String(64), nullable=False),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("stream", sa.String(200), nullable=False, index=True),
    sa.Column("kind", sa.String(64), nullable=False, index=True),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
