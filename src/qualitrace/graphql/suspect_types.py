"""``suspects`` and ``confirm``: links that have gone stale (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import context_of, raw
from qualitrace.graphql.history_types import ChangesetAnswer, NodeName, registry_of
from qualitrace.graphql.node import given, text_field
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.registry.confirming import ListedSuspect, suspects
from qualitrace.registry.differing import State
from qualitrace.registry.speaking import Speaker
from qualitrace.text import Text
from qualitrace.tracing.model import Node as TracedNode

Info = strawberry.Info[Any, Any]


@strawberry.type(
    name="SuspectLink",
    description="原文改动之后、尚待确认的关系 / A link whose text has changed since it was last confirmed",
)
class SuspectAnswer:
    """Mirrors :class:`qualitrace.registry.confirming.ListedSuspect`."""

    id: strawberry.ID
    node: NodeName = strawberry.field(description="改动了的对象 / What has changed")
    other: NodeName = strawberry.field(description="关系的另一端 / The other end of the link")
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must look at it")
    property: PropertyName
    before: list[str] = strawberry.field(description="当时的文字 / What it said then")
    now: list[str] = strawberry.field(description="现在的文字 / What it says now")
    changed: ChangesetAnswer
    sentence_text: strawberry.Private[Text]
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")

    @classmethod
    def of(cls, one: ListedSuspect, state: State) -> SuspectAnswer:
        """Show a suspect link."""
        speaker = Speaker(state.profile, state.base, state.engine)
        unit = TracedNode(one.unit, (), one.unit_label) if one.unit else None
        found = one.suspect
        return cls(
            id=strawberry.ID(found.id),
            node=NodeName.of(one.node, speaker, state.base),
            other=NodeName.of(one.other, speaker, state.base),
            unit=NodeName.of(unit, speaker, state.base) if unit else None,
            property=PropertyName(iri=found.link.predicate, text=one.property),
            before=[speaker.value(term).best("zh") for _, term in sorted(found.before)],
            now=[speaker.value(term).best("zh") for _, term in sorted(found.now)],
            changed=ChangesetAnswer.of(found.changed),
            sentence_text=one.sentence,
        )


KNOWN = (SuspectAnswer,)


def suspect_fields() -> dict[str, Any]:
    """Return the root field about suspect links."""
    return {
        "suspects": strawberry.field(
            _suspects, description="待确认的关系，按责任单位 / Links that wait to be confirmed, by unit"
        )
    }


def _suspects(
    info: Info,
    unit: str | None = UNSET,
    as_of: dt.date | None = UNSET,
    known_at: Moment | None = UNSET,
) -> list[SuspectAnswer] | None:
    state = registry_of(context_of(info).known(raw(info), given(known_at), given(as_of)))
    wanted = state.resolve(unit) if unit else None
    return [SuspectAnswer.of(one, state) for one in suspects(state) if wanted in (None, one.unit)]
