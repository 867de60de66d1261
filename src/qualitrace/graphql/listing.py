"""Sorted listings of nodes for connections and links (floor 4)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.graphql.fetch import TYPE_PATH, Fetcher, text_of_term
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH, Where
from qualitrace.graphql.model import ApiField, ApiModel, Kind
from qualitrace.graphql.paging import Entry, Listing
from qualitrace.graphql.snapshots import Snapshot
from qualitrace.graphql.values import decode, iri_from
from qualitrace.profile.model import PropertyPath
from qualitrace.store.changes import Changes, Touched
from qualitrace.terms import RDF_TYPE, iri_of, is_iri

# One sort criterion: field name (or id, code, label) and whether it descends.
Criterion = tuple[str, bool]
_FEW = 10  # a list of so many times as many nodes as changed is not sorted anew
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
    nodes of a type is kept in the ``snapshot``, so that its pages are cut from one sorted list; without
    ``where`` it follows changes.
    """
    criteria = criteria_of(order_by)

    def made() -> Listing[str]:
        if among is not None:
            nodes = among if where is None else fetcher.matching(type_name, where, among)
        else:
            nodes = _matching(fetcher, model, type_name, where, snapshot)
        return _listing(fetcher, model, type_name, criteria, nodes)

    if snapshot is None or among is not None:
        return made()
    changes = getattr(snapshot.engine, "changes", None)
    if where is None and changes is not None:
        following = _Following(fetcher, model, type_name, criteria, changes)
        kept: _Kept = snapshot.listings.get(
            (type_name, criteria), lambda: following.made(made), lambda one: len(one.nodes), following.holds
        )
        return kept.listing
    asked = repr(where)
    key = ("listing", type_name, asked, criteria)
    # What finds little takes room too: its filter.
    weight = 20 + len(asked) // 50
    listing: Listing[str] = snapshot.lists.get(key, made, lambda found: weight + len(found.entries))
    return listing


@dataclass(slots=True)
class _Kept:
    """A listing of all nodes of a type, and up to which change it is known to hold."""

    listing: Listing[str]
    nodes: frozenset[str]
    mark: int


class _Following:
    """Has a listing follow changes: a node is put elsewhere when what it is, or is sorted by, has changed."""

    def __init__(
        self,
        fetcher: Fetcher,
        model: ApiModel,
        type_name: str,
        criteria: tuple[Criterion, ...],
        changes: Changes,
    ) -> None:
        self._fetcher, self._model, self._type, self._criteria = fetcher, model, type_name, criteria
        self._changes = changes
        self._before: tuple[_Kept, set[str]] | None = None  # with the nodes that moved since
        self._family = model.types[type_name].family
        paths = [_path(model, type_name, name) for name, _ in criteria if name != "id"]
        steps = [sequence for path in paths for sequence in path]
        # What is said of a node itself changes with it; farther away, anybody's change may count.
        self._own = {one[0].predicate for one in steps if len(one) == 1 and not one[0].inverse}
        self._far = {step.predicate for one in steps if len(one) > 1 or one[0].inverse for step in one}

    def made(self, made: Callable[[], Listing[str]]) -> _Kept:
        """Make a listing, from the one before where that is known, and note up to which change it holds."""
        mark = self._changes.mark
        if self._before is None:
            listing = made()
            return _Kept(listing, frozenset(entry.item for entry in listing.entries), mark)
        kept, moved = self._before
        now = sorted(node for node in moved if _belongs(self._fetcher, self._family, node))
        entries = _entries(self._fetcher, self._model, self._type, self._criteria, now)
        return _Kept(kept.listing.with_others(moved, entries), (kept.nodes - moved).union(now), mark)

    def holds(self, kept: _Kept) -> bool:
        """Look at what changed since, and note that it was looked at."""
        self._before = None
        mark, touched = self._changes.since(kept.mark)
        if touched is None or any(predicate in self._far for _, predicate in touched):
            return False
        moved = {one[0] for one in touched if self._moves(kept, one)}
        if not moved:
            kept.mark = mark
            return True
        if len(moved) * _FEW < len(kept.nodes):
            self._before = kept, moved
        return False

    def _moves(self, kept: _Kept, touched: Touched) -> bool:
        node, predicate = touched
        if node in kept.nodes:
            return predicate in self._own or predicate == RDF_TYPE
        return predicate == RDF_TYPE and _belongs(self._fetcher, self._family, node)


def _belongs(fetcher: Fetcher, family: Collection[str], node: str) -> bool:
    """Tell whether a node is of one of some classes (IRIs)."""
    kinds = fetcher.terms(TYPE_PATH, [node]).get(node, ())
    return any(is_iri(kind) and iri_of(kind) in family for kind in kinds)


def _path(model: ApiModel, type_name: str, name: str) -> PropertyPath:
    """Return the path that leads to what nodes are sorted by."""
    if name in ("code", "label"):
        return CODE_PATH if name == "code" else LABEL_PATH
    return model.fields_named(type_name, name)[0].path


def _listing(
    fetcher: Fetcher,
    model: ApiModel,
    type_name: str,
    criteria: tuple[Criterion, ...],
    chosen: Iterable[str],
) -> Listing[str]:
    entries = _entries(fetcher, model, type_name, criteria, sorted(chosen))
    signature = ",".join(f"{name}{'-' if down else '+'}" for name, down in criteria)
    order = hashlib.sha256(f"{type_name} {signature}".encode()).hexdigest()[:8]
    return Listing.of(order, [*(down for _, down in criteria), False], entries)


def _entries(
    fetcher: Fetcher, model: ApiModel, type_name: str, criteria: tuple[Criterion, ...], nodes: Sequence[str]
) -> list[Entry[str]]:
    """Return nodes with what they are sorted by; ties break by IRI."""
    columns = [_column(fetcher, model, type_name, name, nodes) for name, _ in criteria]
    return [Entry((*(column.get(node) for column in columns), node), node) for node in nodes]


def _matching(
    fetcher: Fetcher, model: ApiModel, type_name: str, where: Where | None, snapshot: Snapshot | None
) -> Iterable[str]:
    """Return the nodes of a type that satisfy ``where``; one that names them is answered without a query."""
    only = _only_equal(where)
    if only is not None and only[0] == "id":
        node = iri_from(only[1], fetcher.base)
        return [node] if _belongs(fetcher, model.types[type_name].family, node) else []
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
