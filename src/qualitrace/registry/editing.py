"""Edits of single nodes, as another system states them, made into a change (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile.model import Profile, PropertyModel
from qualitrace.profile.vocabulary import local_name
from qualitrace.registry.model import Change
from qualitrace.registry.proposing import removal
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker
from qualitrace.store import valid_iri
from qualitrace.terms import (
    RDF,
    RDF_TYPE,
    RDFS_LABEL,
    SKOS_NOTATION,
    XSD,
    Fact,
    iri,
    iri_of,
    is_iri,
    literal,
)
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One value of a field by its name in the API: text, or the name of a node or of a listed value."""

    field: str
    value: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class NodeEdit:
    """What is to become of one node. ``of`` is the class (IRI) of a new one.

    ``set`` replaces all values of the fields it names; ``delete`` removes the node with all links to it.
    """

    node: str
    of: str = ""
    set: tuple[FieldValue, ...] = ()
    add: tuple[FieldValue, ...] = ()
    remove: tuple[FieldValue, ...] = ()
    delete: bool = False


def edited(registry: Registry, edits: Sequence[NodeEdit], document: str) -> Change:
    """Work out the change that edits come to; ``document`` is what their statements name as source.

    Nodes that the edits make may be linked to by each other. Raises UnknownNodeError for a node that is
    not there and has no class, QueryError for a field or a value that does not fit its class.
    """
    registry.refresh()
    with registry.reading():
        editor = _Editor(registry, edits, document)
        gone = [edit.node for edit in edits if edit.delete]
        removed = list(removal(registry, gone).removed) if gone else []
        added: list[SourcedFact] = []
        for edit in edits:
            if not edit.delete:
                editor.apply(edit, added, removed)
        kept = {entry.fact for entry in added}
        left = [entry for entry in dict.fromkeys(removed) if entry.fact not in kept]
        same = {entry.fact for entry in removed} & kept
        new = [entry for entry in dict.fromkeys(added) if entry.fact not in same]
        return Change((), tuple(new), tuple(left), position=registry.position)


class _Editor:
    def __init__(self, registry: Registry, edits: Iterable[NodeEdit], document: str) -> None:
        self._registry = registry
        self._document = document
        self._profile: Profile = registry.profile
        self._speaker = Speaker(registry.profile, registry.base, registry.engine)
        self._new = {self._made(edit.node): edit.of for edit in edits if edit.of}

    def apply(self, edit: NodeEdit, added: list[SourcedFact], removed: list[SourcedFact]) -> None:
        """Add to both lists what one edit comes to."""
        name = self._made(edit.node) if edit.of else self._registry.resolve(edit.node)
        held = list(self._registry.journal.about([name]))
        if edit.of and not any(entry.fact.predicate == RDF_TYPE for entry in held):
            added.append(self._said(Fact(name, RDF_TYPE, iri(edit.of)), ""))
        fields = self._fields(name, edit.of)
        for value in edit.remove:
            fact = self._fact(name, value, fields)
            ended = [entry for entry in held if entry.fact == fact]
            if not ended:
                raise _misfit(
                    value, Text(zh="没有这个值可删。", en="There is no such value to remove."), edit.node
                )
            removed += ended
        replaced = {self._predicate(value, fields) for value in edit.set}
        removed += [entry for entry in held if entry.fact.predicate in replaced]
        for value in (*edit.set, *edit.add):
            fact = self._fact(name, value, fields)
            if value in edit.set or all(entry.fact != fact for entry in held):
                added.append(self._said(fact, value.field))

    def _said(self, fact: Fact, field: str) -> SourcedFact:
        return SourcedFact(fact, Source(self._document, cell=field))

    def _made(self, identifier: str) -> str:
        name = identifier.strip()
        for candidate in (name, self._registry.base + name):
            if ":" in candidate and valid_iri(candidate):
                return candidate
        raise UnknownNodeError(
            Text(zh=f"“{identifier}”不能作标识。", en=f"“{identifier}” cannot be an identifier.")
        )

    def _fields(self, name: str, of: str) -> Mapping[str, PropertyModel]:
        kinds = [of] if of else self._speaker.node(name).classes
        models = [self._profile.classes[kind] for kind in kinds if kind in self._profile.classes]
        return {prop.name: prop for model in models for prop in model.properties}

    def _predicate(self, value: FieldValue, fields: Mapping[str, PropertyModel]) -> str:
        prop = fields.get(value.field)
        if prop is not None and prop.predicate:
            return prop.predicate
        plain = {"label": RDFS_LABEL, "code": SKOS_NOTATION}
        if prop is None and value.field in plain:
            return plain[value.field]
        known = sorted(one.name for one in fields.values() if one.predicate)
        raise QueryError(
            Text(
                zh=f"“{value.field}”不是可以填写的字段。", en=f"“{value.field}” is no field that can be set."
            ),
            where=value.field,
            hint=Text(zh="可用:" + "、".join(known), en="There are: " + ", ".join(known)),
        )

    def _fact(self, name: str, value: FieldValue, fields: Mapping[str, PropertyModel]) -> Fact:
        predicate = self._predicate(value, fields)
        prop = fields.get(value.field)
        return Fact(name, predicate, self._term(value, prop))

    def _term(self, value: FieldValue, prop: PropertyModel | None) -> str:
        text = value.value.strip()
        if prop is not None and prop.values:
            return self._listed(value, text, prop)
        if prop is not None and (prop.target or prop.is_iri):
            made = self._registry.base + text
            known = next((one for one in (text, made) if one in self._new), "")
            return iri(known or self._registry.resolve(text))
        if value.language:
            return literal(text, language=value.language)
        datatype = prop.datatype if prop is not None else ""
        if datatype == RDF + "langString":
            return literal(text, language=value.language or "zh")
        _check(value, text, datatype)
        return literal(text, datatype=datatype)

    def _listed(self, value: FieldValue, text: str, prop: PropertyModel) -> str:
        for term in prop.values:
            names = {term, *self._speaker.value(term).values()}
            if is_iri(term):
                names |= {iri_of(term), local_name(iri_of(term)), self._profile.shorten(iri_of(term))}
                names.add(local_name(iri_of(term)).replace("-", "_").upper())
            if text in names:
                return term
        allowed = ", ".join(self._speaker.value(term).both() or term for term in prop.values)
        raise _misfit(value, Text(zh=f"只能是:{allowed}", en=f"It must be one of: {allowed}"), prop.name)


def _check(value: FieldValue, text: str, datatype: str) -> None:
    """Raise QueryError when a text is not of its datatype."""
    try:
        if datatype in _READERS:
            _READERS[datatype](text)
    except (ValueError, InvalidOperation) as error:
        kind = local_name(datatype)
        raise _misfit(
            value, Text(zh=f"“{text}”不是 {kind}。", en=f"“{text}” is no {kind}."), value.field
        ) from error


_READERS: Mapping[str, Callable[[str], object]] = {
    XSD + "date": dt.date.fromisoformat,
    XSD + "dateTime": dt.datetime.fromisoformat,
    XSD + "decimal": Decimal,
    XSD + "integer": int,
    XSD + "boolean": ("true", "false").index,
}


def _misfit(value: FieldValue, what: Text, where: str) -> QueryError:
    return QueryError(what, where=f"{where} · {value.field} = {value.value}")
