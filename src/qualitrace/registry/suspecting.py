"""Links that have gone stale: what they were made against has changed since (floor 3).

A class says with ``qt:suspectWhenChanged`` which values its nodes are understood by. A link of
responsibility to or from such a node is suspect when those values are not what they were when the link
was last stated or confirmed. Nothing is written down for that; confirmations are events of the journal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import rdflib
from rdflib.namespace import OWL

from qualitrace.journal import Journal
from qualitrace.journal.lookup import Signature, Statement, signatures, statements_about
from qualitrace.journal.values import ValueEvent, changed_values, values_at
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import QT
from qualitrace.store import STATED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri
from qualitrace.tracing.model import Path, Trace

CONFIRMED = "confirmed"
STREAM = "link/"


@dataclass(frozen=True)
class Watch:
    """What a profile declares: the watched values by class (subclasses too), and which links count."""

    classes: Mapping[str, frozenset[str]]
    links: frozenset[str]

    @classmethod
    def of(cls, profile: Profile) -> Watch:
        """Read a profile's declarations. Links are the tracing ones that are not inherited, either way."""
        graph = profile.ontology
        classes: dict[str, set[str]] = {}
        for declared, predicate in graph.subject_objects(QT.suspectWhenChanged):
            model = profile.classes.get(str(declared))
            for one in {str(declared), *(model.children if model else ())}:
                classes.setdefault(one, set()).add(str(predicate))
        links = {p.iri for p in profile.trace.properties.values() if not p.inherited}
        for link in list(links):
            node = rdflib.URIRef(link)
            links |= {str(other) for other in graph.objects(node, OWL.inverseOf)}
            links |= {str(other) for other in graph.subjects(OWL.inverseOf, node)}
        return cls({name: frozenset(watched) for name, watched in classes.items()}, frozenset(links))

    def predicates(self, classes: Iterable[str]) -> frozenset[str]:
        """Return the watched values of a node of these classes."""
        return frozenset().union(*(self.classes.get(name, frozenset()) for name in classes))


@dataclass(frozen=True, slots=True)
class Suspect:
    """A link, and why it is suspect: the node whose values (predicate, term) changed, and by whom."""

    link: Fact
    node: str
    before: frozenset[tuple[str, str]]
    now: frozenset[tuple[str, str]]
    changed: Signature

    @property
    def id(self) -> str:
        """What the link is called when it is confirmed: a hash of it."""
        return link_id(self.link)


def link_id(link: Fact) -> str:
    """Return the short name of a link: ten hex digits of the SHA-256 of its N-Triples line."""
    return hashlib.sha256(link.ntriples().encode()).hexdigest()[:10]


class Suspicions:
    """Finds suspect links of one journal. What has not changed is remembered for a position."""

    def __init__(self, journal: Journal, profile: Profile) -> None:
        self._journal = journal
        self._profile = profile
        self._watch: Watch | None = None
        self._known: tuple[int, dict[str, bool]] = (-1, {})  # watched node → did it ever change

    @property
    def watch(self) -> Watch:
        """What the profile declares."""
        if self._watch is None:
            self._watch = Watch.of(self._profile)
        return self._watch

    def all(self, engine: Engine) -> list[Suspect]:
        """Return every suspect link, those about one node together."""
        predicates = frozenset().union(*self.watch.classes.values()) if self.watch.classes else frozenset()
        return self._of(changed_values(self._journal, predicates), engine)

    def marked(self, trace: Trace, engine: Engine) -> Trace:
        """Mark the steps of a trace that rest on a suspect link."""
        nodes = [node.iri for node in trace.nodes.values() if self.watch.predicates(node.classes)]
        changed = self._changed(nodes, engine.position)
        if not changed:
            return trace
        edges = {_edge(suspect.link) for suspect in self._of(changed, engine)}
        return replace(trace, paths=tuple(_with(path, edges) for path in trace.paths)) if edges else trace

    def _changed(self, nodes: list[str], position: int) -> dict[str, list[ValueEvent]]:
        if self._known[0] != position:
            self._known = position, {}
        known = self._known[1]
        predicates = frozenset().union(*self.watch.classes.values()) if self.watch.classes else frozenset()
        asked = [node for node in nodes if known.get(node, True)]
        if not asked:
            return {}
        found = changed_values(self._journal, predicates, asked)
        known.update({node: node in found for node in asked})
        return found

    def _of(self, changed: Mapping[str, list[ValueEvent]], engine: Engine) -> list[Suspect]:
        links: dict[Fact, list[str]] = {}
        events: dict[str, list[ValueEvent]] = {}
        for node, happened in changed.items():
            kinds = [iri_of(f.object) for f in engine.facts(subject=node, predicate=RDF_TYPE)]
            watched = self.watch.predicates(kinds)
            events[node] = [event for event in happened if event.predicate in watched]
            for fact in self._links(node, engine) if events[node] else ():
                links.setdefault(fact, []).append(node)
        since = self._settled(links)
        found = []
        for link, nodes in links.items():
            for node in nodes:
                before = values_at(events[node], since[link])
                now = values_at(events[node], self._journal.head()[0])
                if before and before != now:
                    found.append((link, node, before, now, _first_after(events[node], since[link])))
        signed = {one.position: one for one in signatures(self._journal, {entry[4] for entry in found})}
        made = [Suspect(link, node, before, now, signed[at]) for link, node, before, now, at in found]
        return sorted(made, key=lambda one: (one.node, one.link))

    def _links(self, node: str, engine: Engine) -> list[Fact]:
        own = [f for f in engine.facts(STATED, subject=node) if is_iri(f.object)]
        other = list(engine.facts(STATED, object=iri(node)))
        return [fact for fact in (*own, *other) if fact.predicate in self.watch.links]

    def _settled(self, links: Iterable[Fact]) -> dict[Fact, int]:
        """Return the position at which each link was last stated or confirmed."""
        wanted = set(links)
        settled = dict.fromkeys(wanted, 0)
        stated: list[Statement] = statements_about(self._journal, {link.subject for link in wanted})
        for statement in stated:
            fact = statement.entry.fact
            if fact in settled:
                settled[fact] = max(settled[fact], statement.stated.position)
        for event in self._journal.events(kind=CONFIRMED) if wanted else ():
            body = json.loads(event.body)
            fact = Fact(*body["link"])
            if fact in settled and body["position"] <= self._journal.head()[0]:
                settled[fact] = max(settled[fact], body["position"])
        return settled


def _first_after(events: Iterable[ValueEvent], position: int) -> int:
    return next(event.position for event in events if event.position > position)


def _edge(link: Fact) -> frozenset[str]:
    return frozenset((link.subject, iri_of(link.object)))


def _with(path: Path, edges: set[frozenset[str]]) -> Path:
    if not any(frozenset((step.source, step.target)) in edges for step in path.steps):
        return path
    steps = (
        replace(step, suspect=True) if frozenset((step.source, step.target)) in edges else step
        for step in path.steps
    )
    return replace(path, steps=tuple(steps))
