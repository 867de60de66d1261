"""The same schema by plain Strawberry resolvers with DataLoaders, to measure beside ours (floor 5).

Only the fields that the questions ask for are made. Every field has its own resolver; what resolvers
read of many nodes is gathered by one DataLoader per path and request, as Strawberry's documentation
advises. Nothing is kept between requests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON

from qualitrace.bench.chains import group_verdicts
from qualitrace.bench.questions import Wanted
from qualitrace.bench.stores import PlainStore, values
from qualitrace.graphql.build import Module, module
from qualitrace.graphql.derive import derive
from qualitrace.graphql.fetch import text_of_term
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH
from qualitrace.graphql.inputs import scalar_names
from qualitrace.graphql.model import NODE, ApiField, ApiModel, ApiType, Kind
from qualitrace.graphql.paging import natural, sort_key
from qualitrace.graphql.values import decode, identifier, iri_from
from qualitrace.profile.model import Profile, PropertyPath
from qualitrace.terms import is_iri, language_text

LANGUAGE = "zh"


class Loads:
    """One request: a DataLoader for each path."""

    def __init__(self, store: PlainStore, base: str) -> None:
        self.store = store
        self.base = base
        self._labels = DataLoader(load_fn=self._load_labels)
        self._loaders: dict[PropertyPath, DataLoader[str, list[str]]] = {}

    def of(self, path: PropertyPath, node: str) -> Any:
        """Return an awaitable of the terms a path leads to from a node."""
        if path not in self._loaders:

            async def load(nodes: list[str]) -> list[list[str]]:
                return [values(self.store, path, one) for one in nodes]

            self._loaders[path] = DataLoader(load_fn=load)
        return self._loaders[path].load(node)

    async def label(self, node: str, language: str | None) -> str | None:
        """Return the name of a node: ``rdfs:label``, else ``skos:prefLabel``."""
        text = language_text(await self._labels.load(node))
        return text.best(language or LANGUAGE) or None

    async def _load_labels(self, nodes: list[str]) -> list[list[str]]:
        return [
            values(self.store, LABEL_PATH[:1], one) or values(self.store, LABEL_PATH[1:], one)
            for one in nodes
        ]


class Plain:
    """A node: its IRI. Everything else is loaded."""

    __slots__ = ("iri",)

    def __init__(self, iri: str) -> None:
        self.iri = iri


def plain_schema(profile: Profile, asked: Sequence[Wanted]) -> strawberry.Schema:
    """Make the schema that answers the questions; its context is a ``Loads``."""
    model = derive(profile)
    fields: dict[str, dict[str, ApiField | None]] = {}
    for question in asked:
        _gather(model, question, fields)
    with module(scalar_names()) as types:
        for name, used in fields.items():
            _node_type(types, model, name, used)
        roots = {one.name: _root(types, model, profile, one) for one in asked}
        query = strawberry.type(types.raw_class("Query", (), {}, roots), name="Query")
        parsed, checked = ParserCache(256), ValidationCache(256)  # each document once
        return strawberry.Schema(query=query, extensions=[lambda: parsed, lambda: checked])


def _gather(model: ApiModel, question: Wanted, fields: dict[str, dict[str, ApiField | None]]) -> None:
    nodes = question.child("nodes")
    if nodes is not None:
        _gather_below(model, _listed(model, question.name).name, nodes, fields)
    for group in question.below:
        if (node := group.child("node")) is not None:
            _gather_below(model, NODE, node, fields)


def _gather_below(
    model: ApiModel, type_name: str, one: Wanted, fields: dict[str, dict[str, ApiField | None]]
) -> None:
    used = fields.setdefault(type_name, {})
    own = model.types[type_name].fields if type_name in model.types else {}
    for below in one.below:
        field = used[below.name] = own.get(below.name)
        if field is not None and field.kind is Kind.LINK:
            _gather_below(model, field.scalar, below, fields)


def _listed(model: ApiModel, root: str) -> ApiType:
    return next(type_ for type_ in model.types.values() if type_.root == root)


def _node_type(types: Module, model: ApiModel, name: str, used: dict[str, ApiField | None]) -> None:
    attributes = {}
    for field_name, field in used.items():
        if field is None:
            attributes[field_name] = _own(types, model, name, field_name)
        elif field.kind is Kind.LINK:
            attributes[field_name] = _link(types, field)
        else:
            attributes[field_name] = _value(types, model, field)
    types.put(name, strawberry.type(types.raw_class(name, (), {}, attributes), name=name))


def _resolver(types: Module, name: str, function: Callable[..., Any], returns: Any, **more: Any) -> Any:
    annotations = {"root": Any, "info": strawberry.Info[Any, Any], **more, "return": returns}
    return strawberry.field(types.function(function, annotations), name=name)


def _own(types: Module, model: ApiModel, type_name: str, name: str) -> Any:
    labels = model.types[type_name].labels if type_name in model.types else None

    async def label(root: Any, info: Any, language: str | None = LANGUAGE) -> Any:
        return await info.context.label(root.iri, language)

    async def class_label(root: Any, info: Any, language: str | None = LANGUAGE) -> Any:
        return labels.best(language or LANGUAGE) if labels else None

    async def code(root: Any, info: Any) -> Any:
        terms = await info.context.of(CODE_PATH, root.iri)
        return text_of_term(terms[0]) if terms else None

    async def id_(root: Any, info: Any) -> Any:
        return identifier(root.iri, info.context.base)

    if name in ("label", "classLabel"):
        function = label if name == "label" else class_label
        return _resolver(types, name, function, str | None, language=str | None)
    if name == "id":
        return _resolver(types, name, id_, strawberry.ID)
    return _resolver(types, name, code, str | None)


def _value(types: Module, model: ApiModel, field: ApiField) -> Any:
    names = {t: m for m, t in model.enums[field.scalar].members.items()} if field.kind is Kind.ENUM else None

    def read(term: str) -> Any:
        return names[term] if names else decode(term, field.scalar, "")

    async def value(root: Any, info: Any) -> Any:
        terms = await info.context.of(field.path, root.iri)
        if field.many:
            return [read(term) for term in terms]
        return read(terms[0]) if terms else None

    scalar = "String" if names else field.scalar
    returns = f"list[{scalar}] | None" if field.many else f"{scalar} | None"
    return _resolver(types, field.name, value, returns)


def _link(types: Module, field: ApiField) -> Any:
    async def link(root: Any, info: Any) -> Any:
        ends = [term[1:-1] for term in await info.context.of(field.path, root.iri) if is_iri(term)]
        if field.many:
            return [Plain(iri) for iri in sorted(sorted(ends), key=natural)]
        return Plain(ends[0]) if ends else None

    returns = f"list[{field.scalar}] | None" if field.many else f"{field.scalar} | None"
    return _resolver(types, field.name, link, returns)


def _root(types: Module, model: ApiModel, profile: Profile, asked: Wanted) -> Any:
    if asked.name == "coverage":
        return _coverage(types, profile)
    type_ = _listed(model, asked.name)
    name = f"{type_.name}Connection"

    class Page:
        def __init__(self, iris: list[str], first: int) -> None:
            self.total = len(iris)
            self.iris = iris[:first]

    shown = {
        "totalCount": _resolver(types, "totalCount", lambda root, info: root.total, int),
        "nodes": _resolver(
            types, "nodes", lambda root, info: [Plain(one) for one in root.iris], f"list[{type_.name}]"
        ),
    }
    types.put(name, strawberry.type(types.raw_class(name, (), {}, shown), name=name))

    async def listed(root: Any, info: Any, where: Any = None, first: int = 100) -> Any:
        loads: Loads = info.context
        members = loads.store.members(type_.family)
        if where:  # the questions ask for one node by its identifier
            wanted = iri_from(where["id"]["eq"], loads.base)
            return Page([one for one in members if one == wanted], first)
        keyed = []
        for node in members:
            codes = values(loads.store, CODE_PATH, node)
            label = language_text(values(loads.store, LABEL_PATH[:1], node)).best(LANGUAGE)
            raw = (text_of_term(codes[0]) if codes else None, label or None, node)
            keyed.append((sort_key(raw, (False, False, False)), node))
        return Page([node for _, node in sorted(keyed)], first)

    return _resolver(types, asked.name, listed, name, where=JSON | None, first=int)


def _held(name: str) -> Callable[[Any, Any], Any]:
    return lambda root, info: root[name]


def _coverage(types: Module, profile: Profile) -> Any:
    counts = {name: _resolver(types, name, _held(name), int) for name in ("total", "complete", "broken")}
    node = _resolver(
        types, "node", lambda root, info: Plain(root["node"]) if root["node"] else None, f"{NODE} | None"
    )
    group = types.raw_class("CoverageGroup", (), {}, {**counts, "node": node})
    types.put("CoverageGroup", strawberry.type(group, name="CoverageGroup"))
    groups = _resolver(
        types,
        "groups",
        lambda root, info, by: root["groups"](by),
        "list[CoverageGroup]",
        by=list[str],
    )
    made = types.raw_class("Coverage", (), {}, {**counts, "groups": groups})
    types.put("Coverage", strawberry.type(made, name="Coverage"))

    async def coverage(root: Any, info: Any, of: Any, as_of: dt.date) -> Any:
        return group_verdicts(info.context.store, profile, of, as_of.toordinal())

    return _resolver(types, "coverage", coverage, "Coverage", of=JSON, as_of=dt.date)
