"""The tables of who may ask, of what was read, and of who is told (floor 1).

They lie beside the journal: in a SQLite file of their own, or in the same PostgreSQL database. Unlike the
journal's, rows are updated and deleted: tokens are revoked, notes of reads are forgotten after a time.

A change here needs a new ``FORMAT`` and a step in :mod:`qualitrace.access.database`.
"""

from __future__ import annotations

import sqlalchemy as sa

FORMAT = 3

metadata = sa.MetaData()

meta = sa.Table(
    "access_meta",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Times are UTC in ISO 8601 with microseconds and a Z, so that they sort as texts; "" for never.
token = sa.Table(
    "access_token",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # JSON list
    sa.Column("units", sa.Text, nullable=False),  # JSON list of IRIs
    # JSON list of roles in one registry of many, as access/grants.py writes them
    sa.Column("grants", sa.Text, nullable=False, server_default="[]"),
    sa.Column("made_at", sa.String(32), nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("expires", sa.String(32), nullable=False),
    sa.Column("revoked_at", sa.String(32), nullable=False, server_default=""),
    sa.Column("revoked_by", sa.Text, nullable=False, server_default=""),
    sa.Column("used_at", sa.String(32), nullable=False, server_default=""),
)

read = sa.Table(
    "access_read",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # "read", or "forgotten": older notes were deleted
    sa.Column("at", sa.String(32), nullable=False, index=True),
    sa.Column("who", sa.Text, nullable=False, index=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),  # how many nodes in all
    sa.Column("cut", sa.Boolean, nullable=False),  # more nodes were read than are listed
    sa.Column("address", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

# The nodes that were read; an identifier is written once however often it is read.
node = sa.Table(
    "access_node",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("iri", sa.String(2000), nullable=False, unique=True),
)
read_node = sa.Table(
    "access_read_node",
    metadata,
    sa.Column("read", sa.ForeignKey("access_read.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("node", sa.ForeignKey("access_node.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Whom to tell of what happens. The three numbers say what was delivered last (web/hooks).
hook = sa.Table(
    "access_hook",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),  # base64; a signature needs the secret itself
    # JSON list of {"secret", "until"}: those before it, signed with, too, until a Unix time
    sa.Column("older", sa.Text, nullable=False, server_default="[]"),
    sa.Column("events", sa.Text, nullable=False),  # JSON list
    sa.Column("private", sa.Boolean, nullable=False),  # may lie in a private network
    sa.Column("made_at", sa.String(32), nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),  # changesets told whole
    sa.Column("part", sa.Integer, nullable=False),  # parts told of the changeset after it
    sa.Column("event", sa.Integer, nullable=False),  # events of the journal told
    sa.Column("state", sa.String(16), nullable=False),  # "active", "dead"
    sa.Column("delivered", sa.Integer, nullable=False),
    sa.Column("delivered_at", sa.String(32), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row, of the message that is next
    sa.Column("next_at", sa.Float, nullable=False),  # Unix time of the next attempt
    sa.Column("problem", sa.Text, nullable=False),  # why the last attempt failed
)

# Who of several servers does a job; free when ``until`` (Unix time) has passed.
lease = sa.Table(
    "access_lease",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
