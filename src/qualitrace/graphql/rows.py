"""Nodes as rows: everything a request asks of them, fetched relation by relation (floor 4).

The selection below a field is known before its nodes are resolved, so a whole level is fetched with
one query per relation, whatever the number of nodes; resolvers then only look values up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode

from qualitrace.budget import TimeUpError
from qualitrace.errors import QualitraceError
from qualitrace.graphql.failures import ValueMismatchError
from qualitrace.graphql.fetch import Fetcher
from qualitrace.graphql.listing import node_listing
from qualitrace.graphql.model import ApiField, ApiModel, Kind
from qualitrace.graphql.paging import check_size, natural
from qualitrace.graphql.selection import Selections
from qualitrace.graphql.values import decode, identifier
from qualitrace.profile.model import PropertyPath
from qualitrace.terms import is_iri, lit_of
from qualitrace.text import Text

WITHHELD = "withheld"  # identifier of a node whose classes are not exposed


class Row:
    """A node in an answer. ``values`` holds fields by name, and links by their key in the answer."""

    __slots__ = ("iri", "type_name", "values")

    def __init__(self, iri: str, type_name: str) -> None:
        self.iri = iri
        self.type_name = type_name
        self.values: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Job:
    """A link (or, without ``field``, a trace) to follow from some rows, and where it is asked for."""

    key: str
    field: ApiField | None
    type_name: str
    asked: list[FieldNode]
    rows: list[Row]


class RowReader:
    """Fetches rows for one request."""

    def __init__(
        self,
        fetcher: Fetcher,
        model: ApiModel,
        base: str,
        selections: Selections,
        traces: Callable[[Sequence[str], Mapping[str, Any]], Mapping[str, Any]],
    ) -> None:
        self._traces = traces
        self._fetcher = fetcher
        self._model = model
        self._base = base
        self._selections = selections

    def read(
        self, iris: Sequence[str], declared: str, nodes: Sequence[FieldNode]
    ) -> dict[str, Row | QualitraceError]:
        """Return a row, or why there is none, for each IRI, with all that is selected below ``nodes``."""
        distinct = list(dict.fromkeys(iris))
        classes = self._fetcher.classes(distinct) if distinct else {}
        found: dict[str, Row | QualitraceError] = {}
        by_type: dict[str, list[Row]] = {}
        for iri in distinct:
            kinds = classes.get(iri, [])
            name = self._model.object_type(kinds, declared)
            if not name:
                found[iri] = self._misfit(iri, declared)
                continue
            row = Row(iri, name)
            by_type.setdefault(name, []).append(row)
            found[iri] = row
            if self._model.hidden.intersection(kinds) and not set(kinds) & set(self._model.by_class):
                row.values.update(id=WITHHELD, iri=None, code=None, label=Text())
            else:
                row.values.update(id=identifier(iri, self._base), iri=iri)
            type_ = self._model.types.get(name)
            row.values["classLabel"] = type_.labels if type_ else Text()
        self._fill(by_type, nodes)
        return found

    def _fill(self, by_type: Mapping[str, list[Row]], nodes: Sequence[FieldNode]) -> None:
        named: dict[str, list[Row]] = {"label": [], "code": []}
        plain: dict[PropertyPath, list[tuple[ApiField, list[Row]]]] = {}
        jobs: dict[tuple[Any, ...], _Job] = {}
        for type_name, rows in by_type.items():
            fields = self._model.types[type_name].fields if type_name in self._model.types else {}
            for key, asked in self._selections.collect(type_name, nodes).items():
                name = asked[0].name.value
                field = fields.get(name)
                if name in named:
                    named[name] += rows
                elif field is not None and field.kind is not Kind.LINK:
                    plain.setdefault(field.path, []).append((field, rows))
                elif field is not None or name == "trace":
                    # Rows of several types that are asked for the same by the same text go together.
                    relation = (field.path, field.scalar, field.many) if field else ()
                    same = (key, relation, *map(id, asked))
                    jobs.setdefault(same, _Job(key, field, type_name, asked, [])).rows.extend(rows)
        self._name(named["label"], named["code"])
        self._read_plain(plain)
        for job in jobs.values():
            arguments = self._selections.arguments(job.type_name, job.asked)
            try:
                if job.field is None:
                    self._trace(job, arguments)
                else:
                    self._link(job.field, job, arguments)
            except TimeUpError as error:  # what is above it stands
                for row in job.rows:
                    row.values[f"@{job.key}"] = error

    def _read_plain(self, plain: Mapping[PropertyPath, list[tuple[ApiField, list[Row]]]]) -> None:
        """Read the values of plain fields; fields of several types on one path share a query."""
        for path, wanted in plain.items():
            terms = self._fetcher.values(path, [row.iri for _, rows in wanted for row in rows])
            for field, rows in wanted:
                for row in rows:
                    row.values[field.name] = self._read_value(field, terms.get(row.iri, []), row)

    def _name(self, labelled: Sequence[Row], coded: Sequence[Row]) -> None:
        labels = self._fetcher.labels(list(dict.fromkeys(row.iri for row in labelled)))
        for row in labelled:
            row.values.setdefault("label", labels.get(row.iri, Text()))
        codes = self._fetcher.codes(list(dict.fromkeys(row.iri for row in coded)))
        for row in coded:
            row.values.setdefault("code", codes.get(row.iri))

    def _trace(self, job: _Job, arguments: Mapping[str, Any]) -> None:
        found = self._traces([row.iri for row in job.rows], arguments)
        for row in job.rows:
            row.values[f"@{job.key}"] = found[row.iri]

    def _link(self, field: ApiField, job: _Job, arguments: Mapping[str, Any]) -> None:
        linked = self._fetcher.links(field.path, [row.iri for row in job.rows])
        linked = self._arranged(linked, field, arguments)
        found = self.read([iri for iris in linked.values() for iri in iris], field.scalar, job.asked)
        for row in job.rows:
            ends = [found[iri] for iri in linked.get(row.iri, [])]
            row.values[f"@{job.key}"] = ends if field.many else self._single(ends, field, row)

    def _arranged(
        self, linked: Mapping[str, list[str]], field: ApiField, arguments: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Filter, sort and cut the ends of a link as its arguments say."""
        if not field.many:
            return dict(linked)
        check_size("first", arguments.get("first"))
        where, order_by = arguments.get("where"), arguments.get("orderBy")
        ends = list(dict.fromkeys(iri for iris in linked.values() for iri in iris))
        if where is None and not order_by:
            # Identifiers are made from codes, so that their order is the one people expect.
            ranks = {iri: n for n, iri in enumerate(sorted(sorted(ends), key=natural))}
        else:
            listing = node_listing(
                self._fetcher, self._model, field.scalar, where=where, order_by=order_by, among=ends
            )
            ranks = {entry.item: number for number, entry in enumerate(listing.entries)}
        first = arguments.get("first")
        return {
            node: sorted((iri for iri in iris if iri in ranks), key=ranks.__getitem__)[:first]
            for node, iris in linked.items()
        }

    def _single(self, values: Sequence[Any], field: ApiField, row: Row) -> Any:
        if len(values) > 1:
            return ValueMismatchError(
                Text(
                    zh=f"“{field.name}”应只有一个值，却有 {len(values)} 个。",
                    en=f"“{field.name}” should have one value and has {len(values)}.",
                ),
                where=identifier(row.iri, self._base),
            )
        return values[0] if values else None

    def _read_value(self, field: ApiField, terms: Sequence[str], row: Row) -> Any:
        if field.kind is Kind.TEXT:
            return [_tagged(term) for term in terms]
        where = f"{identifier(row.iri, self._base)} · {field.name}"
        values = [self._decoded(field, term, where) for term in terms]
        return values if field.many else self._single(values, field, row)

    def _decoded(self, field: ApiField, term: str, where: str) -> Any:
        """Return the value, or the error that stands in its place: its neighbours are not to suffer."""
        if field.kind is not Kind.ENUM:
            try:
                return decode(term, field.scalar, where)
            except QualitraceError as error:
                return error
        if term in self._model.enums[field.scalar].members.values():
            return term
        return ValueMismatchError(
            Text(zh=f"值 {term} 不在允许的取值中。", en=f"The value {term} is not one of those allowed."),
            where=where,
        )

    def _misfit(self, iri: str, declared: str) -> ValueMismatchError:
        return ValueMismatchError(
            Text(
                zh=f"这里应是 {declared}，所指的对象却不是，或不在登记库中。",
                en=f"A {declared} is needed here; the node linked is none, or is not in the registry.",
            ),
            where=identifier(iri, self._base),
        )


def _tagged(term: str) -> tuple[str, str]:
    if is_iri(term):
        return "", term[1:-1]
    lit = lit_of(term)
    return lit.language, lit.value
