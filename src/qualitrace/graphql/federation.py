"""Apollo Federation v2: what a gateway asks a subgraph (floor 4).

The rules are those of https://www.apollographql.com/docs/graphos/reference/federation/subgraph-specs. The
schema of a profile is made at run time and its nodes are rows, so this stands beside Strawberry's own
support, which resolves entities one by one: here any number of representations costs one fetch a relation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, NewType, Union

import strawberry
from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DocumentNode,
    NameNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    parse,
    print_ast,
)
from strawberry.types.union import StrawberryUnion

from qualitrace.errors import QualitraceError
from qualitrace.graphql.build import Module
from qualitrace.graphql.context import Context, context_of, raw
from qualitrace.graphql.failures import InvalidRequestError, LimitError
from qualitrace.graphql.model import NODE, RESOURCE, ApiModel
from qualitrace.graphql.rows import Row, RowReader
from qualitrace.graphql.selection import Selections
from qualitrace.graphql.values import iri_from
from qualitrace.text import Text

Info = strawberry.Info[Any, Any]
Representation = NewType("Representation", object)
ANY = strawberry.scalar(name="_Any", serialize=lambda value: value, parse_value=lambda value: value)

# The newest version whose rules are relied on; every later router takes it.
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])'
KEY = "id"
SHARED = frozenset({"PageInfo"})  # types that subgraphs which follow Relay all have
MOST = 5000  # representations in one request
_MACHINERY = ("scalar _Any", "union _Entity", "type _Service")
_FIELDS = ("  _service: ", "  _entities(")


class Subgraph(strawberry.Schema):
    """A schema that a gateway may put beside others."""

    def as_str(self) -> str:
        """Return the schema without what only gateways ask for."""
        return plain(super().as_str())

    @cached_property
    def federated(self) -> str:
        """The schema as a gateway composes it."""
        return federated(self.as_str())


@strawberry.type(name="_Service")
class Service:
    """What a gateway composes."""

    sdl: str


class _Entity(StrawberryUnion):
    """The union of all types with a key; its values are rows, which know their type."""

    def get_type_resolver(self, type_map: Any) -> Any:
        """Return what names the type of a row."""
        return lambda row, info, type_: row.type_name


def federation_fields(types: Module, model: ApiModel) -> dict[str, Any]:
    """Return the root fields that a gateway asks; none for entities when no class is shown."""
    service = strawberry.field(_service, name="_service")
    names = sorted(type_.name for type_ in model.types.values() if not type_.interface)
    if not names:
        return {"service_": service}
    entity: Any = Annotated[Union[tuple(types[name] for name in names)], _Entity(name="_Entity")]  # noqa: UP007

    def entities(info: Info, representations: Any) -> Any:
        return _resolved(context_of(info), info, representations)

    resolver = types.function(
        entities,
        {"info": Info, "representations": list[Representation], "return": list[entity | None]},
    )
    return {"service_": service, "entities_": strawberry.field(resolver, name="_entities")}


def _service(info: Info) -> Service:
    return Service(sdl=info.schema.federated)  # type: ignore[attr-defined]


def _resolved(context: Context, info: Info, given: Sequence[Any]) -> list[Any]:
    """Return the nodes that are meant, in the order they are asked for; None for those there are not."""
    if len(given) > MOST:
        raise LimitError(
            Text(
                zh=f"一次最多取 {MOST} 个实体。", en=f"At most {MOST} entities are resolved in one request."
            ),
            where="representations",
        )
    meant = [_meant(one, context) for one in given]
    asked = raw(info)
    reader = RowReader(
        context.fetcher, context.model, context.reading.base, Selections(asked), context.traces
    )
    rows = reader.read([iri for _, iri in meant if iri], NODE, asked.field_nodes)
    return [_fitting(rows.get(iri), name, context.model) for name, iri in meant]


def _meant(given: Any, context: Context) -> tuple[str, str]:
    """Return the type and the IRI that a representation names; "" for an identifier that cannot be one."""
    name = given.get("__typename") if isinstance(given, Mapping) else None
    key = given.get(KEY) if isinstance(given, Mapping) else None
    if not isinstance(name, str) or not isinstance(key, str) or name not in context.model.types:
        raise InvalidRequestError(
            Text(
                zh=f"representations 的每一项要有本接口的 __typename 和 {KEY}。",
                en=f"Each of representations needs a __typename of this API, and {KEY}.",
            ),
            where="representations",
        )
    try:
        return name, iri_from(key, context.reading.base)
    except InvalidRequestError:
        return name, ""


def _fitting(row: Row | QualitraceError | None, name: str, model: ApiModel) -> Row | None:
    if not isinstance(row, Row) or row.type_name == RESOURCE or not model.is_a(row.type_name, name):
        return None
    return row


def plain(text: str) -> str:
    """Return a schema (as Strawberry prints it) without what only gateways ask for."""
    kept = [part for part in text.split("\n\n") if not part.startswith(_MACHINERY)]
    lines = "\n\n".join(kept).split("\n")
    return "\n".join(line for line in lines if not line.startswith(_FIELDS))


def federated(text: str) -> str:
    """Return the schema that a gateway composes, from a plain one: its nodes are entities by their id."""
    document = parse(text)
    definitions = tuple(_marked(one) for one in document.definitions)
    return f"{LINK}\n\n{print_ast(DocumentNode(definitions=definitions))}\n"


def _marked(definition: Any) -> Any:
    if isinstance(definition, ObjectTypeDefinitionNode):
        name = definition.name.value
        if name in SHARED:
            return _with(definition, "shareable")
        if name != RESOURCE and any(one.name.value == NODE for one in definition.interfaces or ()):
            return _with(definition, "key", fields=KEY)
    return definition


def _with(definition: ObjectTypeDefinitionNode, name: str, **given: str) -> ObjectTypeDefinitionNode:
    arguments = tuple(
        ConstArgumentNode(name=NameNode(value=key), value=StringValueNode(value=value, block=False))
        for key, value in given.items()
    )
    directive = ConstDirectiveNode(name=NameNode(value=name), arguments=arguments)
    return replace(definition, directives=(*(definition.directives or ()), directive))
