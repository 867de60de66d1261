"""Sorted listings of nodes for connections and links (floor 4)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.graphql.fetch import Fetcher, text_of_term
from qualitrace.graphql.filters import Where
from qualitrace.graphql.model import ApiField, ApiModel, Kind
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.graphql.values import decode

# One sort criterion: field name (or id, code, label) and whether it descends.
Criterion = tuple[str, bool]
DEFAULT_ORDER: tuple[Criterion, ...] = (("code", False), ("label", False))


def criteria_of(order_by: Sequence[Mapping[str, Any]] | None) -> tuple[Criterion, ...]:
    """Read the ``orderBy`` argument; each entry holds exactly one field (``@oneOf``)."""
    given = [(name, way.value == "DESC") for one in order_by or () for name, way in one.items()]
    return tuple(given) or DEFAULT_ORDER


def node_listing(
    fetcher: Fetcher,
    model: ApiModel,
    type_name: str,
    *,
    where: Where | None = None,
    order_by: Sequence[Mapping[str, Any]] | None = None,
    among: Iterable[str] | None = None,
    snapshot: Snapshot | None = None,
) -> Listing[str]:
    """Return the distinct nodes of a type that satisfy ``where``, sorted; ties break by IRI.

    ``among`` names the nodes to choose from; without ``where`` all of them are taken. A listing of all
    nodes of a type is kept in the ``snapshot``, so that its pages are cut from one sorted list.
    """

    def made() -> Listing[str]:
        return _listing(fetcher, model, type_name, where, criteria_of(order_by), among)

    if snapshot is None or among is not None:
        return made()
    key = ("listing", type_name, repr(where), criteria_of(order_by))
    listing: Listing[str] = snapshot.lists.get(key, made, lambda found: len(found.entries))
    return listing


def _listing(
    fetcher: Fetcher,
    model: ApiModel,
    type_name: str,
    where: Where | None,
    criteria: tuple[Criterion, ...],
    among: Iterable[str] | None,
) -> Listing[str]:
    chosen = fetcher.matching(type_name, where, among) if among is None or where is not None else among
    nodes = sorted(chosen)
    columns = [_column(fetcher, model, type_name, name, nodes) for name, _ in criteria]
    entries = [Entry((*(column.get(node) for column in columns), node), node) for node in nodes]
    signature = ",".join(f"{name}{'-' if down else '+'}" for name, down in criteria)
    order = hashlib.sha256(f"{type_name} {signature}".encode()).hexdigest()[:8]
    return Listing.of(order, [*(down for _, down in criteria), False], entries)


def _column(
    fetcher: Fetcher, model: ApiModel, type_name: str, name: str, nodes: Sequence[str]
) -> Mapping[str, str | int | float]:
    if name == "id":
        return {node: node for node in nodes}
    if name == "code":
        return fetcher.codes(nodes, counted=False)
    if name == "label":
        labels = fetcher.labels(nodes, counted=False)
        return {node: text.best("zh") for node, text in labels.items()}
    field = model.fields_named(type_name, name)[0]
    found = fetcher.values(field.path, nodes, counted=False)
    column: dict[str, str | int | float] = {}
    for node, terms in found.items():
        value = _sortable(terms[0], field, model)
        if value is not None:
            column[node] = value
    return column


def _sortable(term: str, field: ApiField, model: ApiModel) -> str | int | float | None:
    """Return what a value sorts by; None for one that is not of its type."""
    if field.kind is Kind.ENUM:
        terms = list(model.enums[field.scalar].members.values())
        return terms.index(term) if term in terms else None
    if field.kind is Kind.TEXT or field.scalar == "String":
        return text_of_term(term)
    try:
        value = decode(term, field.scalar, "")
    except QualitraceError:
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=value.tzinfo or dt.UTC).timestamp()
    return value.isoformat() if isinstance(value, dt.date) else value
