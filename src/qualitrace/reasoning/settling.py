"""Run the steps of a stratum until nothing is new (floor 2).

Each step is asked once as a whole, inside the store. Afterwards it is asked only what follows from the facts
that came since (semi-naive), unless these are so many that asking it as a whole is quicker.
"""

from __future__ import annotations

from collections.abc import Sequence

from qualitrace.errors import QueryError
from qualitrace.reasoning.changing import AT_ONCE, following
from qualitrace.reasoning.failing import MAX_ROUNDS, endless, failed
from qualitrace.reasoning.model import Program, Step, fact_key, meet
from qualitrace.reasoning.planning import StepPlan, plan_of
from qualitrace.reasoning.presence import held
from qualitrace.store import INFERRED, Concluding, SparqlEngine
from qualitrace.terms import Fact

_SHARE = 5  # a fact that is named in a query costs about so many times what one of all costs


class Stratum:
    """One stratum of a program on its way to its fixpoint."""

    def __init__(self, engine: SparqlEngine, program: Program, at: int) -> None:
        self._engine = engine
        self._program = program
        self._at = at
        self._steps = program.strata[at]
        self._found: list[Fact] = []
        self._seen: dict[Step, int] = {}  # how many of those found a step has been asked about

    def settled(self) -> list[Fact]:
        """Put what follows into the inferred graph. Returns it, each fact once.

        Raises ProfileError for a rule that cannot run, or that goes on and on.
        """
        for _ in range(MAX_ROUNDS):
            before = len(self._found)
            asked = [step for step in self._steps if self._ask(step)]
            if not asked or (len(self._found) == before and len(self._seen) == len(self._steps)):
                return self._found
        raise endless({step.name for step in self._steps if self._news(step)})

    def _ask(self, step: Step) -> bool:
        """Ask a step for what it has not been asked about yet. Tells whether there was anything."""
        if step not in self._seen:
            self._whole(step)
            return True
        news = self._news(step)
        if not news:
            self._seen[step] = len(self._found)
        elif len(news) > AT_ONCE and len(news) * _SHARE > len(self._found):
            self._whole(step)
        else:
            self._by_change(self._plan(step), news)
        return bool(news)

    def _news(self, step: Step) -> set[Fact]:
        seen = self._seen.get(step, 0)
        return {fact for fact in self._found[seen:] if meet((fact_key(fact),), step.reads)}

    def _whole(self, step: Step) -> None:
        seen = len(self._found)
        self._found += _concluded(self._engine, step)
        feeds_itself = meet(step.writes, step.reads) and not step.closed
        self._seen[step] = seen if feeds_itself else len(self._found)

    def _by_change(self, plan: StepPlan, news: set[Fact]) -> None:
        self._seen[plan.step] = len(self._found)
        new = {fact for fact in following(self._engine, plan, news) if not held(self._engine, None, fact)}
        self._engine.change(INFERRED, new, ())
        self._found += new

    def _plan(self, step: Step) -> StepPlan:
        plans: Sequence[StepPlan] = plan_of(self._program).strata[self._at].steps
        return plans[self._steps.index(step)]


def _concluded(engine: SparqlEngine, step: Step) -> list[Fact]:
    """Run one step. Facts about blank nodes of the ontology are not kept: the registry has none."""
    try:
        if isinstance(engine, Concluding):
            return engine.conclude(step.query, INFERRED)
        found = dict.fromkeys(engine.construct(step.query))
    except QueryError as error:
        raise failed(step, error) from error
    named = [fact for fact in found if not fact.subject.startswith("_:") and not fact.object.startswith("_:")]
    new = [fact for fact in named if not held(engine, None, fact)]
    engine.change(INFERRED, new, ())
    return new
