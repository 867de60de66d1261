"""Ways of grouping: from a class, a scheme or a property named by a person to paths that lead there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import rdflib
from rdflib.namespace import RDF, SKOS

from qualitrace.errors import QueryError
from qualitrace.profile.model import ClassModel, PathStep, Profile, PropertyModel
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text
from qualitrace.tracing.model import Way

STEWARD = "steward"  # groups by the unit that must act
MAX_LINKS = 4
SHOWN = frozenset({"public", "protected"})
_STEWARD_LABEL = Text(zh="责任单位", en="unit that must act")


class _Route(NamedTuple):
    """Links one after another, with how many carry no responsibility, and how many only inherit it."""

    untraced: int = 0
    inherited: int = 0
    steps: tuple[PathStep, ...] = ()
    names: tuple[str, ...] = ()


Test = Callable[[PropertyModel], int | None]  # the rank of a last link, None when it does not lead there


def find_way(profile: Profile, of: str, name: str, *, shown: frozenset[str] = SHOWN) -> Way:
    """Find how nodes of class ``of`` (IRI) are grouped by what a person calls ``name``.

    ``name`` is ``steward`` (the unit that must act); fields joined by dots; a class or a concept scheme
    (by any of its names); or a property that is further away. A class, scheme or property is reached by
    the fewest links that lead on to whoever answers (and a last one of any kind), else by the fewest of
    any kind; where several routes are as good, all of them are followed. Only properties and classes
    whose exposure is ``shown`` are. Raises QueryError, naming what there is, when nothing leads there.
    """
    if name == STEWARD:
        return Way(name=name, label=_STEWARD_LABEL, steward=True)
    finder = _Finder(profile, of, shown)
    found = finder.any(name) if name.strip() else None
    if found is None:
        raise finder.nothing(name)
    return found


class _Finder:
    def __init__(self, profile: Profile, of: str, shown: frozenset[str]) -> None:
        self._profile = profile
        self._of = of
        self._shown = shown

    def any(self, name: str) -> Way | None:
        return self.by_fields(name) or self.by_class(name) or self.by_scheme(name) or self.by_name(name)

    def by_fields(self, name: str) -> Way | None:
        """Follow fields by their names, one after another; each may differ between subclasses."""
        routes = [_Route()]
        classes = frozenset({self._of})
        label = Text()
        for part in name.split("."):
            links = [link for link in self._links(classes) if link.name == part]
            if not links:
                return None
            label = links[0].labels or label
            routes = [longer for route in routes for link in links for longer in self._on(route, link)]
            classes = frozenset(link.target for link in links)
        return self._way(name, label, routes)

    def by_class(self, name: str) -> Way | None:
        model = self._profile.class_named(name)
        if model is None or model.exposure not in self._shown:
            return None
        family = self._family(model.iri)
        if self._of in family:  # a node of the class leads to itself
            return self._way(name, model.labels, [_Route()], classes=family)

        def test(link: PropertyModel) -> int | None:
            reach = self._family(link.target)
            return (0 if reach <= family else 1) if reach & family else None

        return self._way(name, model.labels, self._nearest(test), classes=family)

    def by_scheme(self, name: str) -> Way | None:
        scheme = self._scheme(name)
        if scheme is None:
            return None
        graph = self._profile.ontology
        concepts = frozenset(str(concept) for concept in graph.subjects(SKOS.inScheme, scheme))

        def listed(link: PropertyModel) -> int | None:
            named = {iri_of(value) for value in link.values if is_iri(value)}
            return 0 if named & concepts else None

        def open_to_any(link: PropertyModel) -> int | None:
            return 0 if link.target == str(SKOS.Concept) and not link.values else None

        hits = self._nearest(listed) or self._nearest(open_to_any)
        return self._way(name, text_of(graph, scheme, *LABELS), hits, concepts=concepts)

    def by_name(self, name: str) -> Way | None:
        """Find the nearest property by its name in the API, its local name or its label."""

        def test(link: PropertyModel) -> int | None:
            if link.name == name:
                return 0
            return 1 if name in (local_name(link.predicate), *link.labels.values()) else None

        hits = self._nearest(test)
        return self._way(name, self._label_at(hits[0].names) if hits else Text(), hits)

    def nothing(self, name: str) -> QueryError:
        model = self._profile.classes.get(self._of)
        fields = self._fields_on_the_way(name)
        schemes = [local_name(str(scheme)) for scheme in self._schemes()]
        named = [model.name for model in self._profile.classes.values() if self._visible(model)]
        near = difflib.get_close_matches(name, [STEWARD, *fields, *named, *schemes], n=3)
        offered = ", ".join(near or [STEWARD, *fields])
        zh, en = (model.labels.best(language) if model else "" for language in ("zh", "en"))
        return QueryError(
            Text(
                zh=f"“{zh}”没有通向“{name}”的关系，无法据此分组。",
                en=f"Nothing leads from {en} to “{name}”, so it cannot be grouped by it.",
            ),
            where=name,
            hint=Text(
                zh=f"请写类、概念表、字段（多级用点连接）或 {STEWARD}，例如：{offered}",
                en=f"Name a class, a scheme, fields joined by dots, or {STEWARD}, such as: {offered}",
            ),
        )

    def _fields_on_the_way(self, name: str) -> list[str]:
        """Return the fields there are where the first unknown one of joined fields stands."""
        classes = frozenset({self._of})
        before: list[str] = []
        for part in name.split("."):
            links = list(self._links(classes))
            onward = frozenset(link.target for link in links if link.name == part)
            if not onward:
                break
            classes, before = onward, [*before, part]
        return sorted({".".join([*before, link.name]) for link in self._links(classes)})

    def _way(
        self,
        name: str,
        label: Text,
        found: Iterable[_Route],
        *,
        classes: frozenset[str] = frozenset(),
        concepts: frozenset[str] = frozenset(),
    ) -> Way | None:
        routes = list({route.steps: route for route in found}.values())
        if not routes:
            return None
        named = [route for route in routes if not route.inherited]
        weaker = [route for route in routes if route.inherited] if named else []
        return Way(
            name=name,
            label=label or Text({"": name}),
            routes=tuple(route.steps for route in named or routes),
            inherited=tuple(route.steps for route in weaker),
            fields=tuple(dict.fromkeys(".".join(route.names) for route in routes if route.names)),
            classes=classes,
            concepts=concepts,
        )

    def _nearest(self, test: Test) -> list[_Route]:
        """Return the best of the shortest routes whose last link passes the test.

        What lies on the way to whoever answers goes before what is only connected somehow.
        """
        return self._search(test, self._is_traced) or self._search(test, lambda link: True)

    def _search(self, test: Test, passable: Callable[[PropertyModel], bool]) -> list[_Route]:
        level = {self._of: [_Route()]}
        seen = {self._of}
        for _ in range(MAX_LINKS):
            hits: list[tuple[tuple[int, int], _Route]] = []
            onward: dict[str, list[_Route]] = {}
            for here, routes in level.items():
                for link in self._links(frozenset({here})):
                    longer = [more for route in routes for more in self._on(route, link)]
                    rank = test(link)
                    if rank is not None:
                        hits += [((rank, more.untraced), more) for more in longer]
                    elif link.target and link.target not in seen and passable(link):
                        onward.setdefault(link.target, []).extend(longer)
            if hits:
                best = min(rank for rank, _ in hits)
                return [route for rank, route in hits if rank == best]
            level = onward
            seen |= onward.keys()
        return []

    def _on(self, route: _Route, link: PropertyModel) -> list[_Route]:
        """Go on along a link: by each of its alternatives."""
        traced = self._profile.trace.properties.get(link.predicate)
        untraced = route.untraced + (traced is None)
        inherited = route.inherited + (traced is not None and traced.inherited)
        names = (*route.names, link.name)
        return [_Route(untraced, inherited, (*route.steps, *sequence), names) for sequence in link.path]

    def _is_traced(self, link: PropertyModel) -> bool:
        return link.predicate in self._profile.trace.properties

    def _links(self, classes: frozenset[str]) -> Iterator[PropertyModel]:
        """Iterate over the links of classes and their subclasses, each once."""
        found: dict[tuple[object, ...], PropertyModel] = {}
        for iri in sorted({one for each in classes for one in self._family(each)}):
            model = self._profile.classes[iri]
            for link in model.properties if self._visible(model) else ():
                if link.exposure in self._shown and _leads_to_nodes(link) and self._reachable(link.target):
                    found.setdefault((link.name, link.path, link.target), link)
        yield from found.values()

    def _reachable(self, target: str) -> bool:
        model = self._profile.classes.get(target)
        return model is None or self._visible(model)

    def _visible(self, model: ClassModel) -> bool:
        return model.exposure in self._shown

    def _family(self, iri: str) -> frozenset[str]:
        model = self._profile.classes.get(iri)
        return frozenset() if model is None else frozenset({iri, *model.children})

    def _label_at(self, names: tuple[str, ...]) -> Text:
        classes = frozenset({self._of})
        label = Text()
        for name in names:
            links = [link for link in self._links(classes) if link.name == name]
            label = next((link.labels for link in links if link.labels), label)
            classes = frozenset(link.target for link in links)
        return label

    def _schemes(self) -> list[rdflib.term.Node]:
        return sorted(self._profile.ontology.subjects(RDF.type, SKOS.ConceptScheme), key=str)

    def _scheme(self, name: str) -> rdflib.URIRef | None:
        """Find a concept scheme by IRI, prefixed name, local name (any case) or label."""
        wanted = self._profile.expand(name)
        for scheme in self._schemes():
            texts = text_of(self._profile.ontology, scheme, *LABELS).values()
            if wanted == str(scheme) or name in texts or name.lower() == local_name(str(scheme)).lower():
                return rdflib.URIRef(str(scheme))
        return None


def _leads_to_nodes(link: PropertyModel) -> bool:
    return bool(link.is_iri or link.target or (link.values and all(is_iri(v) for v in link.values)))
