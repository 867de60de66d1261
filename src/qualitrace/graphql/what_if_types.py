"""``whatIf``: what a scenario of the profile would break and mend (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum

import strawberry

from qualitrace.graphql.history_types import DifferenceAnswer, FindingDifference, NodeName, difference_answer
from qualitrace.graphql.node import LANGUAGE, described, text_field
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.profile.model import ParameterModel, Profile, ScenarioModel
from qualitrace.registry.answering import AnsweringChange
from qualitrace.registry.concluding import Conclusion
from qualitrace.registry.differing import State
from qualitrace.registry.seen import Seen
from qualitrace.registry.speaking import Speaker
from qualitrace.registry.what_if import WhatIf
from qualitrace.registry.what_if_words import TITLES, Kind, Line, Passage, sections
from qualitrace.text import Text
from qualitrace.tracing.answering import Answered
from qualitrace.tracing.model import Node as TracedNode
from qualitrace.validation.model import Finding

MOST = 1_000  # of each kind in one answer


@strawberry.input(name="AskedScenario", description="要试算的情景 / A scenario to be tried out")
class AskedScenario:
    """Mirrors the arguments of :func:`qualitrace.registry.scenarios.asked`."""

    name: str = strawberry.field(description="情景的文件名或名称 / Its file name or title")
    nodes: list[str] = strawberry.field(
        description="参数，依次或 名称=对象 / What it is about: in order of its parameters, or name=node"
    )
    since: dt.date | None = strawberry.field(
        default=None, name="from", description="从哪天起，默认今天 / From which day on; today by default"
    )


@strawberry.type(name="ScenarioParameter", description="情景的参数 / A parameter of a scenario")
class ParameterAnswer:
    """Mirrors :class:`qualitrace.profile.model.ParameterModel`."""

    label_text: strawberry.Private[Text]
    class_text: strawberry.Private[Text]
    name: str
    class_iri: str = strawberry.field(description="对象所属的类 / The class of the node")
    label: str | None = text_field("label_text", "说明 / What it is")
    class_label: str | None = text_field("class_text", "类名 / Name of the class")

    @classmethod
    def of(cls, one: ParameterModel, profile: Profile) -> ParameterAnswer:
        """Show a parameter."""
        kind = profile.classes[one.of].labels if one.of in profile.classes else Text()
        return cls(label_text=one.labels, class_text=kind, name=one.name, class_iri=one.of)


@strawberry.type(name="Scenario", description="可以试算的情景 / A scenario that can be tried out")
class ScenarioAnswer:
    """Mirrors :class:`qualitrace.profile.model.ScenarioModel`."""

    title_text: strawberry.Private[Text]
    says_text: strawberry.Private[Text]
    name: str
    dated: bool = strawberry.field(description="是否从某天起 / Whether it begins on a day")
    parameters: list[ParameterAnswer]
    title: str | None = text_field("title_text", "名称 / Title")
    says: str | None = text_field("says_text", "会改变什么 / What it changes, in a sentence")

    @classmethod
    def of(cls, one: ScenarioModel, profile: Profile) -> ScenarioAnswer:
        """Show a scenario."""
        return cls(
            title_text=one.titles,
            says_text=one.says,
            name=one.name,
            dated=bool(one.day),
            parameters=[ParameterAnswer.of(parameter, profile) for parameter in one.parameters],
        )


@strawberry.enum(name="AnsweredFor", description="由谁负责 / Who answers")
class AnsweredAnswer(Enum):
    """Mirrors :class:`qualitrace.tracing.answering.Answered`."""

    NAMED = strawberry.enum_value("named", description="有指名的 / Somebody is named")
    INHERITED = strawberry.enum_value("inherited", description="只有代为承担的 / Only by inheritance")
    NOBODY = strawberry.enum_value("nobody", description="没有 / Nobody")


@strawberry.type(name="AnsweringDifference", description="负责情况的变化 / Who answers, before and after")
class AnsweringAnswer:
    """Mirrors :class:`qualitrace.registry.answering.AnsweringChange`."""

    node: NodeName
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must act")
    before: AnsweredAnswer
    after: AnsweredAnswer
    worse: bool = strawberry.field(description="是否减弱 / Whether it is weaker than before")
    had: list[NodeName] = strawberry.field(description="原来由谁 / Who answered before")
    has: list[NodeName] = strawberry.field(description="现在由谁 / Who answers then")
    sentence_text: strawberry.Private[Text]
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")


@strawberry.type(name="ConclusionDifference", description="结论的变化 / A conclusion that is new, or gone")
class ConclusionAnswer:
    """Mirrors :class:`qualitrace.registry.what_if.ConclusionChange`."""

    rule: str
    new: bool
    node: NodeName
    unit: NodeName | None = strawberry.field(description="责任单位 / The unit that must act")
    property: PropertyName
    title_text: strawberry.Private[Text]
    value_text: strawberry.Private[Text]
    title: str | None = text_field("title_text", "规则的名称 / The rule's title")
    value: str | None = text_field("value_text", "结论 / What is concluded")


@strawberry.type(name="WhatIfLine", description="一处不同 / One thing that is different")
class LineAnswer:
    """Mirrors :class:`qualitrace.registry.what_if_words.Line`."""

    kind: str = strawberry.field(description="哪一种 / Of which kind")
    kind_text: strawberry.Private[Text]
    text: str
    below: list[str]
    kind_label: str | None = text_field("kind_text", "种类的名称 / Name of the kind")

    @classmethod
    def of(cls, line: Line) -> LineAnswer:
        """Show a line."""
        return cls(
            kind=line.kind.value, kind_text=TITLES[Kind(line.kind)], text=line.text, below=list(line.below)
        )


@strawberry.type(name="WhatIfPassage", description="一个单位的各处不同 / What is different for one unit")
class PassageAnswer:
    """Mirrors :class:`qualitrace.registry.what_if_words.Passage`."""

    title: str
    lines: list[LineAnswer]

    @classmethod
    def of(cls, one: Passage) -> PassageAnswer:
        """Show a passage."""
        return cls(title=one.title, lines=[LineAnswer.of(line) for line in one.lines[:MOST]])


@strawberry.type(
    name="WhatIf", description="试算的结果：会断什么、补齐什么 / A dry run: what would break, and be mended"
)
class WhatIfAnswer:
    """Mirrors :class:`qualitrace.registry.what_if.WhatIf`."""

    found: strawberry.Private[WhatIf]
    title_text: strawberry.Private[Text]
    scenario: ScenarioAnswer
    nodes: list[NodeName]
    as_of: dt.date = strawberry.field(description="比较之日 / The day that both are compared on")
    added: int = strawberry.field(description="增加的陈述数 / Statements it adds")
    removed: int = strawberry.field(description="删除的陈述数 / Statements it removes")
    broken: int = strawberry.field(description="新断开的 / How many chains newly break")
    whole: int = strawberry.field(description="新补齐的 / How many are newly whole")
    difference: DifferenceAnswer
    answering: list[AnsweringAnswer]
    concluded: list[ConclusionAnswer]
    rejected: list[FindingDifference] = strawberry.field(
        description="使它不能生效的问题；只告诉能看到全部内容的人 / Findings that would keep it from being "
        "committed; told to those who see everything"
    )
    partial: bool = strawberry.field(description="答案被截短 / A bound cut the answer short")
    title: str | None = text_field("title_text", "情景与对象 / The scenario with its nodes")

    @described("逐单位写出 / In words, unit by unit")
    def text(self, language: str | None = LANGUAGE) -> list[PassageAnswer]:
        """Return the answer as the command line writes it."""
        return [PassageAnswer.of(one) for one in sections(self.found, language or LANGUAGE)]


KNOWN = (
    *(ParameterAnswer, ScenarioAnswer, AnsweredAnswer, AnsweringAnswer, ConclusionAnswer),
    *(LineAnswer, PassageAnswer, WhatIfAnswer),
)


def what_if_answer(found: WhatIf, state: State | Seen) -> WhatIfAnswer:
    """Show a dry run; ``state`` names what is in it."""
    assert found.asked is not None
    shown = _Shown(found, state)
    lists = (found.answering, found.concluded, found.difference.nodes, found.difference.appeared)
    return WhatIfAnswer(
        found=found,
        title_text=found.asked.title,
        scenario=ScenarioAnswer.of(found.asked.scenario, state.profile),
        nodes=[shown.name(one.node) for one in found.asked.given],
        as_of=dt.date.fromisoformat(found.as_of),
        added=len(found.change.added),
        removed=len(found.change.removed),
        broken=found.broken,
        whole=found.whole,
        difference=difference_answer(found.difference, state),
        answering=[shown.answering(one) for one in found.answering[:MOST]],
        concluded=[
            shown.conclusion(one.rule, one.title, one.new, one.conclusion) for one in found.concluded[:MOST]
        ],
        rejected=[shown.finding(one) for one in found.rejected[:MOST]],
        partial=any(len(listed) > MOST for listed in lists),
    )


class _Shown:
    def __init__(self, found: WhatIf, state: State | Seen) -> None:
        self._base = state.base
        self._speaker = Speaker(state.profile, state.base, state.engine)
        self._units = {iri: self.name(node) for iri, node in found.units.items()}

    def name(self, node: TracedNode) -> NodeName:
        return NodeName.of(node, self._speaker, self._base)

    def names(self, nodes: Iterable[TracedNode]) -> list[NodeName]:
        return [self.name(node) for node in nodes]

    def answering(self, one: AnsweringChange) -> AnsweringAnswer:
        return AnsweringAnswer(
            node=self.name(one.node),
            unit=self._units.get(one.unit),
            before=_answered(one.before),
            after=_answered(one.after),
            worse=one.worse,
            had=self.names(one.had),
            has=self.names(one.has),
            sentence_text=one.sentence,
        )

    def conclusion(self, rule: str, title: Text, new: bool, one: Conclusion) -> ConclusionAnswer:
        return ConclusionAnswer(
            rule=rule,
            new=new,
            node=self.name(one.node),
            unit=self._units.get(one.unit),
            property=PropertyName(iri=one.fact.predicate, text=one.property),
            title_text=title,
            value_text=one.value,
        )

    def finding(self, one: Finding) -> FindingDifference:
        return FindingDifference(
            node=self.name(TracedNode(one.focus, (), one.focus_label)),
            unit=self._units.get(one.unit),
            rule=one.rule,
            severity=one.severity.value,
            message_text=one.message,
        )


def _answered(how: Answered) -> AnsweredAnswer:
    return AnsweredAnswer(how.value)
