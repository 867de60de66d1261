"""Rows that say the same in words, one with a code and one without, describe one node."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.loading.cells import Item
from qualitrace.loading.mapping import NodeSpec
from qualitrace.loading.model import KnownNames
from qualitrace.loading.normalise import digest, fold
from qualitrace.loading.records import Record
from qualitrace.loading.template import Hole

_Key = tuple[str, str]
_OPEN = "<key>"  # stands for the code in an identifier


class SameText:
    """Codes by the rest of the identifier and the digest of the text, in the document and registered."""

    def __init__(self, records: Iterable[Record], base: str, known: KnownNames) -> None:
        self._base = base
        self._codes: dict[_Key, set[str]] = {}
        self._registered: dict[str, list[str]] = {}
        for entry in known.entries:
            self._registered.setdefault(fold(entry.label), []).append(entry.iri)
        for record in records:
            for spec in record.form.nodes:
                self._learn(record, spec)

    def _learn(self, record: Record, spec: NodeSpec) -> None:
        keyed = [hole for hole in spec.id.holes if hole.field == "key"] if spec.id else []
        if len(keyed) != 1:
            return
        for item in record.items(spec.each) if spec.each else (None,):
            found = item if keyed[0].column == spec.each else next(iter(record.items(keyed[0].column)), None)
            if found is None or not found.field("code") or not found.field("text"):
                continue
            key = _key(record, spec, item, digest(found.field("text")))
            if key is not None:
                self._codes.setdefault(key, set()).add(found.in_identifier("code"))

    def codes(self, record: Record, spec: NodeSpec, item: Item | None, found: Item) -> frozenset[str]:
        """Return the codes under which the same text stands elsewhere: in the document, else registered."""
        key = _key(record, spec, item, found.field("key"))
        if key is None:
            return frozenset()
        here = self._codes.get(key)
        return frozenset(here) if here else self._known(key, found.field("text"))

    def _known(self, key: _Key, text: str) -> frozenset[str]:
        before, _, after = (self._base + key[0]).partition(_OPEN)
        middles = {
            node.removeprefix(before).removesuffix(after)
            for node in self._registered.get(fold(text), ())
            if node.startswith(before) and node.endswith(after)
        }
        return frozenset(middle for middle in middles if middle != key[1] and "/" not in middle)


def _key(record: Record, spec: NodeSpec, item: Item | None, text_digest: str) -> _Key | None:
    def value(hole: Hole) -> str | None:
        if hole.field == "key":
            return _OPEN
        found = item if hole.column == spec.each else next(iter(record.items(hole.column)), None)
        return found.in_identifier(hole.field) if found and found.field(hole.field) else None

    rest = spec.id.fill(value) if spec.id else None
    return (rest, text_digest) if rest else None
