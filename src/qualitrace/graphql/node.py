"""The interface of all nodes, the node of no exposed class, pages (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import context_of, found, raw
from qualitrace.graphql.rows import Row
from qualitrace.text import Text

LANGUAGE = "zh"
# Marks on resolvers: what they show is behind this attribute of the source. Plans read them.
NODE_OF = "node_of"
TEXT_OF = "text_of"


def resolve(source: Any, name: str) -> Any:
    """Read a plain field: of a row by name, of anything else as an attribute."""
    return source.values.get(name) if type(source) is Row else getattr(source, name)


F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def described(description: str) -> Callable[[F], F]:
    """Make a method a field with a description (``strawberry.field``, with the method's type kept)."""
    return cast(Callable[[F], F], strawberry.field(description=description))


@strawberry.interface(description="登记库中的一个对象 / A node of the registry")
class Node:
    """Every type made from a class implements it."""

    id: strawberry.ID = strawberry.field(
        description="标识：IRI，省去登记库的前缀 / Identifier: the IRI without the registry's base"
    )
    iri: str | None = strawberry.field(description="完整 IRI / The whole IRI")
    code: str | None = strawberry.field(description="编码 / Code")

    @described("名称；没有该语言时用其他语言 / Name; in another language if need be")
    def label(self, language: str | None = LANGUAGE) -> str | None:
        """Return the name in a language, else in any."""
        text: Text = self.values["label"]  # type: ignore[attr-defined]
        return text.best(language or LANGUAGE) or None

    @described("所属类的名称 / Name of its class")
    def class_label(self, language: str | None = LANGUAGE) -> str | None:
        """Return the name of the node's class."""
        text: Text = self.values["classLabel"]  # type: ignore[attr-defined]
        return text.best(language or LANGUAGE) or None

    @classmethod
    def resolve_type(cls, row: Row, info: Any, abstract: Any) -> str:
        """Name the object type of a row."""
        return row.type_name


def is_row_of(name: str) -> Any:
    """Return the test that tells whether a row is of the object type ``name``."""

    def is_type_of(row: Any, info: Any) -> bool:
        return type(row) is Row and row.type_name == name

    return is_type_of


@strawberry.type(description="没有公开类的对象 / A node of no exposed class")
class Resource(Node):
    """What a link leads to when the profile says nothing about it."""

    is_type_of = is_row_of("Resource")


@strawberry.type(description="页 / Where a page stands in its list (Relay)")
class PageInfo:
    """Relay page information."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def given(value: T | None) -> T | None:
    """Return an argument; None when the request leaves it out."""
    return None if value is UNSET else value


class Ref(NamedTuple):
    """A node that an answer names: its IRI ("" for none), and all IRIs that may stand in its place."""

    iri: str
    pool: Sequence[str]


def node_field(attribute: str, description: str) -> Any:
    """Make a field that shows the node behind the :class:`Ref` the source holds in ``attribute``."""

    def resolver(root: Any, info: strawberry.Info[Any, Any]) -> Any:
        ref: Ref = getattr(root, attribute)
        return found(context_of(info).row(raw(info), ref.iri, ref.pool))

    setattr(resolver, NODE_OF, attribute)
    return strawberry.field(resolver=resolver, description=description, graphql_type=Node | None)


def text_field(attribute: str, description: str) -> Any:
    """Make a field that shows the :class:`Text` the source holds in ``attribute``."""

    def resolver(root: Any, language: str | None = LANGUAGE) -> str | None:
        text: Text = getattr(root, attribute)
        return text.best(language or LANGUAGE) or None

    setattr(resolver, TEXT_OF, attribute)
    return strawberry.field(resolver=resolver, description=description)
