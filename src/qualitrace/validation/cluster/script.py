"""One Cypher statement while it is written: fresh variables, parameters, names of the profile (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import rdflib
from rdflib.namespace import RDF, RDFS

from qualitrace.store.neo4j.naming import OTHER, Naming, quoted


class Spot(NamedTuple):
    """The variables of one RDF term in a statement.

    ``term`` holds it in N-Triples syntax; ``node`` is its node, null for a literal and for a node that the
    registry does not hold. ``is_node``: it is known to be no literal.
    """

    term: str
    node: str
    is_node: bool = False


@dataclass(frozen=True)
class Names:
    """What the profile says that a statement needs: names in Neo4j, subclasses, its own instances."""

    naming: Naming
    children: Mapping[str, tuple[str, ...]]
    instances: Mapping[str, tuple[str, ...]]  # class IRI → nodes of the profile (IRIs)

    @classmethod
    def of(cls, naming: Naming, ontology: rdflib.Graph) -> Names:
        """Read the classes of a profile's ontology."""
        children: dict[str, list[str]] = {}
        for sub, above in ontology.subject_objects(RDFS.subClassOf):
            if isinstance(sub, rdflib.URIRef) and isinstance(above, rdflib.URIRef):
                children.setdefault(str(above), []).append(str(sub))
        instances: dict[str, list[str]] = {}
        for node, kind in ontology.subject_objects(RDF.type):
            if isinstance(node, rdflib.URIRef) and isinstance(kind, rdflib.URIRef):
                instances.setdefault(str(kind), []).append(str(node))
        return cls(naming, _sorted(children), _sorted(instances))

    def below(self, class_: str) -> tuple[str, ...]:
        """Return a class with all its subclasses."""
        found, waiting = {class_: None}, [class_]
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found:
                    found[child] = None
                    waiting.append(child)
        return tuple(found)

    def members(self, class_: str) -> list[str]:
        """Return the nodes of the profile itself that are instances of a class."""
        return sorted({one for name in self.below(class_) for one in self.instances.get(name, ())})


def _sorted(found: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(set(some))) for name, some in found.items()}


@dataclass
class Script:
    """Hands out variables and parameters. Only names of :class:`Naming` are ever written as text."""

    names: Names
    parameters: dict[str, Any] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def fresh(self, base: str) -> str:
        """Return a variable that the statement does not use yet."""
        self._counts[base] = self._counts.get(base, 0) + 1
        return f"{base}{self._counts[base]}"

    def spot(self) -> Spot:
        """Return the variables of a further term."""
        return Spot(self.fresh("t"), self.fresh("n"))

    def given(self, value: Any) -> str:
        """Return the parameter that stands for a value; equal values share one."""
        for name, known in self.parameters.items():
            if type(known) is type(value) and known == value:
                return f"${name}"
        name = f"p{len(self.parameters) + 1}"
        self.parameters[name] = value
        return f"${name}"

    def types(self, predicates: Iterable[str]) -> tuple[str, str]:
        """Return the types of predicates, and a condition on ``{0}`` ("" where none is needed)."""
        predicates = tuple(predicates)
        known = [kind for one in predicates if (kind := self.names.naming.relationship(one))]
        others = [one for one in predicates if not self.names.naming.relationship(one)]
        text = "|".join(quoted(kind) for kind in (*known, *([OTHER] if others else [])))
        if not others:
            return text, ""
        told = f"coalesce({{0}}.predicate IN {self.given(sorted(others))}, true)"
        return text, told
