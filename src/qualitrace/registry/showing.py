"""What one audience sees beyond what everybody does (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qualitrace.access.model import Audience
from qualitrace.profile.exposure import NAMING, Exposures
from qualitrace.profile.model import Profile
from qualitrace.registry.redacting import Withheld
from qualitrace.registry.veiling import OPEN, Place, Veil
from qualitrace.store import INFERRED, PROFILE, STATED, EngineView, OxigraphEngine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, is_iri, language_text, lit_of, literal
from qualitrace.text import Text
from qualitrace.tracing import TraceIndex
from qualitrace.tracing.veiled import VeiledIndex

Units = Callable[[str], frozenset[str]]


def name_not_shown(labels: Text) -> Text:
    """What a node is called whose name is hidden: by the labels of its class."""
    return Text(zh=f"{labels.best('zh')}（姓名不公开）", en=f"{labels.best('en')} (name not shown)")


class Names:
    """What nodes are called whose names are hidden: the same for all who do not see them."""

    def __init__(self, veil: Veil, profile: Profile) -> None:
        self._veil, self.profile = veil, profile
        self._known: dict[str, tuple[Fact, ...]] = {}

    def of(self, node: str) -> tuple[Fact, ...]:
        """Return the name of a node of some known class, as facts."""
        found = self._known.get(node)
        if found is None:
            kinds = self._veil.kinds(node)
            classes = [self.profile.classes[name] for name in sorted(kinds) if name in self.profile.classes]
            lowest = [model for model in classes if not model.children & kinds] or classes
            text = name_not_shown(lowest[0].labels)
            found = tuple(Fact(node, RDFS_LABEL, literal(text[tag], language=tag)) for tag in sorted(text))
            self._known[node] = found
        return found

    def forget(self, nodes: Iterable[str]) -> None:
        """Forget nodes that changed."""
        for node in nodes:
            self._known.pop(node, None)


class Shown:
    """The graphs that hold what one audience sees of what is hidden, and names in place of hidden ones."""

    def __init__(
        self,
        audience: Audience,
        number: int,
        engine: OxigraphEngine,
        veil: Veil,
        names: Names,
        units: Units,
    ) -> None:
        self.audience = audience
        self._engine, self._veil, self._called, self._units = engine, veil, names, units
        self._graphs = {graph: f"{graph}/seen/{number}" for graph in (STATED, INFERRED)}
        self._places: set[Place] = set()
        self._names: dict[str, tuple[Fact, ...]] = {}
        self._version = -1  # of what is hidden
        self._withheld: Withheld | None = None
        self._texts: tuple[tuple[str, str], ...] | None = None
        self._index: TraceIndex | None = None
        self._base: TraceIndex | None = None
        made_of = {graph: (graph, own) for graph, own in self._graphs.items()}
        self.view = EngineView(engine, {**made_of, PROFILE: (PROFILE,)})
        self.follow(set(veil.hidden) if audience.units else set(), set(veil.by_node))

    def sees(self, place: Place) -> bool:
        """Tell whether the audience sees a fact of the registry."""
        lock = self._veil.hidden.get(place, OPEN)
        return lock is not None and all(self.admits(node) for node in lock)

    def admits(self, node: str) -> bool:
        """Tell whether the audience sees what is protected of a node."""
        return bool(self.audience.units) and bool(self._units(node) & self.audience.units)

    def follow(self, places: Iterable[Place], nodes: Iterable[str]) -> None:
        """Show and hide what these places, and the names of these nodes, now are to the audience."""
        changed: set[Fact] = set()
        added: dict[str, list[Fact]] = {STATED: [], INFERRED: []}
        removed: dict[str, list[Fact]] = {STATED: [], INFERRED: []}
        for place in places:
            seen = place in self._veil.hidden and self.sees(place)
            if seen != (place in self._places):
                (added if seen else removed)[place.graph].append(place.fact)
                (self._places.add if seen else self._places.discard)(place)
        for node in nodes:
            before, now = self._names.pop(node, ()), self._name(node)
            if now:
                self._names[node] = now
            if before != now:
                removed[STATED] += before
                added[STATED] += now
        for graph, own in self._graphs.items():
            self._engine.change(own, added[graph], removed[graph])
            changed.update(added[graph], removed[graph])
        if changed or self._version != self._veil.version:
            self._withheld = self._texts = None
            self._version = self._veil.version
        self.note(changed)

    def note(self, changed: set[Fact]) -> None:
        """Let the index follow facts that came or went in what is seen."""
        if self._index is not None and changed:
            self._index.apply(changed, ())

    def _name(self, node: str) -> tuple[Fact, ...]:
        """What the node is called instead, when its own name is hidden."""
        own = [place for place in self._veil.by_node.get(node, ()) if place.fact.subject == node]
        hidden = {place.fact.predicate for place in own if place not in self._places}
        if RDF_TYPE in hidden or hidden.isdisjoint(NAMING):
            return ()
        return self._called.of(node)

    def index(self, base: Callable[[], TraceIndex]) -> TraceIndex:
        """The trace index of what is seen; where no link is hidden, the registry's under other names."""
        if self._veil.linking:
            if self._index is None or self._base is not None:
                self._index, self._base = VeiledIndex.of(self.view, self._called.profile, base), None
            return self._index
        whole = base()
        if self._index is None or self._base is not whole or not self._index.shares(whole):
            self._index, self._base = whole.named_by(self.view), whole
        return self._index

    @property
    def withheld(self) -> Withheld:
        """What the audience does not see, for texts that may quote it; the same object until it changes."""
        if self._withheld is None:
            self._withheld = Withheld.of(self._veil, self._places)
        return self._withheld

    @property
    def hides_links(self) -> bool:
        """Whether any link between nodes is hidden."""
        return self._veil.linking > 0

    @property
    def exposures(self) -> Exposures:
        """What the profile does not show to everybody."""
        return self._veil.exposures

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """The protected texts that the audience sees, with their nodes; the same object until they change."""
        if self._texts is None:
            seen = {place.fact for place in self._places}
            found = {(fact.subject, lit_of(fact.object).value) for fact in seen if not is_iri(fact.object)}
            found |= {(fact.subject, fact.subject) for fact in seen if fact.predicate == RDF_TYPE}
            self._texts = tuple(sorted(found))
        return self._texts

    def name(self, node: str) -> Text:
        """What a node is called whose name the audience does not see; no text for any other."""
        return language_text([fact.object for fact in self._names.get(node, ())])

    def close(self) -> None:
        """Take back what is shown: nobody asks any longer."""
        for own in self._graphs.values():
            self._engine.load(own, "")
