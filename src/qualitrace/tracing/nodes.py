"""Nodes as answers show them: labels, codes, classes, capacities and stewards."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import Engine
from qualitrace.terms import RDFS_LABEL, SKOS, SKOS_NOTATION, Fact, iri_of, is_iri, language_text, lit_of
from qualitrace.text import Text
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.model import Node
from qualitrace.tracing.schema import TraceSchema

_NAMING = (RDFS_LABEL, SKOS + "prefLabel", SKOS_NOTATION)


class NodeBook:
    """Reads how nodes are called, once per node; :meth:`update` forgets what changed."""

    def __init__(self, engine: Engine, graph: TraceGraph, schema: TraceSchema) -> None:
        self._engine = engine
        self._graph = graph
        self._schema = schema
        self._nodes: dict[int, Node] = {}
        self._capacities: dict[int, Text] = {}

    def node(self, number: int) -> Node:
        """Return a node as answers show it."""
        found = self._nodes.get(number)
        if found is None:
            iri = self._graph.names[number]
            codes = [lit_of(term).value for term in self._values(iri, SKOS_NOTATION) if not is_iri(term)]
            found = self._nodes[number] = Node(
                iri=iri,
                classes=self._schema.most_specific(self._graph.types_of(number)),
                label=self._label(iri),
                code=min(codes, default=""),
            )
        return found

    def capacity(self, number: int) -> Text:
        """Return in what capacity the node holds (the label of its ``qt:capacity``), else no text."""
        found = self._capacities.get(number)
        if found is None:
            iri = self._graph.names[number]
            values = {
                value
                for predicate in self._schema.profile.trace.capacity
                for value in self._values(iri, predicate)
            }
            found = joined(self._capacity_label(value) for value in sorted(values))
            self._capacities[number] = found
        return found

    def absence(self, named: Text, node: int, predicate: str, *, inverse: bool = False) -> Text:
        """Return what a missing link is called, and in which state what stands there is, if that is why."""
        waiting = self._graph.uncounted(node, predicate, inverse=inverse)
        if not waiting:
            return named
        states = joined(state for other in waiting for state in self._states(self._graph.names[other]))
        zh, en = named.best("zh"), named.best("en")
        return Text(zh=f"{zh}（只有：{states.best('zh')}）", en=f"{en} (only: {states.best('en')})")

    def _states(self, iri: str) -> list[Text]:
        trace = self._schema.profile.trace
        values = sorted({v for predicate in trace.lifecycle for v in self._values(iri, predicate)})
        return [self._capacity_label(v) for v in values if iri_of(v) in trace.counts_with]

    def update(self, changed: Iterable[Fact]) -> None:
        """Forget what these facts said about nodes."""
        capacity = self._schema.profile.trace.capacity
        for fact in changed:
            number = self._graph.id_of(fact.subject)
            self._nodes.pop(number, None)
            if fact.predicate in _NAMING:  # it may be the name of a capacity
                self._capacities.clear()
            elif fact.predicate in capacity:
                self._capacities.pop(number, None)

    def _capacity_label(self, term: str) -> Text:
        """A capacity without a label shows its identifier: the holder must not look like any other."""
        if not is_iri(term):
            return language_text([term])
        return self._label(iri_of(term)) or Text({"": iri_of(term)})

    def _label(self, iri: str) -> Text:
        return language_text(self._values(iri, RDFS_LABEL)) or language_text(
            self._values(iri, SKOS + "prefLabel")
        )

    def _values(self, iri: str, predicate: str) -> list[str]:
        return [fact.object for fact in self._engine.facts(subject=iri, predicate=predicate)]


class Stewards:
    """Finds the unit that must repair something at a node on one day."""

    def __init__(self, graph: TraceGraph, schema: TraceSchema, day: int) -> None:
        self._graph = graph
        self._schema = schema
        self._day = day
        self._known: dict[int, int | None] = {}

    def along(self, nodes: Iterable[int]) -> int | None:
        """Return the steward of the first of ``nodes`` that has one."""
        return next((found for node in nodes if (found := self.of(node)) is not None), None)

    def of(self, node: int) -> int | None:
        """Return what the steward path of the node's class ends at; the first by IRI when several."""
        if node not in self._known:
            path = self._schema.steward(self._graph.types_of(node))
            names = self._graph.names
            found = follow_path(self._graph, node, path, self._day)
            self._known[node] = min(found, key=names.__getitem__, default=None)
        return self._known[node]


def by_label(node: Node) -> tuple[str, str]:
    """Return what nodes are sorted by: code, else label, then IRI."""
    return node.code or node.label.best(), node.iri


def follow_path(graph: TraceGraph, node: int, path: PropertyPath, day: int) -> set[int]:
    """Return the nodes that the first fruitful alternative of a path ends at, on a day."""
    for sequence in path:
        ends = follow_links(graph, {node}, sequence, day)
        if ends:
            return ends
    return set()


def follow_links(graph: TraceGraph, nodes: set[int], links: Iterable[PathStep], day: int) -> set[int]:
    """Return the nodes reached from ``nodes`` by links one after another, through valid nodes only."""
    for link in links:
        nodes = {
            value
            for node in nodes
            for value in graph.linked(node, link.predicate, inverse=link.inverse, day=day)
        }
    return nodes


def joined(texts: Iterable[Text]) -> Text:
    """Join different texts; where one lacks a language, what it has stands in for it."""
    parts = list(dict.fromkeys(texts))
    languages = sorted({language for text in parts for language in text})
    return Text(
        {
            language: "; ".join(dict.fromkeys(text.best(language) for text in parts if text))
            for language in languages
        }
    )
