"""``network``: questions about the network of links (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import strawberry

from qualitrace.graphql.node import Node, Ref, described, node_field, text_field
from qualitrace.graphql.paging import DEFAULT_PAGE, check_size
from qualitrace.profile.model import NetworkModel
from qualitrace.registry.network_words import FIGURES, ROLES
from qualitrace.registry.networking import NetworkAnswer, NetworkFinding
from qualitrace.text import Text


@strawberry.type(description="一个网络问题 / A question that the network is asked")
class NetworkQuestion:
    """Mirrors :class:`qualitrace.profile.model.NetworkModel`."""

    title_text: strawberry.Private[Text]
    says_text: strawberry.Private[Text]
    name: str = strawberry.field(description="问题的文件名 / The question's file name")
    kind: str = strawberry.field(description="作何种分析 / Which analysis is run")
    title: str | None = text_field("title_text", "问题的名称 / The question's title")
    says: str | None = text_field("says_text", "问题用一句话说 / The question in a sentence")


@strawberry.type(description="一个数字 / A number")
class NetworkFigure:
    """A figure of a finding, or of the whole network."""

    label_text: strawberry.Private[Text]
    name: str
    value: float
    label: str | None = text_field("label_text", "数字的含义 / What it counts")


@strawberry.type(description="处于某一角色的对象 / The nodes in one role")
class NetworkRole:
    """Nodes of a finding."""

    label_text: strawberry.Private[Text]
    refs: strawberry.Private[tuple[Ref, ...]]
    role: str
    total_count: int
    label: str | None = text_field("label_text", "角色的名称 / What the role is called")

    @described("对象，first 至多 2000 / The nodes; first: at most 2000")
    def nodes(self, first: int = DEFAULT_PAGE) -> list[NetworkNode]:
        """Return the first nodes. All of a finding are fetched together."""
        check_size("first", first)
        return [NetworkNode(node_ref=ref) for ref in self.refs[:first]]


@strawberry.type(description="网络中的一个对象 / A node of the network")
class NetworkNode:
    """A node in a role."""

    node_ref: strawberry.Private[Ref]
    node: Node | None = node_field("node_ref", "对象 / The node")


@strawberry.type(description="网络中的一条联系 / A link of the network")
class NetworkLink:
    """A link that shows what was found."""

    source_ref: strawberry.Private[Ref]
    target_ref: strawberry.Private[Ref]
    label_text: strawberry.Private[Text]
    source: Node | None = node_field("source_ref", "从 / From")
    target: Node | None = node_field("target_ref", "到 / To")
    label: str | None = text_field("label_text", "关系的名称 / What the link is")


@strawberry.type(name="NetworkFinding", description="查出的一处 / One thing that was found")
class NetworkFindingAnswer:
    """Mirrors :class:`qualitrace.registry.networking.NetworkFinding`."""

    finding: strawberry.Private[NetworkFinding]
    answer: strawberry.Private[NetworkAnswer]
    sentence_text: strawberry.Private[Text]
    unit_ref: strawberry.Private[Ref]
    pool: strawberry.Private[tuple[str, ...]]
    figures: list[NetworkFigure]
    roles: list[NetworkRole]
    unit: Node | None = node_field("unit_ref", "应处理的单位 / The unit that must act")
    sentence: str | None = text_field("sentence_text", "用一句话说 / In a sentence")

    @described("联系，first 至多 2000 / The links that show it; first: at most 2000")
    def links(self, first: int = DEFAULT_PAGE) -> list[NetworkLink]:
        """Return the first links."""
        check_size("first", first)
        return [
            NetworkLink(
                source_ref=Ref(link.source, self.pool),
                target_ref=Ref(link.target, self.pool),
                label_text=self.answer.properties.get(link.by, Text()),
            )
            for link in self.finding.links[:first]
        ]


@strawberry.type(description="排序中的一项 / One place of a ranking")
class NetworkRank:
    """A node with its number."""

    node_ref: strawberry.Private[Ref]
    value: float
    node: Node | None = node_field("node_ref", "对象 / The node")


@strawberry.type(name="Network", description="一个网络问题在某日的回答 / What a question found on a day")
class NetworkAnswerType:
    """Mirrors :class:`qualitrace.registry.networking.NetworkAnswer`."""

    answer: strawberry.Private[NetworkAnswer]
    title_text: strawberry.Private[Text]
    says_text: strawberry.Private[Text]
    remedy_text: strawberry.Private[Text]
    summary_text: strawberry.Private[Text]
    question: str = strawberry.field(description="问题的文件名 / The question's file name")
    kind: str = strawberry.field(description="作何种分析 / Which analysis is run")
    as_of: dt.date
    checked: int = strawberry.field(
        description="查看了多少对象；0 即没有可查的 / Nodes looked at; with 0 nothing was"
    )
    link_count: int = strawberry.field(description="查看了多少联系 / Links looked at")
    total_count: int = strawberry.field(description="查出几处 / How many were found")
    withheld: bool = strawberry.field(
        description="取决于不公开的内容，不作答 / Not told: it depends on what is not shown"
    )
    figures: list[NetworkFigure]
    title: str | None = text_field("title_text", "问题的名称 / The question's title")
    says: str | None = text_field("says_text", "问题用一句话说 / The question in a sentence")
    remedy: str | None = text_field("remedy_text", "怎么办 / What to do")
    summary: str | None = text_field("summary_text", "查了多少、查出几处 / How much was looked at and found")

    @described("查出的，最严重的在前；first 至多 2000 / What was found, the worst first; first: at most 2000")
    def findings(self, first: int = DEFAULT_PAGE) -> list[NetworkFindingAnswer]:
        """Return the first findings."""
        check_size("first", first)
        return [_finding(one, self.answer) for one in self.answer.findings[:first]]

    @described("全部对象的排序 / How what was looked at stands, the first places")
    def ranking(self) -> list[NetworkRank]:
        """Return the first places of the ranking."""
        pool = tuple(node.iri for node, _ in self.answer.ranking)
        return [NetworkRank(node_ref=Ref(node.iri, pool), value=value) for node, value in self.answer.ranking]


KNOWN = (
    NetworkQuestion,
    NetworkFigure,
    NetworkNode,
    NetworkRole,
    NetworkLink,
    NetworkFindingAnswer,
    NetworkRank,
    NetworkAnswerType,
)


def network_answer(found: NetworkAnswer) -> NetworkAnswerType:
    """Show what a question found."""
    return NetworkAnswerType(
        answer=found,
        title_text=found.titles,
        says_text=found.says,
        remedy_text=found.remedy,
        summary_text=found.summary,
        question=found.question,
        kind=found.kind,
        as_of=dt.date.fromisoformat(found.as_of),
        checked=found.checked,
        link_count=found.links,
        total_count=len(found.findings),
        withheld=found.withheld,
        figures=_figures(found.figures),
    )


def network_question(question: NetworkModel) -> NetworkQuestion:
    """Show a question that can be asked."""
    return NetworkQuestion(
        title_text=question.titles, says_text=question.says, name=question.name, kind=question.kind
    )


def _finding(one: NetworkFinding, answer: NetworkAnswer) -> NetworkFindingAnswer:
    named = (node.iri for nodes in one.nodes.values() for node in nodes)
    ends = (end for link in one.links for end in (link.source, link.target))
    pool = tuple(dict.fromkeys((*named, *ends)))
    return NetworkFindingAnswer(
        finding=one,
        answer=answer,
        sentence_text=one.sentence,
        unit_ref=Ref(one.unit, (one.unit,)),
        pool=pool,
        figures=_figures(one.figures),
        roles=[
            NetworkRole(
                label_text=ROLES[role],
                refs=tuple(Ref(node.iri, pool) for node in nodes),
                role=role,
                total_count=len(nodes),
            )
            for role, nodes in one.nodes.items()
        ],
    )


def _figures(figures: Mapping[str, float]) -> list[NetworkFigure]:
    return [
        NetworkFigure(label_text=FIGURES[name], name=name, value=float(number))
        for name, number in figures.items()
    ]
