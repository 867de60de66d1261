"""``why``: what a fact rests on, as a flat list (floor 4)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import strawberry

from qualitrace.graphql.context import Context
from qualitrace.graphql.node import LANGUAGE, Node, Ref, described, node_field, text_field
from qualitrace.graphql.shared_types import FactSource, PropertyName
from qualitrace.registry.explained_words import because_lines
from qualitrace.registry.explaining import Because, Why
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text

MOST_STEPS = 2_000  # facts in one answer


@strawberry.input(name="AskedFact", description="要解释的事实 / The fact to be explained")
class AskedFact:
    """Mirrors the arguments of :func:`qualitrace.registry.explaining.why`."""

    subject: str = strawberry.field(description="标识、编码或名称 / Identifier, code or name")
    property: str | None = strawberry.field(
        default=None,
        description="属性名、名称或 IRI；不写则解释推出的一切 / Name, label or IRI; none: all that follows",
    )
    object: str | None = strawberry.field(
        default=None, description="值，或另一对象的标识、编码或名称 / A value, or another node"
    )


@strawberry.enum(name="FactGround", description="事实以什么为据 / What a fact rests on")
class GroundAnswer(Enum):
    """Mirrors :class:`qualitrace.registry.explaining.Ground`."""

    STATED = strawberry.enum_value("stated", description="文件或某人所说 / A document or a person said it")
    PROFILE = strawberry.enum_value("profile", description="本体规定 / The ontology says it")
    INFERRED = strawberry.enum_value("inferred", description="由其他事实推出 / It follows from others")
    HIDDEN = strawberry.enum_value("hidden", description="不公开 / Nobody is shown it")


@strawberry.type(name="ExplainedFact", description="一条事实及其依据 / A fact and what it rests on")
class ExplainedFact:
    """Mirrors :class:`qualitrace.registry.explaining.Because`."""

    subject_ref: strawberry.Private[Ref]
    object_ref: strawberry.Private[Ref]
    sentence_text: strawberry.Private[Text]
    rule_text: strawberry.Private[Text]
    says_text: strawberry.Private[Text]
    value_text: strawberry.Private[Text]
    key: int = strawberry.field(description="在这个答案里的序号 / Its number in this answer")
    property: PropertyName | None
    ground: GroundAnswer
    step: str | None = strawberry.field(description="规则（文件名）或公理 / The rule (its file) or the axiom")
    because: list[int] = strawberry.field(
        description="所用事实的序号 / The numbers of the facts that it used"
    )
    cut: bool = strawberry.field(
        description="所用的事实没有全部列出 / Facts that it used were left out: the bound was reached"
    )
    sources: list[FactSource]
    subject: Node | None = node_field("subject_ref", "关于谁 / What it is about")
    object: Node | None = node_field("object_ref", "所指的对象 / The node it names")
    value: str | None = text_field("value_text", "值，或所指对象的名称 / The value, or what it names")
    sentence: str | None = text_field("sentence_text", "一句话 / In a sentence")
    rule: str | None = text_field("rule_text", "规则或公理的名称 / The rule, or the axiom in words")
    says: str | None = text_field("says_text", "规则用一句话说 / The rule in a sentence")


@strawberry.type(
    name="Why", description="为什么：所问的事实、规则、依据 / Why: the facts asked about, rules, grounds"
)
class WhyAnswer:
    """Mirrors :class:`qualitrace.registry.explaining.Why`; every fact stands once."""

    found: strawberry.Private[Why]
    asked: list[int] = strawberry.field(description="所问事实的序号 / The numbers of the facts asked about")
    facts: list[ExplainedFact] = strawberry.field(
        description="所问的事实和它们用到的一切 / The facts asked about, and all that they rest on"
    )
    more: int = strawberry.field(description="还有多少条没有解释 / How many more were not explained")
    partial: bool = strawberry.field(description="答案被截短 / A bound cut the answer short")

    @described("逐行写出 / In lines")
    def text(self, language: str | None = LANGUAGE) -> list[str]:
        """Return the explanation as lines, as the command line writes it."""
        lines: list[str] = []
        for one in self.found.facts:
            for line in because_lines(one, language or LANGUAGE):
                if len(lines) == MOST_STEPS:
                    return lines
                lines.append(line)
        return lines


KNOWN = (GroundAnswer, ExplainedFact, WhyAnswer)


def why_answer(found: Why, context: Context, depth: int) -> WhyAnswer:
    """Show explanations. ``depth``: how many steps below the facts asked about are listed."""
    flat = _Flat(depth)
    asked = [flat.add(one, 0) for one in found.facts]
    flat.fill()
    pool = tuple(dict.fromkeys(name for one in flat.listed for name in _nodes(one, context) if name))
    facts = [_explained(at, flat, context, pool) for at in range(len(flat.listed))]
    cut = any(fact.cut for fact in facts)
    return WhyAnswer(
        found=found,
        asked=[at for at in dict.fromkeys(asked) if at is not None],
        facts=facts,
        more=found.more,
        partial=found.partial or bool(found.more) or cut,
    )


class _Flat:
    """Facts of an explanation, each once, nearest first."""

    def __init__(self, depth: int) -> None:
        self.listed: list[Because] = []
        self._depth = depth
        self._numbers: dict[str, int] = {}
        self._waiting: list[tuple[Because, int]] = []

    def add(self, one: Because, depth: int) -> int | None:
        key = one.fact.ntriples() if one.fact.subject else "hidden"
        if key not in self._numbers:
            if len(self.listed) >= MOST_STEPS or depth > self._depth:
                return None
            self._numbers[key] = len(self.listed)
            self.listed.append(one)
            self._waiting.append((one, depth))
        return self._numbers[key]

    def fill(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for one, depth in waiting:
                for part in one.parts:
                    self.add(part, depth + 1)

    def used(self, one: Because) -> list[int]:
        keys = (part.fact.ntriples() if part.fact.subject else "hidden" for part in one.parts)
        return list(dict.fromkeys(self._numbers[key] for key in keys if key in self._numbers))


def _explained(at: int, flat: _Flat, context: Context, pool: Sequence[str]) -> ExplainedFact:
    one = flat.listed[at]
    used = flat.used(one)
    subject, target = _nodes(one, context)
    named = one.fact.predicate
    return ExplainedFact(
        subject_ref=Ref(subject, pool),
        object_ref=Ref(target, pool),
        sentence_text=one.sentence,
        rule_text=one.rule,
        says_text=one.says,
        value_text=one.value,
        key=at,
        property=PropertyName(iri=named, text=context.term_text(named)) if named else None,
        ground=GroundAnswer(one.ground.value),
        step=one.step or None,
        because=used,
        cut=len(used) < len({part.fact for part in one.parts}),
        sources=[FactSource.of(source) for source in one.sources],
    )


def _nodes(one: Because, context: Context) -> tuple[str, str]:
    """The nodes that a fact is about and names; ``""`` for what is no node of the registry."""
    subject = one.fact.subject
    target = iri_of(one.fact.object) if is_iri(one.fact.object) else ""
    return _known(subject, context), _known(target, context)


def _known(name: str, context: Context) -> str:
    if not name:
        return ""
    engine = context.reading.engine
    held = (engine.facts(graph, subject=name) for graph in (STATED, INFERRED))
    return name if any(next(iter(facts), None) is not None for facts in held) else ""
