"""From records to nodes, values and links, as the ``nodes:`` of a mapping say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qualitrace.journal.model import Basis, Source
from qualitrace.loading import row_messages
from qualitrace.loading.cells import Item
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.mapping import Link, NodeSpec, Value
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.normalise import fold
from qualitrace.loading.records import CellValue, Record
from qualitrace.loading.same_text import SameText
from qualitrace.loading.sink import Sink
from qualitrace.loading.template import Hole
from qualitrace.terms import RDF_TYPE, Fact, iri, literal

_WEAKNESS = {Basis.STATED: 0, Basis.MERGED: 1, Basis.DERIVED: 2}


@dataclass(frozen=True, slots=True)
class Instance:
    """A node a record describes: its IRI, class, main place, and the value it goes with."""

    spec: NodeSpec
    iri: str
    class_iri: str
    source: Source
    item: Item | None


class Builder:
    """Builds the nodes of records into a sink. ``base`` starts every identifier."""

    def __init__(self, base: str, sink: Sink, same: SameText, concepts: Concepts) -> None:
        self.base = base
        self.sink = sink
        self.same = same
        self.concepts = concepts

    def build(self, record: Record) -> None:
        """Add what one record says; filled cells of which nothing came are told."""
        work = _Work(self, record)
        for instance in work.instances():
            work.describe(instance)
        work.tell_unused()


class _Work:
    """One record being built: its instances by spec name, and the columns that were of use."""

    def __init__(self, builder: Builder, record: Record) -> None:
        self.builder = builder
        self.record = record
        self.sink = builder.sink
        self.used: set[tuple[str, int]] = set()  # columns with the identity of a value of theirs
        self.by_spec: dict[str, list[Instance]] = {}

    def instances(self) -> list[Instance]:
        for spec in self.record.form.nodes:
            self.by_spec[spec.name] = list(self._instances(spec))
        return [one for made in self.by_spec.values() for one in made if not one.spec.reference]

    def _instances(self, spec: NodeSpec) -> Iterator[Instance]:
        if not all(self._holds(c.column, c.values) for c in spec.when):
            return
        class_iri = spec.class_iri
        if spec.class_column:
            said = self.record.items(spec.class_column)
            if not said:
                return
            class_iri = said[0].field("iri")
            self._use_all(spec.class_column)
        main = self._main(spec)
        for item in self.record.items(spec.each) if spec.each else (None,):
            node = self._identifier(spec, item)
            if node and main is not None:
                yield Instance(spec, node, class_iri, main.source, item)

    def _holds(self, column: str, wanted: frozenset[str]) -> bool:
        items = self.record.items(column)
        return bool(items) and (not wanted or any(fold(item.field("text")) in wanted for item in items))

    def _main(self, spec: NodeSpec) -> CellValue | None:
        """Return the cell that stands for a node: what it goes with, what it depends on, or the last
        part of its identifier."""
        holes = [hole.column for hole in spec.id.holes] if spec.id else [spec.named_by]
        captions = {column.name for column in self.record.form.captions}
        wanted = [spec.each, *(c.column for c in spec.when), *reversed(holes)]
        there = [name for name in wanted if name and name in self.record.values]
        return next(
            (self.record.values[n] for n in there if n not in captions),
            self.record.values[there[0]] if there else None,
        )

    def _identifier(self, spec: NodeSpec, item: Item | None) -> str:
        if spec.id is None:
            return item.named.iri if item is not None and item.named and not item.named.group else ""

        def value(hole: Hole) -> str | None:
            found = self._item(hole.column, spec.each, item)
            if found is None:
                return None
            if hole.field == "key" and not found.field("code"):
                return self._same(spec, item, found, hole) or found.field("key")
            return found.in_identifier(hole.field) if found.field(hole.field) else None

        filled = spec.id.fill(value)
        return self.builder.base + filled if filled else ""

    def _same(self, spec: NodeSpec, item: Item | None, found: Item, hole: Hole) -> str:
        """Return the code under which the same text stands elsewhere; several are told, not chosen from."""
        codes = self.builder.same.codes(self.record, spec, item, found)
        if len(codes) > 1:
            place = self.record.values[hole.column].source
            message = row_messages.several_codes(sorted(codes))
            self.sink.notices.append(Notice(NoticeKind.AMBIGUOUS, place, message, found.field("text")))
        return next(iter(codes)) if len(codes) == 1 else ""

    def _item(self, column: str, each: str, item: Item | None) -> Item | None:
        if column == each:
            return item
        items = self.record.items(column)
        return items[0] if items else None

    def describe(self, instance: Instance) -> None:
        """Add type, values and links of a node."""
        spec = instance.spec
        self._use_identifier(instance)
        if instance.class_iri:
            self.sink.add(Fact(instance.iri, RDF_TYPE, iri(instance.class_iri)), instance.source)
        for value in spec.values:
            for text, source in self._texts(value, instance):
                self.sink.value(instance.class_iri, Fact(instance.iri, value.predicate, text), source)
        for link in spec.links:
            for target, source in self._targets(link, instance):
                self.sink.add(Fact(instance.iri, link.predicate, iri(target)), source)

    def _use_identifier(self, instance: Instance) -> None:
        """Count what makes up an identifier as of use, and describe the bodies in it."""
        spec = instance.spec
        for condition in spec.when:
            self._use_all(condition.column)
        holes = [hole.column for hole in spec.id.holes] if spec.id else [spec.named_by]
        for column in dict.fromkeys([*holes, *([spec.each] if spec.each else [])]):
            found = self._item(column, spec.each, instance.item)
            if found is not None:
                self._use(column, found)

    def _use(self, column: str, item: Item) -> None:
        """Count a value as of use, and with it what gave its owner or its class; describe its body."""
        self.used.add((column, id(item)))
        giving = self._giving(column, item)
        for owner in self.record.items(giving):
            if owner.named is item.named:
                self.used.add((giving, id(owner)))
        self._use_all(self.record.values[column].column.class_from)
        if item.named is not None:
            self.sink.body(item.named, self.record.values[giving].source)

    def _giving(self, column: str, item: Item) -> str:
        """Return the column that names the body of a value: its own, or the one that gives its owner."""
        owner = self.record.values[column].column.owner
        given = item.named is not None and any(one.named is item.named for one in self.record.items(owner))
        return owner if given else column

    def _use_all(self, column: str) -> None:
        self.used.update((column, id(item)) for item in self.record.items(column))

    def _texts(self, value: Value, instance: Instance) -> Iterator[tuple[str, Source]]:
        """Yield the literals of a value: one for each value of a column that holds several."""
        each = instance.spec.each
        holes = value.text.holes
        several = next(
            (h.column for h in holes if h.column != each and len(self.record.items(h.column)) > 1), ""
        )
        for chosen in self.record.items(several) if several else (None,):

            def found(hole: Hole, chosen: Item | None = chosen) -> Item | None:
                return chosen if hole.column == several else self._item(hole.column, each, instance.item)

            only = found(value.text.only) if value.text.only else None
            name = value.text.only.field if value.text.only else ""
            term = only.terms.get(name or next(iter(only.fields))) if only else None
            if term is None:
                text = value.text.fill(lambda hole: item.field(hole.field) if (item := found(hole)) else None)
                term = literal(text, datatype=value.datatype, language=value.language) if text else None
            if term is not None:
                self.used.update((hole.column, id(found(hole))) for hole in holes)
                yield term, self._place(holes, instance)

    def _place(self, holes: tuple[Hole, ...], instance: Instance) -> Source:
        places = [self.record.values[h.column].source for h in holes if h.column in self.record.values]
        return places[0] if places else instance.source

    def _targets(self, link: Link, instance: Instance) -> Iterator[tuple[str, Source]]:
        if link.constant:
            yield link.constant, instance.source
        elif link.node:
            yield from self._nodes(link, instance)
        elif link.schemes:
            yield from self._concept(link, instance)
        else:
            yield from self._named(link, instance)

    def _concept(self, link: Link, instance: Instance) -> Iterator[tuple[str, Source]]:
        """Yield the concept that the first filled column names, if there is exactly one."""
        for column, part in ((link.column, link.part), *link.otherwise):
            found = self._item(column, instance.spec.each, instance.item)
            text = found.field(part) if found else ""
            if found is None or not text:
                continue
            concepts = self.builder.concepts.find(text, link.schemes)
            if len(concepts) == 1:
                self.used.add((column, id(found)))
                yield concepts[0], self.record.values[column].source
            return

    def _nodes(self, link: Link, instance: Instance) -> Iterator[tuple[str, Source]]:
        for target in self.by_spec.get(link.node, ()):
            paired = target.spec.each == instance.spec.each != ""
            if target.iri == instance.iri or (paired and target.item is not instance.item):
                continue
            self._use_identifier(target)
            weaker = max((target.source, instance.source), key=lambda source: _WEAKNESS[source.basis])
            yield target.iri, weaker

    def _named(self, link: Link, instance: Instance) -> Iterator[tuple[str, Source]]:
        own = link.column == instance.spec.each and instance.item is not None
        items: Iterable[Item] = (instance.item,) if own and instance.item else self.record.items(link.column)
        for item in items:
            if item.named is None:
                target = item.field("iri")
            elif (link.part == "bodies" and item.named.group) or (
                link.part == "groups" and not item.named.group
            ):
                continue
            else:
                target = item.named.iri
            if target and target != instance.iri:
                self._use(link.column, item)
                yield target, self.record.values[self._giving(link.column, item)].source

    def tell_unused(self) -> None:
        """Tell of every filled cell, or value in it, that gave nothing and of which nothing was said."""
        captions = {column.name for column in self.record.form.captions}
        for name, value in self.record.values.items():
            if name in captions or value.reported:
                continue
            left = [item for item in value.items if (name, id(item)) not in self.used]
            if left:
                some = "、".join(item.field("text") or item.field("") for item in left)
                text = value.text if len(left) == len(value.items) else some
                message = row_messages.unused(name, sorted(self._missing(name)))
                self.sink.notices.append(Notice(NoticeKind.UNREADABLE, value.source, message, text))

    def _missing(self, name: str) -> set[str]:
        """Return the blank columns that kept nodes which use this column from being made."""
        missing: set[str] = set()
        for spec in self.record.form.nodes:
            mentioned = {h.column for v in spec.values for h in v.text.holes}
            mentioned |= {c for link in spec.links for c in link.columns} | spec.needs | {spec.each}
            if name in mentioned:
                needed = spec.needs | {condition.column for condition in spec.when}
                missing |= {column for column in needed if not self.record.items(column)}
        return missing - {name}
