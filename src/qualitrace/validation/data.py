"""The data a validation asks: one Oxigraph store, all of its graphs taken together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import pyoxigraph as ox
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.errors import QueryError
from qualitrace.terms import XSD, Fact, iri_of, is_iri, lit_of
from qualitrace.text import Text
from qualitrace.validation.exact import ExactLiterals, stored_form
from qualitrace.validation.hierarchy import SUBCLASSES, Hierarchy

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Solution = Mapping[str, Term]  # variable name without its sign → term; unbound names are absent
BATCH = 2000  # how many nodes one VALUES block names


class HasStore(Protocol):
    """An engine that runs SPARQL in process."""

    @property
    def store(self) -> ox.Store:
        """The store with the data."""
        ...


class Data:
    """Asks a store; library errors become QueryError.

    ``exact`` knows literals as they were written, where an engine notes them. ``beside`` names a graph
    that only ``GRAPH`` reaches: it is no part of the union.
    """

    def __init__(self, store: ox.Store, exact: ExactLiterals | None = None, beside: str = "") -> None:
        self.store = store
        self.exact = ExactLiterals() if exact is None else exact
        self._is_exact = exact is not None
        self._options: dict[str, object] = {"use_default_graph_as_union": True}
        if beside:
            union = [graph for graph in store.named_graphs() if plain(graph) != beside]
            self._options = {
                "default_graph": [ox.DefaultGraph(), *union],
                "named_graphs": [ox.NamedNode(beside)],
            }

    def select(self, query: str, bound: Mapping[str, Term] | None = None) -> Iterator[Solution]:
        """Run a SELECT over the union of the graphs; ``bound`` gives variables their value beforehand."""
        substitutions = {ox.Variable(name): term for name, term in (bound or {}).items()}
        try:
            solutions = self.store.query(query, substitutions=substitutions or None, **self._options)  # type: ignore[arg-type]
            assert isinstance(solutions, ox.QuerySolutions)
            names = [variable.value for variable in solutions.variables]
            for solution in solutions:
                pairs = ((name, solution[name]) for name in names)
                yield {name: term for name, term in pairs if term is not None}
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise QueryError(
                Text(zh="规则的查询无法执行。", en="The query of a rule cannot be run."),
                where=f"{error}\n{query}",
                hint=Text(zh="请检查该规则的 SPARQL 写法。", en="Check the SPARQL of this rule."),
            ) from error

    def holds(self, fact: Fact) -> bool:
        """Tell whether a fact is in any graph, as it was written where that is known."""
        subject, predicate = term_of(fact.subject), ox.NamedNode(fact.predicate)
        value = term_of(fact.object)
        assert not isinstance(subject, ox.Literal)
        if next(self.store.quads_for_pattern(subject, predicate, value, None), None) is None:
            return False
        if not self._is_exact or not isinstance(value, ox.Literal):
            return True
        return value in self.exact.written(str(subject), fact.predicate, stored_form(value))

    def objects(self, subject: Term, predicate: str) -> Iterator[Term]:
        """Iterate over what a node has a predicate to; once for each graph that says so."""
        if not isinstance(subject, ox.Literal):
            for quad in self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None):
                if not isinstance(quad.object, ox.Triple):
                    yield quad.object

    def subjects(self, predicate: str, object: Term) -> Iterator[Term]:
        """Iterate over what has a predicate to a node; once for each graph that says so."""
        for quad in self.store.quads_for_pattern(None, ox.NamedNode(predicate), object, None):
            if not isinstance(quad.subject, ox.Triple):
                yield quad.subject

    def with_graph(self, name: str, triples: Iterable[tuple[Node, Node, Node]]) -> Data:
        """Copy the data into a store of its own with one more graph beside them."""
        copy = ox.Store()
        copy.extend(self.store)
        graph = ox.NamedNode(name)
        copy.extend(
            ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o), graph)  # type: ignore[arg-type]
            for s, p, o in triples
        )
        return Data(copy, self.exact if self._is_exact else None, name)

    def hierarchy(self) -> Hierarchy:
        """Read the subclass pairs of the data."""
        return Hierarchy(
            frozenset((plain(row["sub"]), plain(row["super"])) for row in self.select(SUBCLASSES))
        )


def plain(term: Term) -> str:
    """Return a term as findings name nodes: an IRI as it is, else N-Triples syntax."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def term_of(text: str) -> Term:
    """Read a term back from what :func:`plain` wrote (or from N-Triples syntax)."""
    if text.startswith('"'):
        lit = lit_of(text)
        if lit.language:
            return ox.Literal(lit.value, language=lit.language)
        return ox.Literal(lit.value, datatype=ox.NamedNode(lit.datatype))
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    return ox.NamedNode(iri_of(text) if is_iri(text) else text)


def stored_name(text: str) -> str:
    """Name a term as the store gives it back; ``text`` is in N-Triples syntax."""
    term = term_of(text)
    return plain(stored_form(term) if isinstance(term, ox.Literal) else term)


def from_rdflib(node: Node) -> Term:
    """Turn an rdflib term into a term of the store."""
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return (
        ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)))
        if node.datatype
        else ox.Literal(str(node))
    )


def to_rdflib(term: Term) -> Node:
    """Turn a term of the store into an rdflib term."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    named = None if datatype == XSD + "string" else URIRef(datatype)
    return Literal(term.value, datatype=named, normalize=False)


def batches(terms: Iterable[Term]) -> Iterator[Sequence[Term]]:
    """Cut nodes into batches that fit a VALUES block: named ones together, blank nodes one by one.

    A query cannot name a blank node of the data; it is bound beforehand instead.
    """
    named: list[Term] = []
    for term in terms:
        if isinstance(term, ox.BlankNode):
            yield [term]
            continue
        named.append(term)
        if len(named) == BATCH:
            yield named
            named = []
    if named:
        yield named


# Stands for the VALUES block in a query, so that the query is put together once for all nodes.
NODES = "«nodes»"


def named(query: str, variable: str, terms: Sequence[Term]) -> str:
    """Put the VALUES block of a batch where a query has ``NODES``."""
    return query.replace(NODES, values_block(variable, terms)) if terms else query


def values_block(variable: str, terms: Sequence[Term]) -> str:
    """Write a VALUES block.

    A blank node is bound beforehand. The pattern written for it says that the variable may be bound,
    without which the engine takes it for one that never is.
    """
    if len(terms) == 1 and isinstance(terms[0], ox.BlankNode):
        return f"{{}} UNION {{ VALUES {variable} {{ <urn:x-no:node> }} }}"
    return f"VALUES {variable} {{ {' '.join(map(str, terms))} }}"


def bindings(variable: str, terms: Sequence[Term]) -> dict[str, Term]:
    """Return what is bound beforehand for a batch."""
    if len(terms) == 1 and isinstance(terms[0], ox.BlankNode):
        return {variable.lstrip("?"): terms[0]}
    return {}
