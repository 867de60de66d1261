"""How much there is of what can be asked for, in one state of a store (floor 4).

What an operation may cost at most is counted with this before it runs. A number is read from the store once
and then grows with the facts that are added, until so many were that it is read anew.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from qualitrace.graphql.model import ApiModel, ApiType, Kind
from qualitrace.graphql.paging import MAX_PAGE
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.sparql import values_block
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store import EngineView, OxigraphEngine
from qualitrace.terms import RDF_TYPE, SKOS_NOTATION, lit_of

FEW = 50  # nodes that a filter names: so few are not looked up
ROOM = 4  # facts added since, or a third of what was read, before it is read again
Counted = OxigraphEngine | EngineView


@dataclass
class _Read:
    """Numbers read from one store: each with how many facts had come by then."""

    number: int  # no other store has the same
    numbers: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Sizes:
    """The numbers of every state that was asked about, for as long as the state is."""

    def __init__(self, model: ApiModel) -> None:
        self._model = model
        self._roots = {type_.root: type_ for type_ in model.types.values() if type_.root}
        self._read: WeakKeyDictionary[Counted, _Read] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._stores = itertools.count()

    def of(self, state: Reading) -> Bounds | None:
        """Return what bounds answers about a state; None where its store tells nothing."""
        engine = state.engine
        if not isinstance(engine, OxigraphEngine | EngineView):
            return None
        with self._lock:
            read = self._read.get(engine) or self._read.setdefault(engine, _Read(next(self._stores)))
        return Bounds(engine, state.reading, self._model, self._roots, read)


@dataclass(frozen=True)
class Bounds:
    """What bounds the lists of an answer: never less than there is."""

    engine: Counted
    reading: Callable[[], AbstractContextManager[None]]
    model: ApiModel
    roots: dict[str, ApiType]
    read: _Read

    @property
    def state(self) -> tuple[int, int]:
        """Which state of which store this is: as long as it is the same, so are all numbers."""
        return self.read.number, self.engine.position

    def listed(self, root: str, where: Any) -> int | None:
        """Return how many nodes a root field lists at most; None for a field that lists none."""
        type_ = self.roots.get(root)
        return None if type_ is None else self._chosen(type_, where)

    def weight(self, name: str, given: Mapping[str, Any]) -> int | None:
        """Return None: what it costs to work a field out is said elsewhere."""
        return None

    def values(self, parent: str, name: str, where: Any) -> int | None:
        """Return how many values or nodes a field of a node has at most; None for one the model has not."""
        found = self.model.fields_named(parent, name) if parent in self.model.types else []
        if not found:
            return None
        most = 1
        for one in found:
            if not one.many:
                continue
            ends = self._ends(one.path)
            target = self.model.types.get(one.scalar) if one.kind is Kind.LINK else None
            if where is not None and target is not None:
                ends = min(ends, self._chosen(target, where))
            most = max(most, ends)
        return most

    def _chosen(self, type_: ApiType, where: Any) -> int:
        named = _named(where, "id")
        most = len(named) if named is not None else MAX_PAGE
        if most > FEW:
            most = min(most, self._nodes(type_))
        coded = _named(where, "code")
        if coded is not None:
            most = min(most, len(coded) * self._sharing(type_))
        return most

    def _nodes(self, type_: ApiType) -> int:
        kinds = values_block("?kind", sorted(type_.family))
        query = f"SELECT (COUNT(DISTINCT ?n) AS ?most) WHERE {{ {kinds} ?n <{RDF_TYPE}> ?kind }}"
        return self._number(("nodes", type_.iri), (RDF_TYPE,), query)

    def _sharing(self, type_: ApiType) -> int:
        """How many nodes of a type have one code at most."""
        kinds = values_block("?kind", sorted(type_.family))
        inner = (
            f"SELECT ?text (COUNT(DISTINCT ?n) AS ?c) WHERE {{ {kinds} ?n <{RDF_TYPE}> ?kind ."
            f" ?n <{SKOS_NOTATION}> ?code BIND(STR(?code) AS ?text) }} GROUP BY ?text"
        )
        query = f"SELECT (MAX(?c) AS ?most) WHERE {{ {{ {inner} }} }}"
        return self._number(("codes", type_.iri), (RDF_TYPE, SKOS_NOTATION), query)

    def _ends(self, path: PropertyPath) -> int:
        total = 0
        for steps in path:
            most = 1
            for step in steps:
                most *= self._fan(step)
            total += most
        return total

    def _fan(self, step: PathStep) -> int:
        """How many values one node has for a step at most."""
        near = "?o" if step.inverse else "?s"
        inner = f"SELECT {near} (COUNT(*) AS ?c) WHERE {{ ?s <{step.predicate}> ?o }} GROUP BY {near}"
        query = f"SELECT (MAX(?c) AS ?most) WHERE {{ {{ {inner} }} }}"
        return self._number(("fan", step), (step.predicate,), query)

    def _number(self, key: Hashable, predicates: Iterable[str], query: str) -> int:
        came = sum(map(self.engine.came, predicates))
        number = self._kept(key, came)
        if number is not None:
            return number
        with self.reading(), self.read.lock:
            came = sum(map(self.engine.came, predicates))
            number = self._kept(key, came)
            if number is None:
                number = _integer(self.engine.select(query))
                self.read.numbers[key] = (number, came)
        return number

    def _kept(self, key: Hashable, came: int) -> int | None:
        number, then = self.read.numbers.get(key, (0, -1))
        since = came - then
        return number + since if then >= 0 and since <= max(ROOM, number // 3) else None


def _integer(rows: list[Any]) -> int:
    return int(lit_of(rows[0]["most"]).value) if rows and "most" in rows[0] else 0


def _named(where: Any, name: str) -> frozenset[str] | None:
    """Return the identifiers or codes that a filter names, where all that it finds is among them."""
    if not isinstance(where, dict):
        return None
    found = [named for test in _tests(where.get(name)) if (named := test) is not None]
    found += [one for part in _listed(where.get("and")) if (one := _named(part, name)) is not None]
    either = [_named(part, name) for part in _listed(where.get("or"))]
    if either and all(one is not None for one in either):
        found.append(frozenset().union(*(one for one in either if one is not None)))
    return min(found, key=len, default=None)


def _tests(test: Any) -> Iterable[frozenset[str] | None]:
    if not isinstance(test, dict):
        return
    if test.get("eq") is not None:
        yield frozenset({str(test["eq"])})
    if isinstance(test.get("in"), list):
        yield frozenset(map(str, test["in"]))


def _listed(parts: Any) -> list[Any]:
    """A list as it is given: one alone may stand without brackets (GraphQL 3.11)."""
    return parts if isinstance(parts, list) else [] if parts is None else [parts]
