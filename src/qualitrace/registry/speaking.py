"""What nodes, properties and values are called, for sentences that a person reads (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable

import rdflib

from qualitrace.profile.model import Profile, PropertyPath
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.store import Engine
from qualitrace.terms import (
    RDF_TYPE,
    RDFS_LABEL,
    SKOS,
    SKOS_NOTATION,
    iri,
    iri_of,
    is_iri,
    language_text,
    lit_of,
)
from qualitrace.text import Text
from qualitrace.tracing.model import Node

_NAMED = (RDFS_LABEL, SKOS + "prefLabel")
LANGUAGES = ("zh", "en")


class Speaker:
    """Names things as the states at hand know them; the first that knows a thing names it."""

    def __init__(self, profile: Profile, base: str, *engines: Engine) -> None:
        self._profile = profile
        self._base = base
        self._engines = engines
        self._nodes: dict[str, Node] = {}

    def node(self, name: str) -> Node:
        """Return a node with its classes, label and code; a node nobody knows has no class."""
        if name not in self._nodes:
            self._nodes[name] = next(
                (node for engine in self._engines if (node := self._read(name, engine)).classes),
                Node(name, (), Text({"": name.removeprefix(self._base)})),
            )
        return self._nodes[name]

    def _read(self, name: str, engine: Engine) -> Node:
        kinds = {iri_of(f.object) for f in engine.facts(subject=name, predicate=RDF_TYPE) if is_iri(f.object)}
        known = self._profile.classes
        general = {parent for kind in kinds & known.keys() for parent in known[kind].parents}
        labels = [fact.object for p in _NAMED for fact in engine.facts(subject=name, predicate=p)]
        codes = sorted(fact.object for fact in engine.facts(subject=name, predicate=SKOS_NOTATION))
        label = language_text(labels) or Text({"": name.removeprefix(self._base)})
        return Node(name, tuple(sorted(kinds - general)), label, lit_of(codes[0]).value if codes else "")

    def kind(self, node: Node) -> Text:
        """Return what a node's class is called; ``Text()`` when the profile knows none."""
        models = (self._profile.classes[kind] for kind in node.classes if kind in self._profile.classes)
        return next((model.labels for model in models if model.labels), Text())

    def called(self, name: str) -> Text:
        """Return a node with what it is: ``岗位“处长”`` / ``post “处长”``."""
        node = self.node(name)
        kind = self.kind(node)
        return Text(
            {
                "zh": f"{kind.best('zh')}“{node.label.best('zh')}”",
                "en": f"{_lower(kind.best('en'))} “{node.label.best('en')}”".strip(),
            }
        )

    def property(self, predicate: str) -> Text:
        """Return what a property is called."""
        found = text_of(self._profile.ontology, rdflib.URIRef(predicate), *LABELS)
        return found or Text({"": local_name(predicate)})

    def value(self, term: str) -> Text:
        """Return what a value says: the label of a node or a concept, else the text itself."""
        if not is_iri(term):
            return Text({"": lit_of(term).value})
        concept = text_of(self._profile.ontology, rdflib.URIRef(iri_of(term)), *LABELS)
        return concept or self.node(iri_of(term)).label

    def unit(self, name: str) -> str:
        """Return the unit that must act for a node, by the steward path of its classes; ``""`` when none."""
        for engine in self._engines:
            kinds = [iri_of(f.object) for f in engine.facts(subject=name, predicate=RDF_TYPE)]
            models = [self._profile.classes[kind] for kind in kinds if kind in self._profile.classes]
            for model in sorted(models, key=lambda one: (-len(one.parents), one.iri)):
                if found := _follow(engine, name, model.steward):
                    return found
        return ""


def listed(texts: Iterable[Text], language: str) -> str:
    """Return several texts as a list in quotation marks."""
    separator = "、" if language == "zh" else ", "
    return separator.join(f"“{text.best(language)}”" for text in texts)


def _follow(engine: Engine, start: str, path: PropertyPath) -> str:
    """Return the first node (by IRI) that a path's alternatives, in their order, lead to."""
    for steps in path:
        here = {start}
        for step in steps:
            reached: set[str] = set()
            for node in here:
                if step.inverse:
                    facts = engine.facts(predicate=step.predicate, object=iri(node))
                    reached |= {fact.subject for fact in facts}
                else:
                    facts = engine.facts(subject=node, predicate=step.predicate)
                    reached |= {iri_of(fact.object) for fact in facts if is_iri(fact.object)}
            here = reached
        if here:
            return min(here)
    return ""


def _lower(text: str) -> str:
    """Return a class label as it stands within a sentence; an abbreviation stays as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
