"""``conclusions``: what dated rules conclude on a day (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import strawberry

from qualitrace.graphql.node import Node, Ref, described, node_field, text_field
from qualitrace.graphql.paging import DEFAULT_PAGE, check_size
from qualitrace.graphql.shared_types import PropertyName
from qualitrace.registry.concluding import Concluded, Conclusion
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text


@strawberry.type(name="Conclusion", description="某日成立的一条结论 / What holds of a node on the day")
class ConclusionAnswer:
    """Mirrors :class:`qualitrace.registry.concluding.Conclusion`."""

    node_ref: strawberry.Private[Ref]
    unit_ref: strawberry.Private[Ref]
    value_text: strawberry.Private[Text]
    property: PropertyName
    value_iri: str | None = strawberry.field(description="对象或概念的 IRI / IRI of a node or concept")
    node: Node | None = node_field("node_ref", "关于谁 / What it is about")
    unit: Node | None = node_field("unit_ref", "应处理的单位 / The unit that must act")
    value: str | None = text_field("value_text", "结论 / What is concluded")


@strawberry.type(name="RuleConclusions", description="一条规则在某日的结论 / What a rule concludes on a day")
class ConcludedAnswer:
    """Mirrors :class:`qualitrace.registry.concluding.Concluded`."""

    concluded: strawberry.Private[Concluded]
    title_text: strawberry.Private[Text]
    says_text: strawberry.Private[Text]
    rule: str = strawberry.field(description="规则的文件名 / The rule's file name")
    as_of: dt.date
    total_count: int
    withheld: bool = strawberry.field(
        description="规则要查看不公开的内容，不作答 / Not told: the rule asks after what is not shown"
    )
    title: str | None = text_field("title_text", "规则的名称 / The rule's title")
    says: str | None = text_field("says_text", "规则用一句话说 / The rule in a sentence")

    @described("结论，按对象排列；first 至多 2000 / What it concludes, by node; first: at most 2000")
    def found(self, first: int = DEFAULT_PAGE) -> list[ConclusionAnswer]:
        """Return the first conclusions. All their nodes are fetched together."""
        check_size("first", first)
        shown = self.concluded.conclusions[:first]
        pool = tuple(dict.fromkeys(name for one in shown for name in (one.node.iri, one.unit) if name))
        return [_conclusion(one, pool) for one in shown]


KNOWN = (ConclusionAnswer, ConcludedAnswer)


def concluded_answer(rule: Concluded) -> ConcludedAnswer:
    """Show what a rule concludes."""
    return ConcludedAnswer(
        concluded=rule,
        title_text=rule.titles,
        says_text=rule.says,
        rule=rule.rule,
        as_of=dt.date.fromisoformat(rule.as_of),
        total_count=len(rule.conclusions),
        withheld=rule.withheld,
    )


def _conclusion(one: Conclusion, pool: Sequence[str]) -> ConclusionAnswer:
    return ConclusionAnswer(
        node_ref=Ref(one.node.iri, pool),
        unit_ref=Ref(one.unit, pool),
        value_text=one.value,
        property=PropertyName(iri=one.fact.predicate, text=one.property),
        value_iri=iri_of(one.fact.object) if is_iri(one.fact.object) else None,
    )
