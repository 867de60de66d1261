"""From what people write to identifiers: nodes and classes by name (floor 3)."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Callable, Iterable, Sequence

from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.loading.model import KnownName, KnownNames
from qualitrace.profile.model import ClassModel, Profile
from qualitrace.store import STATED, SparqlEngine, valid_iri
from qualitrace.terms import (
    OWL_THING,
    QT,
    RDF_TYPE,
    RDFS_LABEL,
    SKOS_NOTATION,
    Fact,
    iri,
    iri_of,
    is_iri,
    lit_of,
    literal,
)
from qualitrace.text import Text

_SHOWN = 10
_COMPARED = 1000  # comparing a name takes about 20 µs


def class_model(name: str, profile: Profile) -> ClassModel:
    """Find a class by API name, prefixed name, IRI or label. Raises QueryError when unknown."""
    model = profile.class_named(name)
    if model is None:
        known = sorted(m.name for m in profile.classes.values() if not m.abstract)
        near = difflib.get_close_matches(name, known, n=3)
        raise QueryError(
            Text(zh=f"没有名为“{name}”的类。", en=f"There is no class called “{name}”."),
            hint=Text(
                zh="可用的类:" + "、".join(near or known), en="Classes there are: " + ", ".join(near or known)
            ),
        )
    return model


def class_iri(name: str, profile: Profile) -> str:
    """Find a class IRI by any name; ``owl:Thing`` is every class. Raises QueryError when unknown."""
    if name in ("owl:Thing", OWL_THING):
        return OWL_THING
    return class_model(name, profile).iri


def resolve(name: str, engine: SparqlEngine, profile: Profile, base: str) -> str:
    """Find a node by IRI, identifier below the base, ``Class:code``, code, label or alias.

    Raises UnknownNodeError when nothing matches, or several nodes do (``where`` lists them).
    """
    wanted = name.strip()
    for candidate in (wanted, base + wanted, profile.expand(wanted)):
        if _exists(candidate, engine):
            return candidate
    found = _by_value(wanted, engine)
    kind, colon, code = wanted.partition(":")
    if not found and colon and (model := profile.class_named(kind)):
        family = {model.iri, *model.children}
        found = [node for node in _by_value(code.strip(), engine) if _classes(node, engine) & family]
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(wanted, found, lambda node: _described(node, engine, profile, base))
    raise _unknown(wanted, engine, base)


def ambiguous(wanted: str, found: Sequence[str], described: Callable[[str], str]) -> UnknownNodeError:
    """Return what is said of a name that several nodes have."""
    return UnknownNodeError(
        Text(
            zh=f"“{wanted}”对应 {len(found)} 个对象。",
            en=f"“{wanted}” names {len(found)} nodes.",
        ),
        where="; ".join(described(node) for node in found[:_SHOWN]),
        hint=Text(zh="请用其中一个标识。", en="Use one of these identifiers."),
    )


def _unknown(wanted: str, engine: SparqlEngine, base: str) -> UnknownNodeError:
    near = difflib.get_close_matches(wanted, _names_like(wanted, engine, base), n=3, cutoff=0.5)
    return UnknownNodeError(
        Text(zh=f"登记库里没有“{wanted}”。", en=f"There is no “{wanted}” in the registry."),
        where="; ".join(near),
        hint=(
            Text(zh="是否想找以上对象?", en="Did you mean one of these?")
            if near
            else Text(
                zh="请给出标识、编码或名称;编码不唯一时写成“类名:编码”。",
                en="Give an identifier, a code or a name; write Class:code where a code is not unique.",
            )
        ),
    )


def _names_like(wanted: str, engine: SparqlEngine, base: str) -> list[str]:
    """Names to compare with what was asked for; of very many, those that share most characters with it."""
    known = {fact.subject.removeprefix(base) for fact in engine.facts(STATED, predicate=RDF_TYPE)} | {
        lit_of(fact.object).value for fact in engine.facts(STATED, predicate=RDFS_LABEL)
    }
    letters = set(wanted)
    return heapq.nsmallest(
        _COMPARED, known, key=lambda name: (len(letters ^ set(name)), abs(len(name) - len(wanted)), name)
    )


def _exists(candidate: str, engine: SparqlEngine) -> bool:
    if not valid_iri(candidate):
        return False
    return any(True for _ in engine.facts(subject=candidate, predicate=RDF_TYPE))


def _by_value(value: str, engine: SparqlEngine) -> list[str]:
    """Nodes of the registry that have the value as code, label or alias; codes win over labels."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        return []  # half a character: no text holds it
    for predicates in ((SKOS_NOTATION,), (RDFS_LABEL, QT + "alias")):
        names = " ".join(map(iri, predicates))
        rows = engine.select(
            f"SELECT DISTINCT ?node {{ VALUES ?said {{ {names} }}"
            " GRAPH ?stated { ?node ?said ?value }"
            f" FILTER (isLiteral(?value) && STR(?value) = {literal(value)})"
            f" FILTER (STRSTARTS(STR(?stated), {literal(STATED)})) }}"
        )
        if rows:
            return sorted(iri_of(row["node"]) for row in rows)
    return []


def _classes(node: str, engine: SparqlEngine) -> set[str]:
    return {iri_of(fact.object) for fact in engine.facts(subject=node, predicate=RDF_TYPE)}


def _described(node: str, engine: SparqlEngine, profile: Profile, base: str) -> str:
    kinds = sorted(
        profile.classes[kind].labels.best("zh") for kind in _classes(node, engine) if kind in profile.classes
    )
    return f"{node.removeprefix(base)} ({', '.join(kinds)})"


def known_names(facts: Iterable[Fact], profile: Profile) -> KnownNames:
    """Gather the labels and aliases of nodes from facts, so that documents resolve against them."""
    labels: list[Fact] = []
    kinds: dict[str, str] = {}
    for fact in sorted(facts):
        if fact.predicate == RDF_TYPE:
            kinds.setdefault(fact.subject, iri_of(fact.object))
        elif fact.predicate in (RDFS_LABEL, QT + "alias") and not is_iri(fact.object):
            labels.append(fact)
    entries = {
        KnownName(lit_of(fact.object).value, fact.subject, kinds[fact.subject], fact.predicate != RDFS_LABEL)
        for fact in labels
        if kinds.get(fact.subject, "") in profile.classes
    }
    return KnownNames(tuple(sorted(entries, key=lambda entry: (entry.iri, entry.alias, entry.label))))
