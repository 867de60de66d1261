"""What follows from hidden facts only (floor 3).

A rule may carry a hidden value into a fact that by itself would be open. Such a fact is shown to those
only who see enough to conclude it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache

from qualitrace.profile.model import Profile
from qualitrace.reasoning import Program, Reason, reasons
from qualitrace.reasoning.model import ANYTHING, Key, fact_key, meet
from qualitrace.reasoning.patterns import Bind, Filter, Group, Minus, Part, Select, Triples, Union, groups_in
from qualitrace.reasoning.patterns import Optional as Optionally
from qualitrace.reasoning.planning import StepPlan, plan_of
from qualitrace.reasoning.presence import held
from qualitrace.store import INFERRED, PROFILE, STATED, SparqlEngine
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri

Seen = Callable[[Fact], bool]


class Derivations:
    """Tells which inferred facts may rest on hidden ones, and whether one also follows without them."""

    def __init__(self, profile: Profile, engine: SparqlEngine, program: Callable[[], Program]) -> None:
        self._profile, self._engine, self._program = profile, engine, program
        self._hidden: frozenset[Key] = frozenset()
        self._steps: tuple[StepPlan, ...] = ()
        self.reads: frozenset[Key] = frozenset()
        self.writes: frozenset[Key] = frozenset()
        self.tainted: frozenset[Key] = frozenset()  # what is hidden, and what may follow from it
        self.unclear: frozenset[str] = frozenset()  # steps that ask after hidden facts without using one

    def hide(self, keys: frozenset[Key]) -> bool:
        """Say the keys of all hidden facts; returns whether other facts are doubtful now."""
        if keys == self._hidden:
            return False
        before, self._hidden = self.writes, keys
        tainted, steps = keys, dict[str, StepPlan]()
        everything = (
            [step for stratum in plan_of(self._program()).strata for step in stratum.steps] if keys else []
        )
        while new := [s for s in everything if s.step.name not in steps and meet(tainted, s.step.reads)]:
            steps |= {step.step.name: step for step in new}
            tainted = tainted.union(*(step.step.writes for step in new))
        found = tuple(steps.values())
        self.reads = frozenset[Key]().union(*(step.step.reads for step in found))
        self.writes = frozenset[Key]().union(*(step.step.writes for step in found))
        predicates = frozenset(key.split(" ")[0] for key in tainted)
        self.tainted = tainted
        self.unclear = frozenset(step.step.name for step in found if _unclear(step, predicates))
        return before != self.writes or bool(self.writes)

    def doubtful(self, fact: Fact) -> bool:
        """Tell whether a rule that may read hidden facts can have concluded a fact."""
        return bool(self.writes) and meet((fact_key(fact),), self.writes)

    def all_doubtful(self) -> Iterator[Fact]:
        """Iterate over the inferred facts that such a rule can have concluded."""
        if ANYTHING in self.writes:
            yield from self._engine.facts(INFERRED)
            return
        for predicate in {key.split(" ")[0] for key in self.writes}:
            yield from (f for f in self._engine.facts(INFERRED, predicate=predicate) if self.doubtful(f))

    def follows(self, fact: Fact, seen: Seen) -> bool:
        """Tell whether a fact is concluded from facts that are seen, down to what is stated."""
        return self._follows(fact, seen, frozenset())

    def _follows(self, fact: Fact, seen: Seen, above: frozenset[Fact]) -> bool:
        if held(self._engine, PROFILE, fact):
            return True
        if not seen(fact):
            return False
        if held(self._engine, STATED, fact):
            return True
        if not held(self._engine, INFERRED, fact):
            return False
        below, without = above | {fact}, above
        while True:
            unproven = set[Fact]()
            for reason in self._reasons(fact, without):
                missing = next((one for one in reason.facts if not self._follows(one, seen, below)), None)
                if missing is None:
                    return True
                unproven.add(missing)
            if not unproven:
                return False
            without |= unproven

    def _reasons(self, fact: Fact, without: frozenset[Fact]) -> Iterable[Reason]:
        found = reasons(self._engine, self._profile, self._program(), fact, without=without)
        return [one for one in found if one.facts and one.step not in self.unclear]


def _unclear(plan: StepPlan, hidden: Collection[str]) -> bool:
    """Whether a rule may ask after hidden facts without using one: what it concludes then tells of them."""
    return plan.body is None or any(_asks(part, hidden) for part in _asked(plan.body))


def _asked(group: Group) -> Iterator[Group]:
    """The groups of EXISTS and MINUS in a group."""
    for part in group.parts:
        match part:
            case Filter() | Bind():
                yield from groups_in(part.words)
            case Minus():
                yield part.group
            case Optionally():
                yield from _asked(part.group)
            case Union():
                for branch in part.branches:
                    yield from _asked(branch)
            case Select():
                if part.counts:
                    yield part.where
                yield from _asked(part.where)
            case _:
                pass


def _asks(group: Group, hidden: Collection[str]) -> bool:
    return any(_part_asks(part, hidden) for part in group.parts)


def _part_asks(part: Part, hidden: Collection[str]) -> bool:
    match part:
        case Triples():
            return any(
                not isinstance(one.predicate, str)
                or one.predicate.startswith("?")
                or ANYTHING in hidden
                or _name(one.predicate) in hidden
                for one in part.triples
            )
        case Filter() | Bind():
            return any(_asks(inner, hidden) for inner in groups_in(part.words))
        case Minus() | Optionally():
            return _asks(part.group, hidden)
        case Union():
            return any(_asks(branch, hidden) for branch in part.branches)
        case Select():
            return _asks(part.where, hidden)
        case _:
            return False


@lru_cache(maxsize=1024)
def _name(predicate: str) -> str:
    return RDF_TYPE if predicate == "a" else iri_of(predicate) if is_iri(predicate) else predicate
