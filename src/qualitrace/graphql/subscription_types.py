"""The subscription ``changes``: what is told of a changeset as it is made (floor 4).

Events are made by whoever subscribes for a client (:mod:`qualitrace.web.subscriptions`) and handed to the
executor as the root value, one at a time: the same limits, budget and eyes hold for each as for a query.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import context_of
from qualitrace.graphql.node import Node, Ref, node_field
from qualitrace.graphql.subscription_changes import Change, ChangedNode
from qualitrace.graphql.values import identifier

Info = strawberry.Info[Any, Any]


@strawberry.enum(name="ChangedNodeFate", description="对象的变化 / What became of a node")
class FateAnswer(Enum):
    """Mirrors :class:`qualitrace.graphql.subscription_changes.Fate`."""

    ADDED = strawberry.enum_value("added", description="新增 / It is new")
    REMOVED = strawberry.enum_value("removed", description="已删除 / It is gone")
    CHANGED = strawberry.enum_value("changed", description="有改动 / It has changed")


@strawberry.type(name="ChangedNode", description="有变化的对象 / A node that has changed")
class ChangedNodeAnswer:
    """Mirrors :class:`qualitrace.graphql.subscription_changes.ChangedNode`."""

    id: strawberry.ID = strawberry.field(description="标识 / Identifier")
    type: str = strawberry.field(description="本接口中的类型名 / Its type in this API")
    fate: FateAnswer
    node_ref: strawberry.Private[Ref]
    node: Node | None = node_field(
        "node_ref", "对象现在的样子；已删除则为 null / The node as it is now; null when it is gone"
    )

    @classmethod
    def of(cls, node: ChangedNode, pool: tuple[str, ...], base: str) -> ChangedNodeAnswer:
        """Show a changed node; ``pool`` are all those that are there still."""
        return cls(
            id=strawberry.ID(identifier(node.iri, base)),
            type=node.type_name,
            fate=FateAnswer(node.fate.value),
            node_ref=Ref(node.iri if node.iri in pool else "", pool),
        )


@strawberry.type(name="Change", description="一次变更 / A changeset, as it was made")
class ChangeAnswer:
    """Mirrors :class:`qualitrace.graphql.subscription_changes.Change`."""

    id: strawberry.ID
    position: int = strawberry.field(description="序号；由此可续订 / Its number: subscribe again after it")
    at: str = strawberry.field(description="何时记入（UTC）/ When it was recorded (UTC)")
    author: str | None = strawberry.field(
        description="由谁；可查历史者方可见 / By whom; for those who may see history"
    )
    message: str | None = strawberry.field(
        description="为何；可查历史者方可见 / Why; for those who may see history"
    )
    nodes: list[ChangedNodeAnswer] = strawberry.field(
        description="有变化的对象中您可见者 / The nodes that changed, of those you may see"
    )
    whole: bool = strawberry.field(
        description="nodes 是否列全 / Whether nodes names all of them; a very large changeset is cut"
    )

    @classmethod
    def of(cls, change: Change, base: str, there: frozenset[str]) -> ChangeAnswer:
        """Show a changeset; ``there`` are the nodes that still exist for the reader."""
        pool = tuple(node.iri for node in change.nodes if node.iri in there)
        return cls(
            id=strawberry.ID(change.id),
            position=change.position,
            at=change.at,
            author=change.author,
            message=change.message,
            nodes=[ChangedNodeAnswer.of(node, pool, base) for node in change.nodes],
            whole=change.whole,
        )


KNOWN = (FateAnswer, ChangedNodeAnswer, ChangeAnswer)


def subscription_type() -> type:
    """Return the root of subscriptions. Its source is the :class:`Change` that is told."""
    field = strawberry.field(
        _changes,
        name="changes",
        description="每次变更，从 after 之后起，不遗漏；不写 after 则从现在起 / Every changeset after "
        "a position, none left out; without after, those to come",
    )
    made = type("Subscription", (), {"__annotations__": {}, "changes": field})
    return strawberry.type(made, name="Subscription", description="可以订阅什么 / What can be followed")


def _changes(root: Any, info: Info, after: int | None = UNSET) -> ChangeAnswer | None:
    assert isinstance(root, Change)
    context = context_of(info)
    there = frozenset(context.fetcher.classes([node.iri for node in root.nodes]))
    return ChangeAnswer.of(root, context.reading.base, there)
