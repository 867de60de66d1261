"""Sorted listings of nodes for connections and links (floor 4)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.graphql.fetch import TYPE_PATH, Fetcher, text_of_term
from qualitrace.graphql.filters import CODE_PATH, Where
from qualitrace.graphql.model import ApiField, ApiModel, Kind
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.graphql.values import decode, iri_from
from qualitrace.terms import iri_of, is_iri

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
        if among is not None:
            nodes = among if where is None else fetcher.matching(type_name, where, among)
        else:
            nodes = _matching(fetcher, model, type_name, where, snapshot)
        return _listing(fetcher, model, type_name, criteria_of(order_by), nodes)

    if snapshot is None or among is not None:
        return made()
    asked = repr(where)
    key = ("listing", type_name, asked, criteria_of(order_by))
    # What finds little takes room too: its filter.
    weight = 20 + len(asked) // 50
    listing: Listing[str] = snapshot.lists.get(key, made, lambda found: weight + len(found.entries))
    return listing


def _listing(
    fetcher: Fetcher,
    model: ApiModel,
    type_name: str,
    criteria: tuple[Criterion, ...],
    chosen: Iterable[str],
) -> Listing[str]:
    nodes = sorted(chosen)
    columns = [_column(fetcher, model, type_name, name, nodes) for name, _ in criteria]
    entries = [Entry((*(column.get(node) for column in columns), node), node) for node in nodes]
    signature = ",".join(f"{name}{'-' if down else '+'}" for name, down in criteria)
    order = hashlib.sha256(f"{type_name} {signature}".encode()).hexdigest()[:8]
    return Listing.of(order, [*(down for _, down in criteria), False], entries)


def _matching(
    fetcher: Fetcher, model: ApiModel, type_name: str, where: Where | None, snapshot: Snapshot | None
) -> Iterable[str]:
    """Return the nodes of a type that satisfy ``where``; one that names them is answered without a query."""
    only = _only_equal(where)
    if only is not None and only[0] == "id":
        node = iri_from(only[1], fetcher.base)
        kinds = fetcher.terms(TYPE_PATH, [node]).get(node, ())
        family = model.types[type_name].family
        return [node] if any(is_iri(kind) and iri_of(kind) in family for kind in kinds) else []
    if only is not None and snapshot is not None:

        def by_code() -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            members = fetcher.matching(type_name, None)
            for node, terms in fetcher.terms(CODE_PATH, members).items():
                for text in {text_of_term(term) for term in terms}:
                    found.setdefault(text, []).append(node)
            return found

        codes: dict[str, list[str]] = snapshot.lists.get(("codes", type_name), by_code, len)
        return codes.get(only[1], [])
    return fetcher.matching(type_name, where)


def _only_equal(where: Where | None) -> tuple[str, str] | None:
    """Return ``id`` or ``code`` and the text it must equal, where nothing else is asked for."""
    given = {key: value for key, value in (where or {}).items() if value is not None}
    if len(given) != 1:
        return None
    name, tests = next(iter(given.items()))
    if name not in ("id", "code") or set(tests) != {"eq"} or tests["eq"] is None:
        return None
    return name, str(tests["eq"])


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
