"""Who has what means the same everywhere, and what is there twice, as GraphQL shows it (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry

from qualitrace.across.model import Adopted, Adoption, Duplicate, Duplicates, Kept, Key
from qualitrace.graphql.across_types import ASKED, LeftAnswer, StandingAnswer, property_name
from qualitrace.graphql.node import text_field
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.graphql.verdict_types import GapAnswer
from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.tracing.model import Node, Trace


@strawberry.type(
    name="SharedKey", description="各库通用的编码或概念 / A value that means the same everywhere"
)
class KeyAnswer:
    """Mirrors :class:`qualitrace.across.model.Key`."""

    label_text: strawberry.Private[Text]
    property: PropertyName
    value: str = strawberry.field(description="编码，或概念的标识 / A code, or the IRI of a concept")
    links: bool = strawberry.field(description="是概念 / Whether it is a concept")
    label: str | None = text_field("label_text", "概念的名称 / What the concept is called")

    @classmethod
    def of(cls, key: Key, profile: Profile) -> KeyAnswer:
        """Show a key."""
        named = property_name(key.property, profile)
        return cls(property=named, value=key.value, links=key.links, label_text=key.label)


@strawberry.type(name="RegistryNode", description="某个登记库中的一个对象 / A node of one registry")
class NodeAnswer:
    """Mirrors :class:`qualitrace.tracing.model.Node`, and :class:`qualitrace.across.model.Kept`."""

    label_text: strawberry.Private[Text]
    registry: str
    iri: str = strawberry.field(
        description="标识；别的登记库可有相同的 / Its IRI; another registry may have it too"
    )
    code: str = strawberry.field(description="编码；没有则空 / Code, or empty")
    classes: list[str] = strawberry.field(description="所属各类（IRI）/ Its classes (IRI)")
    label: str | None = text_field("label_text", "名称 / Name")

    @classmethod
    def of(cls, kept: Kept) -> NodeAnswer:
        """Show a node."""
        return cls(**_told(kept.registry, kept.node))


@strawberry.type(
    name="AdoptedNode", description="采用它的一个对象，落到谁 / A node that has it, and what it leads to"
)
class AdoptedAnswer(NodeAnswer):
    """Mirrors :class:`qualitrace.across.model.Adopted`."""

    reached: list[NodeAnswer] = strawberry.field(description="落到的对象 / What it leads to")
    missing: list[GapAnswer] = strawberry.field(description="路径断在何处 / Where paths break")
    partial: bool = strawberry.field(description="答案被截短 / A bound cut the paths short")

    @classmethod
    def made(cls, registry: str, one: Adopted, profile: Profile) -> AdoptedAnswer:
        """Show a node that has a key."""
        return cls(
            **_told(registry, one.node),
            reached=[NodeAnswer(**_told(registry, node)) for node in one.reached],
            missing=_breaks(one.trace, profile) if one.trace is not None else [],
            partial=one.trace is not None and one.trace.partial,
        )


@strawberry.type(name="RegistryAdoption", description="一个登记库的采用情况 / Who has it in one registry")
class RegistryAdoptionAnswer:
    """Mirrors an entry of :class:`qualitrace.across.model.Adoption`."""

    registry: str
    nodes: list[AdoptedAnswer]


@strawberry.type(
    name="Adoption",
    description="哪些登记库采用了，哪些没有 / Which registries have it, and which have not; of those left "
    "out nothing is known",
)
class AdoptionAnswer:
    """Mirrors :class:`qualitrace.across.model.Adoption`."""

    keys: list[KeyAnswer] = strawberry.field(description="所问可指什么 / What was asked may stand for")
    as_of: dt.date
    to: str | None = strawberry.field(description="追溯到的类（IRI）/ The class (IRI) that is traced to")
    registries: list[RegistryAdoptionAnswer]
    without: list[str] = strawberry.field(description="没有采用的登记库 / Registries that have none")
    asked: list[StandingAnswer] = strawberry.field(description=ASKED)
    partial: bool = strawberry.field(description="有登记库没有计入 / Whether registries are left out")
    left: list[LeftAnswer]

    @classmethod
    def of(cls, found: Adoption, profile: Profile) -> AdoptionAnswer:
        """Show who has a key."""
        return cls(
            keys=[KeyAnswer.of(key, profile) for key in found.keys],
            as_of=dt.date.fromisoformat(found.as_of),
            to=found.to or None,
            registries=[
                RegistryAdoptionAnswer(
                    registry=name, nodes=[AdoptedAnswer.made(name, one, profile) for one in nodes]
                )
                for name, nodes in found.registries.items()
            ],
            without=list(found.without),
            asked=[StandingAnswer.of(one) for one in found.asked],
            partial=bool(found.left),
            left=LeftAnswer.all(found.left),
        )


@strawberry.type(name="Duplicate", description="有几个对象的通用编码 / A shared key that several nodes have")
class DuplicateAnswer:
    """Mirrors :class:`qualitrace.across.model.Duplicate`."""

    key: KeyAnswer
    across: bool = strawberry.field(
        description="在几个登记库 / In several registries, where one should have it"
    )
    nodes: list[NodeAnswer]

    @classmethod
    def of(cls, one: Duplicate, profile: Profile) -> DuplicateAnswer:
        """Show a key that is there twice."""
        nodes = [NodeAnswer.of(kept) for kept in one.nodes]
        return cls(key=KeyAnswer.of(one.key, profile), across=one.across, nodes=nodes)


@strawberry.type(name="Duplicates", description="重复的通用编码 / Shared keys that are there twice")
class DuplicatesAnswer:
    """Mirrors :class:`qualitrace.across.model.Duplicates`."""

    as_of: dt.date
    found: list[DuplicateAnswer]
    asked: list[StandingAnswer] = strawberry.field(description=ASKED)
    partial: bool = strawberry.field(description="有登记库没有计入 / Whether registries are left out")
    left: list[LeftAnswer]

    @classmethod
    def of(cls, one: Duplicates, profile: Profile) -> DuplicatesAnswer:
        """Show keys that are there twice."""
        return cls(
            as_of=dt.date.fromisoformat(one.as_of),
            found=[DuplicateAnswer.of(each, profile) for each in one.found],
            asked=[StandingAnswer.of(each) for each in one.asked],
            partial=bool(one.left),
            left=LeftAnswer.all(one.left),
        )


def _told(registry: str, node: Node) -> dict[str, Any]:
    return {
        "registry": registry,
        "iri": node.iri,
        "code": node.code,
        "classes": list(node.classes),
        "label_text": node.label,
    }


def _breaks(trace: Trace, profile: Profile) -> list[GapAnswer]:
    """Count where the paths of a trace break."""
    found: dict[tuple[str, Text], int] = {}
    for path in trace.paths:
        if path.missing:
            found[path.missing, path.absence] = found.get((path.missing, path.absence), 0) + 1
    return [
        GapAnswer(absence_text=absence, missing=property_name(missing, profile), count=count)
        for (missing, absence), count in found.items()
    ]
