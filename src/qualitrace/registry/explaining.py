"""Why a fact holds: the rule or axiom, the facts it used, down to documents and cells (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import rdflib
from rdflib.namespace import OWL, RDF

from qualitrace.budget import over
from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.journal import Source
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.reasoning import Program, Proof, Reason, proof, reasons
from qualitrace.registry.axiom_words import axiom_words
from qualitrace.registry.speaking import Speaker
from qualitrace.registry.telling import Asked, Telling
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, Fact, iri, is_iri, lit_of
from qualitrace.text import Text

MOST = 200  # facts explained in one answer
_HIDDEN = Text(zh="（不公开）", en="(not shown)")


class Ground(StrEnum):
    """What a fact rests on."""

    STATED = "stated"  # a document or a person said it
    PROFILE = "profile"  # the ontology says it
    INFERRED = "inferred"  # it follows from others
    HIDDEN = "hidden"  # the profile lets nobody see it


@dataclass(frozen=True, slots=True)
class Because:
    """A fact and what it rests on.

    ``step`` names the rule (its file) or the axiom; ``rule`` is its title, ``says`` the rule in a
    sentence. ``parts`` are the facts it used, each with what that rests on; ``sources`` are the
    documents and cells of a stated fact.
    """

    fact: Fact
    sentence: Text
    ground: Ground
    step: str = ""
    rule: Text = Text()
    says: Text = Text()
    value: Text = Text()  # what the object says
    sources: tuple[Source, ...] = ()
    parts: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Explanations of the facts that were asked about; ``more`` counts those left out.

    ``partial``: the time of the question was over before all were explained.
    """

    facts: tuple[Because, ...]
    more: int = 0
    partial: bool = False


def why(
    state: Asked,
    node: str,
    property: str = "",
    value: str = "",
    *,
    as_of: dt.date | None = None,
    most: int = MOST,
) -> Why:
    """Explain the facts about a node, with a property, and a value, where these are given.

    What dated rules conclude is explained for the day ``as_of`` (default: today).

    ``node`` is any name that ``resolve`` takes; ``property`` the API name, label, prefixed name or IRI;
    ``value`` the text of a literal or any name of a node. Without a property: all that follows about
    the node, in either direction. Raises UnknownNodeError, QueryError (no such property; nothing of
    the kind is known), ProfileError.
    """
    with state.reading():
        teller = _Teller(Telling(state, as_of or dt.date.today()))
        found = _asked(state, state.resolve(node), property, value, teller.dated)
        shown = [fact for fact in found if fact not in teller.hidden]
        if not shown:
            raise _nothing(node)
        told: list[Because] = []
        for fact in shown[:most]:
            if over():
                return Why(tuple(_with_sources(state, told)), len(shown) - len(told), partial=True)
            if (because := teller.told(fact)) is not None:
                told.append(because)
        return Why(tuple(_with_sources(state, told)), max(0, len(shown) - most))


def _asked(state: Asked, node: str, property: str, value: str, dated: Iterable[Fact]) -> list[Fact]:
    engine = state.engine
    today = {fact for fact in dated if node == fact.subject or fact.object == iri(node)}
    if not property:
        about = {*engine.facts(INFERRED, subject=node), *engine.facts(INFERRED, object=iri(node)), *today}
        if not about:
            raise _nothing(node)
        return sorted(about)
    predicates = predicates_named(state.profile, property)
    held = {fact for one in predicates for fact in engine.facts(subject=node, predicate=one)}
    held |= {fact for one in predicates for fact in engine.facts(predicate=one, object=iri(node))}
    held |= {fact for fact in today if fact.predicate in predicates}
    if value:
        wanted = _value_terms(state, value)
        held = {fact for fact in held if _matches(fact, node, wanted, value)}
    if not held:
        raise _nothing(f"{node} {property} {value}".strip())
    return sorted(held)


def predicates_named(profile: Profile, name: str) -> list[str]:
    """Return the predicates (IRIs) a name may mean: API name, label, prefixed name, IRI.

    Raises QueryError when there is none.
    """
    wanted, expanded = name.strip(), profile.expand(name.strip())
    found = {
        step.predicate
        for model in profile.classes.values()
        for prop in model.properties
        if wanted in (prop.name, *prop.labels.values())
        for path in prop.path
        for step in path
    }
    known = {str(term) for term in profile.ontology.subjects()} | {RDF_TYPE, RDFS_LABEL, SKOS_NOTATION}
    if expanded in known:
        found.add(expanded)
    if not found:
        found = {str(term) for term in _properties(profile) if wanted in _names(profile, term)}
    if not found:
        names = sorted({p.name for m in profile.classes.values() for p in m.properties if p.name})
        raise QueryError(
            Text(zh=f"没有名为“{name}”的属性。", en=f"There is no property called “{name}”."),
            hint=Text(zh="可用的属性：" + "、".join(names[:40]), en="There are: " + ", ".join(names[:40])),
        )
    return sorted(found)


def _properties(profile: Profile) -> set[rdflib.URIRef]:
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty)
    found = (term for kind in kinds for term in profile.ontology.subjects(RDF.type, kind))
    return {term for term in found if isinstance(term, rdflib.URIRef)}


def _names(profile: Profile, term: rdflib.URIRef) -> tuple[str, ...]:
    return local_name(term), *text_of(profile.ontology, term, *LABELS).values()


def _value_terms(state: Asked, value: str) -> set[str]:
    try:
        return {iri(state.resolve(value))}
    except UnknownNodeError:  # a concept or class of the ontology; or it is meant as a text
        return {iri(state.profile.expand(value))}


def _matches(fact: Fact, node: str, wanted: set[str], text: str) -> bool:
    if fact.subject != node:
        return iri(fact.subject) in wanted
    return fact.object in wanted or (not is_iri(fact.object) and lit_of(fact.object).value == text)


def _nothing(where: str) -> QueryError:
    return QueryError(
        Text(zh="没有这样的事实可解释。", en="There is no such fact to explain."),
        where=where,
        hint=Text(
            zh="请检查属性和值；不写属性时，列出由规则推出的全部事实。",
            en="Check property and value; without a property, all that follows by rules is explained.",
        ),
    )


class _Teller:
    """Turns proofs into sentences."""

    def __init__(self, telling: Telling) -> None:
        self._state = state = telling.state
        self._program = telling.program
        self._rules = {rule.name: rule for rule in state.profile.rules}
        self._speaker = Speaker(state.profile, state.base, state.engine)
        self.hidden = telling.hidden
        self.dated = {fact: step for step in telling.dated for fact in telling.concluded(step)}

    def told(self, fact: Fact) -> Because | None:
        found = self._proof(fact) or self._dated(fact)
        return None if found is None else self._because(found)

    def _proof(self, fact: Fact) -> Proof | None:
        return proof(self._state.engine, self._state.profile, self._program, fact)

    def _dated(self, fact: Fact) -> Proof | None:
        """What a rule concludes for the day: the first reason, each part of which is proven in turn."""
        step = self.dated.get(fact)
        if step is None:
            return None
        alone = Program(strata=((step,),))
        for reason in reasons(self._state.engine, self._state.profile, alone, fact):
            parts = [self._proof(used) for used in reason.facts]
            if None not in parts:
                return Proof(fact, reason, tuple(part for part in parts if part is not None))
        return Proof(fact, Reason(step.name, (), {}))

    def _because(self, found: Proof) -> Because:
        fact = found.fact
        if fact in self.hidden:
            return Because(Fact("", "", ""), _HIDDEN, Ground.HIDDEN)
        if found.reason is None:
            return Because(
                fact, self._sentence(fact), self._ground(fact), value=self._speaker.value(fact.object)
            )
        rule = self._rules.get(found.reason.step)
        return Because(
            fact,
            self._sentence(fact),
            Ground.INFERRED,
            step=found.reason.step,
            rule=rule.titles if rule else axiom_words(found.reason.step, self._speaker.property),
            says=rule.says if rule else Text(),
            value=self._speaker.value(fact.object),
            parts=tuple(self._because(part) for part in found.parts),
        )

    def _ground(self, fact: Fact) -> Ground:
        stated = self._state.engine.facts(
            STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object
        )
        return Ground.PROFILE if next(iter(stated), None) is None else Ground.STATED

    def _sentence(self, fact: Fact) -> Text:
        said = {}
        for language in ("zh", "en"):
            subject = self._speaker.called(fact.subject).best(language)
            value = self._speaker.value(fact.object).best(language)
            if fact.predicate == RDF_TYPE:
                said[language] = f"{subject} 是“{value}”" if language == "zh" else f"{subject} is a “{value}”"
            else:
                name = self._speaker.property(fact.predicate).best(language)
                said[language] = (
                    f"{subject} {name}：“{value}”" if language == "zh" else (f"{subject}: {name} “{value}”")
                )
        return Text(said)


def _with_sources(state: Asked, told: Sequence[Because]) -> Iterator[Because]:
    stated = {leaf.fact for one in told for leaf in leaves(one) if leaf.ground is Ground.STATED}
    sources = state.sources(stated)

    def placed(one: Because) -> Because:
        parts = tuple(placed(part) for part in one.parts)
        return replace(one, parts=parts, sources=tuple(sources.get(one.fact, ())))

    return (placed(one) for one in told)


def leaves(one: Because) -> Iterable[Because]:
    """Iterate over what an explanation rests on in the end: stated facts, and the ontology's."""
    if not one.parts:
        yield one
    for part in one.parts:
        yield from leaves(part)
