"""What a profile does not show to everybody: which facts, by predicate and class (floor 0)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import rdflib
from rdflib.namespace import OWL, RDFS

from qualitrace.errors import ProfileError
from qualitrace.profile.model import ClassModel, Profile, PropertyModel
from qualitrace.terms import QT, RDFS_LABEL, SKOS
from qualitrace.text import Text

PUBLIC, PROTECTED, PRIVATE = "public", "protected", "private"
_STRICTNESS = (PUBLIC, PROTECTED, PRIVATE)

# What a node is called is one thing, however it is said.
NAMING = (RDFS_LABEL, SKOS + "prefLabel")
_CALLED = (*NAMING, SKOS + "altLabel", SKOS + "hiddenLabel", QT + "alias")

ByClass = Mapping[str, str]  # class IRI → exposure, where it is not public


@dataclass(frozen=True, slots=True)
class Exposures:
    """What is protected or private: facts about nodes of a class, facts to them, whole classes.

    ``about`` and ``to`` are by predicate. A property that follows from a protected one
    (``rdfs:subPropertyOf``, ``owl:equivalentProperty``, ``owl:inverseOf``) is protected as well, and with
    one name of a node all its names.
    """

    about: Mapping[str, ByClass]
    to: Mapping[str, ByClass]
    classes: ByClass

    @classmethod
    def of(cls, profile: Profile) -> Exposures:
        """Read ``qt:exposure`` of a profile. Raises ProfileError where facts cannot be told by it."""
        about: dict[str, dict[str, str]] = {}
        to: dict[str, dict[str, str]] = {}
        for model in profile.classes.values():
            for prop in model.properties:
                for predicate, inverse in _steps(model, prop):
                    sides = _following(profile.ontology, predicate, inverse)
                    for other, backwards in sides:
                        held = (to if backwards else about).setdefault(other, {})
                        held[model.iri] = strictest((held.get(model.iri, PUBLIC), prop.exposure))
        classes = {m.iri: m.exposure for m in profile.classes.values() if m.exposure != PUBLIC}
        return cls(about, to, classes)

    def __bool__(self) -> bool:
        return bool(self.about or self.to or self.classes)

    @property
    def sensitive(self) -> frozenset[str]:
        """The classes of which something is not public."""
        named = (by_class for side in (self.about, self.to) for by_class in side.values())
        return frozenset(self.classes).union(*named)


def strictest(exposures: Iterable[str]) -> str:
    """Return the one that shows least."""
    return max(exposures, key=_STRICTNESS.index, default=PUBLIC)


def _steps(model: ClassModel, prop: PropertyModel) -> Iterator[tuple[str, bool]]:
    """The facts that a property is read from: predicates, and whether the node is their object."""
    if prop.exposure == PUBLIC:
        return
    if any(len(sequence) != 1 for sequence in prop.path):
        if prop.exposure == PROTECTED:
            raise _unclear(model, prop)
        return  # a check of its own, which no interface shows
    if prop.exposure == PRIVATE and len(prop.path) > 1:
        return
    for (step,) in prop.path:
        yield step.predicate, step.inverse
        if not step.inverse and step.predicate in NAMING:
            yield from ((other, False) for other in _CALLED if other != step.predicate)


def _following(graph: rdflib.Graph, predicate: str, inverse: bool) -> set[tuple[str, bool]]:
    """A property and all that follow from it by axioms between two properties."""
    found = {(predicate, inverse)}
    left = [(predicate, inverse)]
    while left:
        name, backwards = left.pop()
        node = rdflib.URIRef(name)
        near = [(other, backwards) for other in graph.objects(node, RDFS.subPropertyOf)]
        for same in (OWL.equivalentProperty,):
            near += [(other, backwards) for other in graph.objects(node, same)]
            near += [(other, backwards) for other in graph.subjects(same, node)]
        near += [(other, not backwards) for other in graph.objects(node, OWL.inverseOf)]
        near += [(other, not backwards) for other in graph.subjects(OWL.inverseOf, node)]
        for other, side in near:
            one = (str(other), side)
            if isinstance(other, rdflib.URIRef) and one not in found:
                found.add(one)
                left.append(one)
    return found


def _unclear(model: ClassModel, prop: PropertyModel) -> ProfileError:
    return ProfileError(
        Text(
            zh=f"“{model.labels.best('zh')}”的“{prop.labels.best('zh')}”要经过几步才得到,不能 protected。",
            en=f"“{prop.labels.best('en')}” of “{model.labels.best('en')}” is reached in several steps"
            " and cannot be protected.",
        ),
        where=prop.shape,
        hint=Text(
            zh='请把 qt:exposure "protected" 写在直接给出这个值的属性上。',
            en='Write qt:exposure "protected" at the property that gives the value itself.',
        ),
    )
