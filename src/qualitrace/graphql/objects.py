"""Object types, interfaces and connections, made from the model (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.build import Module, bases_of, safe
from qualitrace.graphql.context import context_of, found, raw
from qualitrace.graphql.inputs import python_type
from qualitrace.graphql.listing import node_listing
from qualitrace.graphql.model import ApiField, ApiModel, ApiType, Kind
from qualitrace.graphql.node import LANGUAGE, Node, PageInfo, given, is_row_of
from qualitrace.graphql.pages import page_info
from qualitrace.graphql.paging import Page
from qualitrace.graphql.rows import Row
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.selection import Selections
from qualitrace.graphql.trace_types import TRACE_ABOUT, TRACE_PAGE, TRACE_STEPS, trace_annotations

Info = strawberry.Info[Any, Any]


def add_objects(module: Module, model: ApiModel) -> None:
    """Add the interfaces, then the object types, then a connection for each listed type."""
    for type_ in sorted(model.types.values(), key=lambda t: (not t.interface, len(t.interfaces), t.name)):
        attributes: dict[str, Any] = {}
        annotations: dict[str, Any] = {}
        for field in type_.fields.values():
            _add_field(module, field, annotations, attributes)
        attributes["trace"] = _trace(module)
        if not type_.interface:
            attributes["is_type_of"] = is_row_of(type_.name)
        made = module.raw_class(type_.name, bases_of(module, type_.interfaces, Node), annotations, attributes)
        decorate = strawberry.interface if type_.interface else strawberry.type
        module.put(type_.name, decorate(made, name=type_.name, description=type_.description or None))
    for type_ in model.types.values():
        if type_.root:
            _add_connection(module, type_)


def _add_field(
    module: Module, field: ApiField, annotations: dict[str, Any], attributes: dict[str, Any]
) -> None:
    name = safe(field.name)
    told: dict[str, Any] = {
        "description": field.description or None,
        "deprecation_reason": field.ended or None,
    }
    if field.kind is Kind.LINK:
        attributes[name] = strawberry.field(_link(module, field), name=field.name, **told)
    elif field.kind is Kind.TEXT:
        attributes[name] = strawberry.field(_text(module, field), name=field.name, **told)
    elif name == field.name:
        annotations[name] = python_type(field)
        attributes[name] = strawberry.field(**told)
    else:  # a Python keyword: rows know the field by its own name
        attributes[name] = strawberry.field(_plain(module, field), name=field.name, **told)


def _plain(module: Module, field: ApiField) -> Callable[..., Any]:
    def resolver(root: Any) -> Any:
        return root.values[field.name]

    return _typed(module, resolver, {"root": Any, "return": python_type(field)})


def _text(module: Module, field: ApiField) -> Callable[..., Any]:
    def resolver(root: Any, language: str | None = LANGUAGE) -> Any:
        chosen = in_language(root.values[field.name], language or LANGUAGE)
        return chosen if field.many else next(iter(chosen), None)

    returns = "list[str] | None" if field.many else "str | None"
    return _typed(module, resolver, {"root": Any, "language": str | None, "return": returns})


def in_language(values: list[tuple[str, str]], language: str) -> list[str]:
    """Return the texts in a language; where there is none, those without one, else all."""
    for tag in (language.lower(), ""):
        if chosen := [text for tagged, text in values if tagged == tag]:
            return chosen
    return [text for _, text in values]


def _link(module: Module, field: ApiField) -> Callable[..., Any]:
    """Links are fetched with the row that has them (:mod:`rows`), their arguments applied."""
    if not field.many:

        def single(root: Row, info: Any) -> Any:
            return root.values[f"@{raw(info).path.key}"]

        return _typed(module, single, {"root": Any, "info": Info, "return": f"{field.scalar} | None"})

    def several(root: Row, info: Any, where: Any = UNSET, order_by: Any = UNSET, first: Any = UNSET) -> Any:
        return root.values[f"@{raw(info).path.key}"]

    return _typed(
        module,
        several,
        {
            "root": Any,
            "info": Info,
            "where": f"{field.scalar}Where | None",
            "order_by": f"list[{field.scalar}Order] | None",
            "first": int | None,
            "return": f"list[{field.scalar} | None] | None",
        },
    )


def _trace(module: Module) -> Any:
    """Every node made from a class can be traced from; like links, traces are read with their rows."""

    def resolver(
        root: Row,
        info: Any,
        to: Any = UNSET,
        as_of: Any = UNSET,
        backwards: bool = False,
        shortest: bool = False,
        first: int = TRACE_PAGE,
        max_steps: int = TRACE_STEPS,
    ) -> Any:
        return root.values[f"@{raw(info).path.key}"]

    annotations = {"root": Any, **trace_annotations(Info)}
    return strawberry.field(_typed(module, resolver, annotations), description=TRACE_ABOUT)


def _typed(module: Module, function: Callable[..., Any], annotations: dict[str, Any]) -> Callable[..., Any]:
    return module.function(function, annotations)  # type: ignore[no-any-return]


class NodePage:
    """A page of nodes, as a connection resolves it."""

    def __init__(self, page: Page[str]) -> None:
        self.page = page
        self.iris = tuple(page.items)


def _add_connection(module: Module, type_: ApiType) -> None:
    name = type_.name
    edge = module.raw_class(
        f"{name}Edge",
        (),
        {"cursor": str},
        {
            "node": strawberry.field(
                _typed(module, _edge_node, {"root": Any, "info": Info, "return": f"{name} | None"})
            )
        },
    )
    module.put(f"{name}Edge", strawberry.type(edge, name=f"{name}Edge"))
    connection = module.raw_class(
        f"{name}Connection",
        (),
        {},
        {
            "total_count": strawberry.field(
                _typed(module, _total, {"root": Any, "return": int}),
                description="符合条件的对象数 / How many nodes satisfy the condition",
            ),
            "nodes": strawberry.field(
                _typed(module, _nodes, {"root": Any, "info": Info, "return": f"list[{name} | None] | None"})
            ),
            "edges": strawberry.field(
                _typed(module, _edges, {"root": Any, "return": f"list[{name}Edge | None] | None"})
            ),
            "page_info": strawberry.field(
                _typed(module, lambda root: page_info(root.page), {"root": Any, "return": PageInfo})
            ),
        },
    )
    module.put(f"{name}Connection", strawberry.type(connection, name=f"{name}Connection"))


class _Edge:
    def __init__(self, cursor: str, iri: str, pool: tuple[str, ...]) -> None:
        self.cursor = cursor
        self.iri = iri
        self.pool = pool


def _edge_node(root: _Edge, info: Info) -> Any:
    return found(context_of(info).row(raw(info), root.iri, root.pool))


def _total(root: NodePage) -> int:
    return len(root.page.listing.entries)


def _nodes(root: NodePage, info: Info) -> Any:
    rows = context_of(info).rows(raw(info), root.iris)
    return [rows[iri] for iri in root.iris]


def _edges(root: NodePage) -> list[_Edge]:
    listing = root.page.listing
    return [_Edge(listing.cursor(entry), entry.item, root.iris) for entry in root.page.entries]


def connection_field(module: Module, type_: ApiType) -> Any:
    """Make the root field that lists a type's nodes."""

    def resolver(
        info: Info,
        where: Any = UNSET,
        order_by: Any = UNSET,
        first: Any = UNSET,
        after: Any = UNSET,
        last: Any = UNSET,
        before: Any = UNSET,
        as_of: Any = UNSET,
        known_at: Any = UNSET,
    ) -> NodePage:
        context = context_of(info).known(raw(info), given(known_at), given(as_of))
        # The filters as the request wrote them: by GraphQL names, not as Strawberry's classes.
        asked = Selections(raw(info)).arguments("Query", raw(info).field_nodes)
        listing = node_listing(
            context.fetcher,
            context.model,
            type_.name,
            where=asked.get("where"),
            order_by=asked.get("orderBy"),
            snapshot=context.snapshot,
        )
        window = {name: asked.get(name) for name in ("first", "after", "last", "before")}
        return NodePage(listing.page(**window))

    annotations = {
        "info": Info,
        "where": f"{type_.name}Where | None",
        "order_by": f"list[{type_.name}Order] | None",
        "first": int | None,
        "after": str | None,
        "last": int | None,
        "before": str | None,
        "as_of": dt.date | None,
        "known_at": Moment | None,
        "return": f"{type_.name}Connection | None",
    }
    return strawberry.field(
        _typed(module, resolver, annotations),
        name=type_.root,
        description=type_.description or None,
        deprecation_reason=type_.ended or None,
    )
