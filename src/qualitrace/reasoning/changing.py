"""Bring the inferred facts up to date with facts that were stated or withdrawn (floor 2).

Stratum by stratum, so that what is negated or counted is settled first. In each stratum, what may no
longer follow is taken out, with all that rests on it (found while the facts that are gone can still be
seen, in a graph of their own); then what follows all the same is put back, and what follows anew is put
in. This is delete and rederive (Gupta, Mumick, Subrahmanian, SIGMOD 1993); below negation and counting,
the values that a change can touch are found and what holds for them is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from qualitrace.errors import QueryError
from qualitrace.reasoning.failing import MAX_ROUNDS, endless, failed
from qualitrace.reasoning.model import Step, fact_key, meet
from qualitrace.reasoning.planning import ProgramPlan, StepPlan, Target, taking
from qualitrace.reasoning.presence import LEAVING, as_kept, held
from qualitrace.reasoning.writing import Binding, Template
from qualitrace.store import INFERRED, PROFILE, STATED, SparqlEngine
from qualitrace.terms import Fact, iri_of, is_iri

AT_ONCE = 500  # values in one query


class Change:
    """One change of the stated facts, already made, on its way through the inferred ones.

    ``entered`` and ``left``: what came into the inferred graph and what went.
    """

    def __init__(self, engine: SparqlEngine, plan: ProgramPlan) -> None:
        self._engine = engine
        self._plan = plan
        self._gone: set[Fact] = set()  # seen before the change, in no graph now
        self._new: set[Fact] = set()  # the reverse
        self.entered: set[Fact] = set()
        self.left: set[Fact] = set()

    def run(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """Bring the inferred graph up to date. When this fails, the graph is as it was."""
        try:
            self._take(added, removed)
            for at in range(len(self._plan.strata)):
                self._settle(at)
        except Exception:
            self._engine.change(LEAVING, (), list(self._engine.facts(LEAVING)))
            self._engine.change(INFERRED, self.left, self.entered)
            raise

    def _take(self, added: Iterable[Fact], removed: Iterable[Fact]) -> None:
        """See which facts really appeared or disappeared, as the store writes them.

        What no step reads or writes is passed over: that is most of what changes.
        """
        added, removed = (
            [one for one in facts if meet((fact_key(one),), self._plan.keys)] for facts in (added, removed)
        )
        for fact in as_kept(self._engine, added):
            if held(self._engine, STATED, fact):
                if held(self._engine, INFERRED, fact):
                    self._drop([fact])  # it was there, and is stated now
                elif not held(self._engine, PROFILE, fact):
                    self._new.add(fact)
        kept = as_kept(self._engine, removed)
        self._gone = {fact for fact in kept if not held(self._engine, None, fact)}

    def _settle(self, at: int) -> None:
        stratum = self._plan.strata[at]
        gone = {fact for fact in self._gone if meet((fact_key(fact),), stratum.reads)}
        new = {fact for fact in self._new if meet((fact_key(fact),), stratum.reads)}
        doubtful = {fact for fact in self._gone if meet((fact_key(fact),), stratum.writes)}
        if not (gone or new or doubtful or stratum.unsteady):
            return
        again = _Again()
        doubtful = self._take_out(stratum.steps, gone, new, doubtful, again)
        back = self._rederived(at, doubtful)
        back.update(again.concluded(self._engine))
        placed = self._put_in(stratum.steps, back, new)
        for fact in placed:
            if fact in doubtful:
                self._gone.discard(fact)
            else:
                self._new.add(fact)
        self._gone |= doubtful - placed

    def _take_out(
        self,
        stratum: Sequence[StepPlan],
        gone: set[Fact],
        new: set[Fact],
        doubtful: set[Fact],
        again: _Again,
    ) -> set[Fact]:
        """Take out what may no longer follow. Returns it, with what was ``doubtful`` already."""
        self._engine.change(LEAVING, self._gone, ())
        doubtful = set(doubtful)
        frontier, appeared, first = gone | doubtful, new, True
        while frontier or appeared or first:
            found: set[Fact] = set()
            for plan in stratum:
                for values in self._touched(plan, frontier, appeared, again, first=first):
                    found |= self._conclusions(plan, values)
            found -= doubtful
            self._drop(found)
            self._engine.change(LEAVING, found, ())
            doubtful |= found
            frontier, appeared, first = found, set(), False
        self._engine.change(LEAVING, (), self._gone | doubtful)
        return doubtful

    def _touched(
        self, plan: StepPlan, gone: set[Fact], new: set[Fact], again: _Again, *, first: bool
    ) -> Iterator[Sequence[Binding]]:
        """Values of a step's head with which it may conclude something else than before."""
        if plan.anew:
            settled = any(meet((fact_key(fact),), plan.step.settled) for fact in new)
            if (first and plan.step.unsteady) or settled or any(plan.touched(fact_key(one)) for one in gone):
                again.whole(plan)
                yield [{}]
            return
        for target in plan.targets:
            facts = _fitting(target, gone | new if target.settled else gone)
            for some in _in_pieces(taking(target.edge, facts)):
                values = _bindings(self._engine, plan.step, target, some)
                if target.settled:
                    again.note(plan, target, values)
                yield values

    def _conclusions(self, plan: StepPlan, values: Sequence[Binding]) -> set[Fact]:
        """The inferred facts that a step may have concluded with these values."""
        found: set[Fact] = set()
        for triple in plan.head:
            for value in values:
                terms = [
                    value.get(str(part)) if str(part).startswith("?") else str(part)
                    for part in (triple.subject, triple.predicate, triple.object)
                ]
                subject, predicate, object_ = terms
                if (subject and not is_iri(subject)) or (predicate and not is_iri(predicate)):
                    continue
                if object_ and object_.startswith("_:"):
                    continue
                found.update(
                    self._engine.facts(
                        INFERRED,
                        subject=subject and iri_of(subject),
                        predicate=predicate and iri_of(predicate),
                        object=object_,
                    )
                )
        return found

    def _rederived(self, at: int, doubtful: set[Fact]) -> set[Fact]:
        """What follows from what is left, of facts that were taken out."""
        found: set[Fact] = set()
        for plan in (plan for stratum in self._plan.strata[: at + 1] for plan in stratum.steps):
            own = [fact for fact in doubtful - found if meet((fact_key(fact),), plan.step.writes)]
            if not own:
                continue
            if plan.anew:
                found |= doubtful.intersection(_ask(self._engine, plan.step, plan.step.query))
                continue
            for triple, template in zip(plan.head, plan.again, strict=True):
                for some in _in_pieces(taking(triple, own)):
                    found |= doubtful.intersection(_conclude(self._engine, plan.step, template, some))
        return found

    def _put_in(self, stratum: Sequence[StepPlan], found: set[Fact], new: set[Fact]) -> set[Fact]:
        """Put in what follows anew, and what follows from that. Returns what was put in."""
        placed: set[Fact] = set()
        frontier = new
        for _ in range(MAX_ROUNDS):
            fresh = {fact for fact in found if not held(self._engine, None, fact)}
            self._put(fresh)
            placed |= fresh
            frontier = frontier | fresh
            if not frontier:
                return placed
            found = set()
            for plan in stratum:
                found.update(following(self._engine, plan, frontier))
            frontier = set()
        raise endless({plan.step.name for plan in stratum})

    def _put(self, facts: set[Fact]) -> None:
        self._engine.change(INFERRED, facts, ())
        self.entered |= facts - self.left
        self.left -= facts

    def _drop(self, facts: Iterable[Fact]) -> None:
        facts = set(facts)
        self._engine.change(INFERRED, (), facts)
        self.left |= facts - self.entered
        self.entered -= facts


class _Again:
    """What has to be worked out again, once what is gone can no longer be seen."""

    def __init__(self) -> None:
        self._whole: dict[StepPlan, None] = {}
        self._values: dict[tuple[StepPlan, Target], list[Binding]] = {}

    def whole(self, plan: StepPlan) -> None:
        self._whole[plan] = None

    def note(self, plan: StepPlan, target: Target, values: Sequence[Binding]) -> None:
        if any(len(value) < len(target.names) for value in values):
            self.whole(plan)
        elif values:
            self._values.setdefault((plan, target), []).extend(values)

    def concluded(self, engine: SparqlEngine) -> Iterator[Fact]:
        for plan in self._whole:
            yield from _ask(engine, plan.step, plan.step.query)
        for (plan, target), values in self._values.items():
            if plan not in self._whole:
                for some in _in_pieces(values):
                    yield from _conclude(engine, plan.step, target.conclude, some)


def following(engine: SparqlEngine, plan: StepPlan, new: set[Fact]) -> Iterator[Fact]:
    """What a step concludes with a new fact that is in the store already."""
    if plan.anew:
        if any(plan.touched(fact_key(fact)) for fact in new):
            yield from _ask(engine, plan.step, plan.step.query)
        return
    for target in plan.targets:
        if not target.settled:
            for some in _in_pieces(taking(target.edge, _fitting(target, new))):
                yield from _conclude(engine, plan.step, target.conclude, some)


def _bindings(engine: SparqlEngine, step: Step, target: Target, values: Sequence[Binding]) -> list[Binding]:
    """Ask what a change touches. Values of the ontology's blank nodes cannot be named: left out."""
    try:
        rows = engine.select(target.find.filled(values))
    except QueryError as error:
        raise failed(step, error) from error
    return [
        {f"?{name}": term for name, term in row.items() if f"?{name}" in target.names and term[0] != "_"}
        for row in rows
    ]


def _conclude(
    engine: SparqlEngine, step: Step, template: Template, values: Sequence[Binding]
) -> Iterator[Fact]:
    return _ask(engine, step, template.filled(values))


def _ask(engine: SparqlEngine, step: Step, query: str) -> Iterator[Fact]:
    """Conclusions about named nodes: a registry has no others."""
    try:
        found = engine.construct(query)
    except QueryError as error:
        raise failed(step, error) from error
    return (fact for fact in found if fact.subject[0] != "_" and fact.object[0] != "_")


def _fitting(target: Target, facts: set[Fact]) -> list[Fact]:
    return [fact for fact in facts if meet((fact_key(fact),), target.keys)]


def _in_pieces(values: Sequence[Binding]) -> Iterator[Sequence[Binding]]:
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
