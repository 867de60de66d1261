"""OWL axioms become SPARQL steps.

Covered: ``rdfs:subPropertyOf``, ``owl:equivalentProperty``, ``owl:inverseOf``,
``owl:SymmetricProperty``, ``owl:TransitiveProperty`` and ``owl:propertyChainAxiom`` (rules prp-spo1,
-eqp1, -eqp2, -inv1, -inv2, -symp, -trp and -spo2 of OWL 2 RL/RDF,
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules). Class
membership by ``rdfs:subClassOf`` is not written down: questions use the closure of classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.paths import MulPath
from rdflib.term import Node, URIRef

from qualitrace.profile.model import PathStep, Profile
from qualitrace.reasoning.model import Key, Step
from qualitrace.reasoning.patterns import Filter, Group, Triple, Triples


@dataclass(frozen=True, slots=True)
class _Implication:
    """``body`` links one after another imply ``head`` between their ends; or ``head`` is transitive."""

    name: str
    body: tuple[PathStep, ...]
    head: PathStep
    transitive: bool = False


def axiom_steps(profile: Profile, wanted: set[str]) -> list[Step]:
    """Compile the axioms that conclude a predicate of ``wanted``, or one that such an axiom reads.

    ``wanted`` grows by what the chosen axioms read.
    """
    left = _implications(profile.ontology)
    chosen: dict[_Implication, None] = {}
    while True:
        found = [one for one in left if one.head.predicate in wanted and one not in chosen]
        if not found:
            return [_step(one) for one in chosen]
        chosen.update(dict.fromkeys(found))
        wanted |= {link.predicate for one in found for link in one.body}


def _implications(graph: rdflib.Graph) -> list[_Implication]:
    found = [
        *_between(graph, "rdfs:subPropertyOf", RDFS.subPropertyOf),
        *_between(graph, "owl:equivalentProperty", OWL.equivalentProperty),
        *_inverses(graph),
        *_characteristics(graph),
        *_chains(graph),
    ]
    proper = (one for one in found if one.transitive or one.body != (one.head,))
    return sorted(dict.fromkeys(proper), key=lambda one: one.name)


def _between(graph: rdflib.Graph, name: str, axiom: URIRef) -> Iterator[_Implication]:
    for one, other in graph.subject_objects(axiom):
        sub, above = _link(graph, one), _link(graph, other)
        if sub is None or above is None:
            continue
        yield _Implication(f"{name} {_shown(sub)} {_shown(above)}", (sub,), above)
        if axiom == OWL.equivalentProperty:
            yield _Implication(f"{name} {_shown(above)} {_shown(sub)}", (above,), sub)


def _inverses(graph: rdflib.Graph) -> Iterator[_Implication]:
    for one, other in graph.subject_objects(OWL.inverseOf):
        if isinstance(one, URIRef) and isinstance(other, URIRef):  # else it is an anonymous inverse
            for a, b in ((str(one), str(other)), (str(other), str(one))):
                yield _Implication(f"owl:inverseOf {a} {b}", (PathStep(a),), PathStep(b, inverse=True))


def _characteristics(graph: rdflib.Graph) -> Iterator[_Implication]:
    for term in graph.subjects(RDF.type, OWL.SymmetricProperty):
        if isinstance(term, URIRef):
            name = f"owl:SymmetricProperty {term}"
            yield _Implication(name, (PathStep(str(term)),), PathStep(str(term), inverse=True))
    for term in graph.subjects(RDF.type, OWL.TransitiveProperty):
        if isinstance(term, URIRef):
            link = PathStep(str(term))
            yield _Implication(f"owl:TransitiveProperty {term}", (link,), link, transitive=True)


def _chains(graph: rdflib.Graph) -> Iterator[_Implication]:
    for term, members in graph.subject_objects(OWL.propertyChainAxiom):
        head = _link(graph, term)
        links = [_link(graph, member) for member in Collection(graph, members)]
        if head is None or not links or any(link is None for link in links):
            continue
        body = tuple(link for link in links if link is not None)
        yield _Implication(f"owl:propertyChainAxiom {_shown(head)} {' '.join(map(_shown, body))}", body, head)


def _link(graph: rdflib.Graph, term: Node) -> PathStep | None:
    """Read a property or ``[ owl:inverseOf p ]``; None for anything else."""
    if isinstance(term, URIRef):
        return PathStep(str(term))
    inverse = graph.value(term, OWL.inverseOf)
    return PathStep(str(inverse), inverse=True) if isinstance(inverse, URIRef) else None


def _shown(link: PathStep) -> str:
    return f"^{link.predicate}" if link.inverse else link.predicate


def _step(one: _Implication) -> Step:
    if one.transitive:
        pattern = f"?x0 <{one.head.predicate}>+ ?x1 ."
        links: tuple[PathStep, ...] = (one.head, one.head)
    else:
        pattern = " ".join(_text(_triple(link, at)) for at, link in enumerate(one.body))
        links = one.body
    last = f"?x{len(one.body)}"
    conclusion = _text(_between_ends(one.head, last))
    # Only a plain sub-property may carry literals on; every other axiom speaks of nodes.
    plain = len(one.body) == 1 and not one.body[0].inverse and not one.head.inverse and not one.transitive
    nodes = "" if plain else f" FILTER(isIRI({last}))"
    reads: frozenset[Key] = frozenset(link.predicate for link in one.body)
    return Step(
        name=one.name,
        query=f"CONSTRUCT {{ {conclusion} }} WHERE {{ {pattern}{nodes} MINUS {{ {conclusion} }} }}",
        reads=reads,
        writes=frozenset({one.head.predicate}),
        closed=one.transitive,
        fresh=True,
        head=(_between_ends(one.head, f"?x{len(links)}"),),
        body=_body(links, plain=plain),
        proof=_closure(one.head) if one.transitive else None,
    )


def _closure(link: PathStep) -> Group:
    """A path of any length, between the ends of which two links one after the other stand in a body."""
    path = MulPath(URIRef(link.predicate), "+")
    return Group((Triples((Triple("?x0", path, "?x2"),)), Filter(("isIRI", "(", "?x2", ")"))))


def _body(links: tuple[PathStep, ...], *, plain: bool) -> Group:
    triples = Triples(tuple(_triple(link, at) for at, link in enumerate(links)))
    return Group((triples,) if plain else (triples, Filter(("isIRI", "(", f"?x{len(links)}", ")"))))


def _triple(link: PathStep, at: int) -> Triple:
    return _directed(link, f"?x{at}", f"?x{at + 1}")


def _between_ends(link: PathStep, last: str) -> Triple:
    return _directed(link, "?x0", last)


def _directed(link: PathStep, source: str, target: str) -> Triple:
    if link.inverse:
        source, target = target, source
    return Triple(source, f"<{link.predicate}>", target)


def _text(triple: Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object} ."
