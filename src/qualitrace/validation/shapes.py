"""Reading a shapes graph: what a shape is, where it applies, how it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.paths import Path, read_path
from qualitrace.validation.vocabulary import QT, SH, members, name_of, text_in, transitive

SHAPE_VALUED = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
SHAPE_LISTS = (SH["and"], SH["or"], SH.xone)
TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
CORE_PARAMETERS = tuple(
    SH[name]
    for line in (
        "and class closed datatype disjoint equals hasValue in languageIn lessThan lessThanOrEquals",
        "maxCount maxExclusive maxInclusive maxLength minCount minExclusive minInclusive minLength",
        "node nodeKind not or pattern property qualifiedMaxCount qualifiedMinCount qualifiedValueShape",
        "sparql uniqueLang xone",
    )
    for name in line.split()
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape (``path`` is None) or a property shape (SHACL 2.1)."""

    node: Node
    path: Path | None
    active: bool
    severity: str  # IRI
    messages: Text
    labels: Text
    remedy: Text

    @property
    def name(self) -> str:
        """The shape's IRI, or ``_:id`` when it has none."""
        return name_of(self.node)

    @property
    def is_named(self) -> bool:
        """Tell whether the shape has an IRI of its own."""
        return isinstance(self.node, URIRef)


class Shapes:
    """The shapes of a shapes graph, read on demand.

    ``wrong`` are the shapes that are not well formed, where these are not an error as a whole. Shapes that
    reach across registries (``qt:reach``) are passed over, unless they are read ``everywhere``.
    """

    def __init__(self, graph: rdflib.Graph, *, everywhere: bool = False) -> None:
        self.graph = graph
        self.everywhere = everywhere
        self.wrong: dict[Node, ProfileError] = {}
        self._read: dict[Node, Shape] = {}
        self._about: dict[Node, dict[Node, list[Node]]] = {}
        for subject, predicate, value in graph:
            self._about.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def about(self, node: Node) -> Mapping[Node, Sequence[Node]]:
        """Return all that is said of a node, by predicate."""
        return self._about.get(node, {})

    def objects(self, node: Node, predicate: Node) -> Sequence[Node]:
        """Return the values of a predicate of a node, in no certain order."""
        return self.about(node).get(predicate, ())

    def shape(self, node: Node) -> Shape:
        """Read one shape. Raises ProfileError when its path is none."""
        if node not in self._read:
            about = self.about(node)
            path, severity = about.get(SH.path, ()), about.get(SH.severity, ())
            self._read[node] = Shape(
                node=node,
                path=read_path(self.graph, path[0]) if path and node not in self.wrong else None,
                active=not self.truth(node, SH.deactivated),
                severity=str(severity[0] if severity else SH.Violation),
                messages=self.text(node, SH.message),
                labels=self.text(node, SH.name, RDFS.label, SKOS.prefLabel),
                remedy=self.text(node, QT.remedy),
            )
        return self._read[node]

    def values(self, shape: Shape, *parameters: URIRef) -> list[Node]:
        """Return the values of a shape's parameters in a stable order."""
        found = [value for parameter in parameters for value in self.objects(shape.node, parameter)]
        return sorted(found, key=self.order) if len(found) > 1 else found

    def one(self, shape: Shape, parameter: URIRef) -> Node | None:
        """Return the value of a parameter that has at most one."""
        return next(iter(self.values(shape, parameter)), None)

    def whole_number(self, shape: Shape, parameter: URIRef) -> int | None:
        """Return an integer parameter; None when it is not there."""
        value = self.one(shape, parameter)
        return None if value is None else int(str(value))

    def truth(self, node: Node, parameter: URIRef) -> bool:
        """Tell whether a parameter is ``true`` in any spelling of xsd:boolean."""
        return any(str(value) in ("true", "1") for value in self.objects(node, parameter))

    def listed(self, head: Node) -> list[Node]:
        """Return the members of a list."""
        return list(members(self.graph, head))

    def order(self, node: Node) -> tuple[object, ...]:
        """Sort key: by sh:order, then IRI; blank nodes by what they say, so that runs agree."""
        order = self.objects(node, SH.order)
        place = float(str(order[0])) if order and isinstance(order[0], Literal) else 0.0
        return (
            place,
            isinstance(node, BNode),
            self._signature(node, 0) if isinstance(node, BNode) else node.n3(),
        )

    def _signature(self, node: Node, depth: int) -> str:
        if not isinstance(node, BNode) or depth > 8:
            return "[]" if isinstance(node, BNode) else node.n3()
        said = sorted(
            f"{p.n3()} {self._signature(value, depth + 1)}"
            for p, values in self.about(node).items()
            for value in values
        )
        return f"[{';'.join(said)}]"

    @cached_property
    def _class_types(self) -> set[Node]:
        """The classes whose instances are classes, as this graph knows them."""
        found: set[Node] = set()
        for class_ in (RDFS.Class, OWL.Class):
            found.update(transitive(self.graph.transitive_subjects(RDFS.subClassOf, class_)))
        return found

    def is_class(self, node: Node) -> bool:
        """Tell whether a shape is a class too, which makes it its own target (SHACL 2.1.3.3)."""
        types = self.objects(node, RDF.type)
        return isinstance(node, URIRef) and not self._class_types.isdisjoint(types)

    @cached_property
    def nodes(self) -> frozenset[Node]:
        """Every node that is a shape (SHACL 2.1): by type, target, parameter, or use as a shape."""
        graph = self.graph
        found: set[Node] = set()
        for kind in (SH.NodeShape, SH.PropertyShape):
            for type_ in graph.transitive_subjects(RDFS.subClassOf, kind):
                found.update(graph.subjects(RDF.type, type_))
        for predicate in (*TARGETS, SH.target, *CORE_PARAMETERS, *self.custom_parameters):
            found.update(s for s in graph.subjects(predicate) if not self._describes_parameter(s))
        for predicate in SHAPE_VALUED:
            found.update(graph.objects(None, predicate))
        for predicate in SHAPE_LISTS:
            for head in graph.objects(None, predicate):
                found.update(graph.items(head))
        return frozenset(found)

    def _describes_parameter(self, node: Node) -> bool:
        """A parameter declaration has sh:datatype and the like, yet is no shape anyone validates with."""
        return (None, SH.parameter, node) in self.graph

    @cached_property
    def custom_parameters(self) -> tuple[URIRef, ...]:
        """The predicates that the shapes graph's own constraint components declare (SHACL 6.2)."""
        found: set[URIRef] = set()
        for parameter in self.graph.objects(None, SH.parameter):
            found.update(p for p in self.graph.objects(parameter, SH.path) if isinstance(p, URIRef))
        return tuple(sorted(found - set(CORE_PARAMETERS)))

    def roots(self) -> Iterator[Shape]:
        """Iterate over the shapes that select focus nodes themselves, in a stable order."""
        for node in sorted(self.nodes, key=self.order):
            if self.is_root(node):
                yield self.shape(node)

    def is_across(self, node: Node) -> bool:
        """Tell whether a shape speaks of all registries together: ``qt:reach qt:registries``."""
        return QT.registries in self.about(node).get(QT.reach, ())

    def is_away(self, node: Node) -> bool:
        """Tell whether a shape is not checked here, but where all registries are."""
        return not self.everywhere and self.is_across(node)

    def is_root(self, node: Node) -> bool:
        """Tell whether a shape has a target."""
        about = self.about(node)
        return any(predicate in about for predicate in (*TARGETS, SH.target)) or self.is_class(node)

    def messages_of(self, node: Node) -> Text:
        """Return the messages a constraint of its own carries."""
        return self.text(node, SH.message)

    def text(self, node: Node, *predicates: URIRef) -> Text:
        """Gather the literals of a node's predicates by language; an earlier predicate wins."""
        return text_in(self.objects(node, predicate) for predicate in predicates)

    @cached_property
    def components(self) -> tuple[Node, ...]:
        """The constraint components that the shapes graph declares itself (SHACL 6.2)."""
        found: set[Node] = set()
        for class_ in self.graph.transitive_subjects(RDFS.subClassOf, SH.ConstraintComponent):
            found.update(self.graph.subjects(RDF.type, class_))
        own = (node for node in found if not str(node).startswith(SH_NAMESPACE))
        return tuple(sorted(own, key=self.order))
