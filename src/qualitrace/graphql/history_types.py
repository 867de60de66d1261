"""``changes``, ``diff`` and ``blame``: who changed what, and what is different (floor 4)."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any

import strawberry

from qualitrace.access.model import EVERYTHING
from qualitrace.errors import ForbiddenError
from qualitrace.graphql.context import Context
from qualitrace.graphql.node import LANGUAGE, PageInfo, described, text_field
from qualitrace.graphql.reading import at_home
from qualitrace.graphql.shared_types import FactSource, PropertyName
from qualitrace.graphql.values import identifier
from qualitrace.journal import Journal
from qualitrace.journal.lookup import Signature
from qualitrace.registry.differing import Difference, State, ValueChange
from qualitrace.registry.journal_away import no_journal
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.registry.speaking import Speaker
from qualitrace.text import Text
from qualitrace.tracing.model import Node as TracedNode
from qualitrace.validation.model import Finding

Info = strawberry.Info[Any, Any]


@strawberry.type(
    name="NodeName", description="一个对象的名称，不论它是否还在 / What a node is called, gone or not"
)
class NodeName:
    """A node as a difference names it."""

    id: strawberry.ID
    iri: str
    code: str | None
    label_text: strawberry.Private[Text]
    class_text: strawberry.Private[Text]
    label: str | None = text_field("label_text", "名称 / Name")
    class_label: str | None = text_field("class_text", "类名 / Name of its class")

    @classmethod
    def of(cls, node: TracedNode, speaker: Speaker, base: str) -> NodeName:
        """Name a node."""
        return cls(
            id=strawberry.ID(identifier(node.iri, base)),
            iri=node.iri,
            code=node.code or None,
            label_text=node.label,
            class_text=speaker.kind(node),
        )


@strawberry.type(name="Changeset", description="一次变更 / A changeset of the journal")
class ChangesetAnswer:
    """Mirrors :class:`qualitrace.journal.lookup.Signature`."""

    id: strawberry.ID
    position: int = strawberry.field(description="序号 / Its number")
    author: str
    at: str = strawberry.field(description="何时记入（UTC）/ When it was recorded (UTC)")
    message: str
    added: int = strawberry.field(description="增加的陈述数 / Statements it added")
    removed: int = strawberry.field(description="删除的陈述数 / Statements it removed")

    @classmethod
    def of(cls, signed: Signature) -> ChangesetAnswer:
        """Show a changeset."""
        return cls(
            id=strawberry.ID(signed.id),
            position=signed.position,
            author=signed.author,
            at=signed.at,
            message=signed.message,
            added=signed.added,
            removed=signed.removed,
        )


@strawberry.type(name="ChangesetEdge")
class ChangesetEdge:
    """An edge of the connection."""

    cursor: str
    node: ChangesetAnswer


@strawberry.type(name="ChangesetConnection", description="变更列表，新的在前 / Changesets, newest first")
class ChangesetConnection:
    """A page of changesets."""

    total_count: int
    nodes: list[ChangesetAnswer]
    edges: list[ChangesetEdge]
    page_info: PageInfo


@strawberry.enum(name="NodeFate", description="对象的变化 / What became of a node")
class NodeFate(Enum):
    """Mirrors :class:`qualitrace.registry.differing.Fate`."""

    ADDED = strawberry.enum_value("added", description="新增 / It is new")
    REMOVED = strawberry.enum_value("removed", description="已删除 / It is gone")
    CHANGED = strawberry.enum_value("changed", description="有改动 / It has changed")


@strawberry.type(name="ValueDifference", description="一个属性的取值变化 / Values that came and went")
class ValueDifference:
    """Mirrors :class:`qualitrace.registry.differing.ValueChange`."""

    property: PropertyName
    change: strawberry.Private[ValueChange]
    sentence_text: strawberry.Private[Text]
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")

    @described("增加的取值 / Values that came")
    def added(self, language: str | None = LANGUAGE) -> list[str]:
        """Show the values that came."""
        return [text.best(language or LANGUAGE) for text in self.change.added_texts]

    @described("失去的取值 / Values that went")
    def removed(self, language: str | None = LANGUAGE) -> list[str]:
        """Show the values that went."""
        return [text.best(language or LANGUAGE) for text in self.change.removed_texts]


@strawberry.type(name="NodeDifference", description="一个对象的变化 / What became of one node")
class NodeDifference:
    """Mirrors :class:`qualitrace.registry.differing.NodeChange`."""

    node: NodeName
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must act")
    fate: NodeFate
    values: list[ValueDifference]
    sentence_text: strawberry.Private[Text]
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")


@strawberry.type(
    name="VerdictDifference", description="链条断开或补齐 / A chain that broke or is whole again"
)
class VerdictDifference:
    """Mirrors :class:`qualitrace.registry.differing.VerdictChange`."""

    node: NodeName
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must act")
    broken: bool = strawberry.field(
        description="断开为真，补齐为假 / True: it broke; false: it is whole again"
    )
    lost: list[NodeName] = strawberry.field(description="断处原有的对象 / What stood where it breaks")
    sentence_text: strawberry.Private[Text]
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")


@strawberry.type(name="FindingDifference", description="新出现或已消除的问题 / A finding that came or went")
class FindingDifference:
    """A finding in short."""

    node: NodeName
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must act")
    rule: str
    severity: str
    message_text: strawberry.Private[Text]
    message: str | None = text_field("message_text", "说明 / What is wrong")


@strawberry.type(name="Difference", description="两个时刻之间的不同 / What is different between two moments")
class DifferenceAnswer:
    """Mirrors :class:`qualitrace.registry.differing.Difference`."""

    before: int = strawberry.field(description="之前的变更序号 / Number of the changeset before")
    after: int = strawberry.field(description="之后的变更序号 / Number of the changeset after")
    as_of: dt.date
    nodes: list[NodeDifference]
    verdicts: list[VerdictDifference]
    appeared: list[FindingDifference] = strawberry.field(description="新出现的问题 / New findings")
    gone: list[FindingDifference] = strawberry.field(description="已消除的问题 / Findings that are gone")


@strawberry.type(name="StatementOrigin", description="一条陈述由谁、何时、据何处所说 / Who stated what")
class StatementOrigin:
    """Mirrors :class:`qualitrace.registry.blaming.Blamed`."""

    property: PropertyName
    value_text: strawberry.Private[Text]
    incoming: bool = strawberry.field(description="由另一对象指向它 / Another node says it")
    source: FactSource
    stated: ChangesetAnswer
    removed: ChangesetAnswer | None = strawberry.field(description="由谁删除 / Who removed it")
    value: str | None = text_field("value_text", "值 / What it says")


KNOWN = (
    *(NodeName, NodeFate, ChangesetAnswer, ChangesetConnection, ChangesetEdge, StatementOrigin),
    *(DifferenceAnswer, NodeDifference, ValueDifference, VerdictDifference, FindingDifference),
)


def registry_of(context: Context) -> State:
    """Return the registry behind a request.

    Raises UnavailableError when something else answers, ForbiddenError to who does not see everything: what
    was stated before may have been protected then.
    """
    reading = at_home(context.reading)
    if not context.caller.trusted and context.caller.audience != EVERYTHING:
        raise ForbiddenError(
            Text(zh="须说明目的才能查看历史。", en="History is shown for a stated purpose only."),
            where="Qualitrace-Purpose",
            hint=Text(
                zh="请在请求头 Qualitrace-Purpose 中说明目的。",
                en="State it in the header Qualitrace-Purpose.",
            ),
        )
    if not isinstance(reading, Registry | Past):
        raise no_journal()
    return reading


def journal_of(context: Context) -> Journal:
    """Return the journal behind a request. Raises UnavailableError when something else answers."""
    whole = context.whole
    if not isinstance(whole, Registry | Past):
        raise no_journal()
    return whole.journal


def difference_answer(found: Difference, state: State | Seen) -> DifferenceAnswer:
    """Show a difference."""
    speaker = Speaker(state.profile, state.base, state.engine)
    names = {iri: NodeName.of(node, speaker, state.base) for iri, node in found.units.items()}

    def name(node: TracedNode) -> NodeName:
        return NodeName.of(node, speaker, state.base)

    def finding(one: Finding) -> FindingDifference:
        return FindingDifference(
            node=name(TracedNode(one.focus, (), one.focus_label)),
            unit=names.get(one.unit),
            rule=one.rule,
            severity=one.severity.value,
            message_text=one.message,
        )

    return DifferenceAnswer(
        before=found.before,
        after=found.after,
        as_of=dt.date.fromisoformat(found.as_of),
        nodes=[
            NodeDifference(
                node=name(change.node),
                unit=names.get(change.unit),
                fate=NodeFate(change.fate.value),
                values=[
                    ValueDifference(
                        property=PropertyName(iri=value.property, text=value.label),
                        change=value,
                        sentence_text=value.sentence,
                    )
                    for value in change.values
                ],
                sentence_text=change.sentence,
            )
            for change in found.nodes
        ],
        verdicts=[
            VerdictDifference(
                node=name(change.node),
                unit=names.get(change.unit),
                broken=change.broken,
                lost=[name(speaker.node(iri)) for iri in change.lost],
                sentence_text=change.sentence,
            )
            for change in found.verdicts
        ],
        appeared=[finding(one) for one in found.appeared],
        gone=[finding(one) for one in found.gone],
    )
