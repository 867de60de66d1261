"""A profile's reasoning in words: its axioms and rules, and whether they contradict (floor 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import rdflib

from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.reasoning import compile_program, dated_rules
from qualitrace.reasoning.apart import Axiom
from qualitrace.reasoning.clashes import Clash, Clashes, clashes
from qualitrace.reasoning.consistency import Consistency, check_consistency
from qualitrace.reasoning.sampling import Sample, sample
from qualitrace.registry.axiom_words import axiom_words
from qualitrace.registry.contradiction_words import in_words
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker
from qualitrace.terms import Fact, iri_of, is_iri, lit_of
from qualitrace.text import Text

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ReasoningStep:
    """An axiom or a rule, in words. Steps of one ``stratum`` (from 1) run together; dated ones in none."""

    stratum: int
    name: str
    says: Text
    dated: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """A contradiction in words: ``term`` (IRI) can have no member, or "" for all together."""

    term: str
    what: Text
    because: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked (``scope``, with what was not), and what came of it."""

    scope: tuple[Text, ...]
    contradictions: tuple[Explained, ...]
    classified: tuple[Text, ...]


def steps(profile: Profile) -> tuple[ReasoningStep, ...]:
    """Return the axioms and rules of a profile in the order in which they run, dated rules last.

    Raises ProfileError for what may not run, or cannot be put in order.
    """
    rules = {rule.name: rule.says or rule.titles for rule in profile.rules}
    named = _namer(profile)
    found = [
        ReasoningStep(number, step.name, rules.get(step.name) or axiom_words(step.name, named), False)
        for number, stratum in enumerate(compile_program(profile).strata, start=1)
        for step in stratum
    ]
    found += [ReasoningStep(0, rule.name, rules[rule.name], True) for rule in dated_rules(profile)]
    return tuple(found)


def checked(
    profile: Profile, registry: Registry | None, nodes: int, *, progress: Progress | None = None
) -> Checked:
    """Have HermiT check an ontology, with up to so many nodes of a registry.

    Raises UnavailableError without Java, ProfileError for what is no OWL 2 DL.
    """
    taken, broken = None, None
    if registry is not None and nodes:
        with registry.reading():
            taken = sample(registry.engine, profile.ontology, nodes)
            broken = clashes(registry.engine, profile.ontology)
    found = check_consistency(profile.ontology, taken.graph if taken else None, progress=progress)
    named = _namer(profile, registry)
    explained = [_explained(found, number, named) for number in range(len(found.contradictions))]
    if broken is not None:
        explained += [_clash(one, named) for one in broken.found]
    return Checked(
        (*_scope(found, taken), *(_searched(broken) if broken is not None else ())),
        tuple(explained),
        tuple(_below(one, other, named) for one, other in found.classified),
    )


def _clash(one: Clash, named: Callable[[str], Text]) -> Explained:
    facts = [_told(fact) for fact in one.facts]
    parts = ([one.axiom] if one.axiom is not None else []) + facts
    what = Text(zh="登记库里的事实与本体不符：", en="Facts of the registry break an axiom:")
    return Explained("", what, tuple(in_words(part, named, parts) for part in parts))


def _told(fact: Fact) -> Axiom:
    value: rdflib.term.Identifier
    if is_iri(fact.object):
        value = rdflib.URIRef(iri_of(fact.object))
    else:
        lit = lit_of(fact.object)
        value = rdflib.Literal(lit.value, lang=lit.language or None, datatype=None)
    triple = rdflib.URIRef(fact.subject), rdflib.URIRef(fact.predicate), value
    return Axiom(triple, (triple,), frozenset(term for term in triple if isinstance(term, rdflib.URIRef)))


def _searched(found: Clashes) -> tuple[Text, ...]:
    said = Text(
        zh=f"在整个登记库里查了 {found.axioms} 条公理有没有事实违反"
        "（唯一值、标识、互不相容等；不同的标识符即不同的对象）。",
        en=f"The whole registry was searched for facts that break {found.axioms} axioms"
        " (single values, keys, what excludes each other …; two identifiers are two nodes).",
    )
    if not found.more:
        return (said,)
    return (
        said,
        Text(zh="每条公理只列出前几处。", en="Of each axiom only the first few breaches are listed."),
    )


def _explained(found: Consistency, number: int, named: Callable[[str], Text]) -> Explained:
    one = found.contradictions[number]
    what = Text(zh="以下几条不能同时成立：", en="These cannot all be true:")
    if one.term:
        name = named(one.term)
        what = Text(
            zh=f"“{name.best('zh')}”不可能有任何成员，因为：",
            en=f"Nothing can be a “{name.best('en')}”, because:",
        )
    because = tuple(in_words(axiom, named, one.axioms) for axiom in one.axioms)
    return Explained(one.term, what, because)


def _below(one: str, other: str, named: Callable[[str], Text]) -> Text:
    sub, above = named(one), named(other)
    return Text(
        zh=f"推得：凡是“{sub.best('zh')}”，都是“{above.best('zh')}”。",
        en=f"It follows that every “{sub.best('en')}” is a “{above.best('en')}”.",
    )


def _scope(found: Consistency, taken: Sample | None) -> tuple[Text, ...]:
    said = [
        Text(
            zh=f"已检查 {found.axioms} 条公理。规则（SPARQL）不在检查之列。",
            en=f"{found.axioms} axioms were checked. Rules (SPARQL) are not part of the check.",
        )
    ]
    if found.left_out:
        said.append(
            Text(
                zh=f"没有检查 {found.left_out} 条：取值类型（如日期）不在 OWL 2 之内。",
                en=f"Not checked: {found.left_out} axioms on datatypes (such as dates) that OWL 2 has not.",
            )
        )
    if taken is None:
        said.append(Text(zh="没有检查数据（--data N）。", en="No data were checked (--data N)."))
    else:
        said.append(
            Text(
                zh=f"连同 {taken.of} 个对象中的 {taken.nodes} 个、{found.facts} 条事实；"
                f"另有 {taken.left_out} 条没有检查：指向其余对象、是注释，或取值类型（如日期）"
                "不在 OWL 2 之内。",
                en=f"With {taken.nodes} of {taken.of} nodes and {found.facts} facts; {taken.left_out} more"
                " were not checked: they lead to other nodes, are annotations, or have values (such as"
                " dates) that OWL 2 has no datatype for.",
            )
        )
    return tuple(said)


def _namer(profile: Profile, registry: Registry | None = None) -> Callable[[str], Text]:
    speaker = Speaker(profile, registry.base, registry.engine) if registry is not None else None

    def named(name: str) -> Text:
        found = text_of(profile.ontology, rdflib.URIRef(name), *LABELS)
        if not found and speaker is not None:
            found = speaker.called(name) if speaker.node(name).classes else Text()
        return found or Text({"": local_name(name)})

    return named
