"""Axioms about classes become steps (floor 2).

Covered: ``owl:equivalentClass`` between named classes, and named classes defined as (or above) an
``owl:hasValue`` or ``owl:someValuesFrom`` restriction, an ``owl:intersectionOf`` or an ``owl:unionOf`` of
such and of named classes; ``owl:hasValue`` is concluded, too; ``rdfs:domain`` and ``rdfs:range`` where
``qt:infers`` on the property names them (rules cax-eqc1, -eqc2, cls-hv1, -hv2, -svf1, -svf2, -int1, -uni,
prp-dom and prp-rng of OWL 2 RL/RDF,
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules).

A member of a class below a class is a member of it; that is not written down (cax-sco): questions use
the closure of classes, and so do these steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDFS
from rdflib.term import Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.reasoning.model import Key, Step, type_key
from qualitrace.reasoning.patterns import Filter, Group, Part, Triple, Triples, Values
from qualitrace.reasoning.writing import construct
from qualitrace.terms import QT, RDF_TYPE, iri, literal
from qualitrace.text import Text

_NODE = "?x"
_INFERS = URIRef(QT + "infers")


@dataclass(frozen=True, slots=True)
class _Condition:
    """What makes a node a member: patterns, and the keys that they read."""

    parts: tuple[Part, ...]
    reads: frozenset[Key]

    def __add__(self, other: _Condition) -> _Condition:
        return _Condition(self.parts + other.parts, self.reads | other.reads)


def class_steps(profile: Profile, wanted: set[str], rules: Iterable[Step]) -> list[Step]:
    """Compile the axioms about classes that somebody asks for; ``wanted`` grows by what they read."""
    classes = _Classes(profile.ontology)
    left = sorted(set(classes.steps()), key=lambda step: (step.name, step.query))
    asked = {type_key(one) for one in classes.below_all(_asked(profile, rules))} if left else set()
    chosen: list[Step] = []
    while found := [step for step in left if step.writes & (asked | wanted)]:
        chosen += found
        left = [step for step in left if step not in found]
        read = {key for step in found for key in step.reads}
        asked |= {key for key in read if " " in key}
        wanted |= {key for key in read if " " not in key}
    return chosen


def _asked(profile: Profile, rules: Iterable[Step]) -> set[str]:
    """The classes that the profile describes, and those its shapes and rules name."""
    named = {str(term) for term in profile.shapes.objects() if isinstance(term, URIRef)}
    read = {key.partition(" ")[2] for rule in rules for key in rule.reads | rule.settled}
    return set(profile.classes) | named | (read - {""})


class _Classes:
    """The axioms about classes of one ontology."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph

    def below(self, named: str) -> list[str]:
        """A class and every named class below it."""
        found = self._graph.transitive_subjects(RDFS.subClassOf, URIRef(named))
        return sorted({str(one) for one in found if isinstance(one, URIRef)} | {named})

    def below_all(self, named: Iterable[str]) -> set[str]:
        """Some classes and all below them."""
        return {one for name in named for one in self.below(name)}

    def steps(self) -> Iterator[Step]:
        """Every axiom that is covered, compiled."""
        for axiom, lower, upper in self._inclusions_in_named():
            if isinstance(upper, URIRef):
                for condition in self._conditions(lower, _NODE, count(1)):
                    head = Triple(_NODE, iri(RDF_TYPE), iri(str(upper)))
                    yield _step(axiom, head, condition, type_key(str(upper)))
            elif isinstance(lower, URIRef) and (told := self._value(upper)):
                head = Triple(_NODE, iri(told[0]), told[1])
                yield _step(axiom, head, self._member(str(lower), _NODE, count(1)), told[0])
        yield from self._ends_of_links()

    def _ends_of_links(self) -> Iterator[Step]:
        """What a link says of its ends, where its property is meant to."""
        for link, axiom in self._graph.subject_objects(_INFERS):
            if axiom not in (RDFS.domain, RDFS.range) or not isinstance(link, URIRef):
                raise _no_end(link, axiom)
            condition = _linked(_NODE, str(link), "?y")
            if axiom == RDFS.range:
                told = Triples((Triple("?y", iri(str(link)), _NODE),))
                condition = _Condition((told, Filter(("isIRI", "(", _NODE, ")"))), condition.reads)
            for described in self._graph.objects(link, axiom):
                for part in self._parts(described):
                    name = f"rdfs:{str(axiom).rpartition('#')[2]} {link} {_shown(part)}"
                    if isinstance(part, URIRef) and part != OWL.Thing:
                        head = Triple(_NODE, iri(RDF_TYPE), iri(str(part)))
                        yield _step(name, head, condition, type_key(str(part)))
                    elif value := self._value(part):
                        yield _step(name, Triple(_NODE, iri(value[0]), value[1]), condition, value[0])

    def _parts(self, described: Node) -> Iterator[Node]:
        """A description, or what it is the intersection of."""
        members = self._graph.value(described, OWL.intersectionOf)
        if members is None or isinstance(described, URIRef):
            yield described
            return
        for member in Collection(self._graph, members):
            yield from self._parts(member)

    def _inclusions_in_named(self) -> Iterator[tuple[str, Node, Node]]:
        """The inclusions; one in an intersection is one in each of its members."""
        left = list(self._inclusions())
        while left:
            axiom, lower, upper = left.pop()
            if members := self._graph.value(upper, OWL.intersectionOf):
                left += [(axiom, lower, member) for member in Collection(self._graph, members)]
            if lower != upper:
                yield axiom, lower, upper

    def _inclusions(self) -> Iterator[tuple[str, Node, Node]]:
        """Which class lies within which. Named classes below named ones are left to the closure."""
        for one, other in self._graph.subject_objects(OWL.equivalentClass):
            yield f"owl:equivalentClass {_shown(one)} {_shown(other)}", one, other
            yield f"owl:equivalentClass {_shown(other)} {_shown(one)}", other, one
        for one, other in self._graph.subject_objects(RDFS.subClassOf):
            if not (isinstance(one, URIRef) and isinstance(other, URIRef)):
                yield f"rdfs:subClassOf {_shown(one)} {_shown(other)}", one, other

    def _conditions(self, described: Node, node: str, numbers: Iterator[int]) -> Iterator[_Condition]:
        """The ways to be a member of a class; none when it is described by what is not covered."""
        if isinstance(described, URIRef):
            yield self._member(str(described), node, numbers)
        elif told := self._value(described):
            yield _linked(node, told[0], told[1])
        elif members := self._graph.value(described, OWL.unionOf):
            for member in Collection(self._graph, members):
                yield from self._conditions(member, node, numbers)
        elif members := self._graph.value(described, OWL.intersectionOf):
            yield from self._all(list(Collection(self._graph, members)), node, numbers)
        elif filler := self._graph.value(described, OWL.someValuesFrom):
            link = self._graph.value(described, OWL.onProperty)
            if isinstance(link, URIRef):
                other = f"?y{next(numbers)}"
                step = _linked(node, str(link), other)
                if filler == OWL.Thing:
                    yield step
                else:
                    yield from (step + more for more in self._conditions(filler, other, numbers))

    def _all(self, members: list[Node], node: str, numbers: Iterator[int]) -> Iterator[_Condition]:
        if not members:
            yield _Condition((), frozenset())
            return
        for first in self._conditions(members[0], node, numbers):
            for rest in self._all(members[1:], node, numbers):
                yield first + rest

    def _member(self, named: str, node: str, numbers: Iterator[int]) -> _Condition:
        kinds = self.below(named)
        reads = frozenset(map(type_key, kinds))
        if len(kinds) == 1:
            return _Condition((Triples((Triple(node, iri(RDF_TYPE), iri(named)),)),), reads)
        kind = f"?kind{next(numbers)}"
        values = Values((kind,), tuple((iri(one),) for one in kinds))
        return _Condition((values, Triples((Triple(node, iri(RDF_TYPE), kind),))), reads)

    def _value(self, described: Node) -> tuple[str, str] | None:
        """The property and the value of an ``owl:hasValue`` restriction."""
        link, value = (self._graph.value(described, one) for one in (OWL.onProperty, OWL.hasValue))
        if not isinstance(link, URIRef):
            return None
        if isinstance(value, URIRef):
            return str(link), iri(str(value))
        if isinstance(value, Literal):
            return str(link), literal(
                str(value), datatype=str(value.datatype or ""), language=value.language or ""
            )
        return None


def _linked(node: str, predicate: str, value: str) -> _Condition:
    return _Condition((Triples((Triple(node, iri(predicate), value),)),), frozenset({predicate}))


def _step(name: str, head: Triple, condition: _Condition, writes: Key) -> Step:
    body = Group(condition.parts)
    return Step(
        name=name,
        query=construct((head,), body).filled(()),
        reads=condition.reads,
        writes=frozenset({writes}),
        head=(head,),
        body=body,
    )


def _shown(term: Node) -> str:
    return str(term) if isinstance(term, URIRef) else "[]"


def _no_end(link: Node, axiom: Node) -> ProfileError:
    return ProfileError(
        Text(
            zh="qt:infers 只能写在属性上，值只能是 rdfs:domain 或 rdfs:range。",
            en="qt:infers stands on a property, with the value rdfs:domain or rdfs:range.",
        ),
        where=f"{link} qt:infers {axiom}",
        hint=Text(
            zh="写明由这个属性的哪一端推出对象的类；不写，缺少的类就是问题。",
            en="Say at which end of the property a class follows; else a missing class is a finding.",
        ),
    )
