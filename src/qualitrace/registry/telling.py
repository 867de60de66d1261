"""What rules conclude, as far as it may be told to who asks (floor 3).

Of a registry, or a past state, everything. A view is told what its own facts conclude (decision 9): a rule
that asks whether a hidden fact is missing would tell of it, so such a rule is not answered at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from qualitrace.budget import look
from qualitrace.profile.model import RuleModel
from qualitrace.reasoning import Program, Step, conclusions, dated_rules
from qualitrace.reasoning.model import meet
from qualitrace.registry.past import Past
from qualitrace.registry.private import has_private, private_facts
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.terms import Fact

Asked = Registry | Past | Seen


@dataclass(frozen=True)
class Telling:
    """The rules of a state on a day. Ask within ``state.reading()``."""

    state: Asked
    day: dt.date

    @cached_property
    def program(self) -> Program:
        """The axioms and rules whose conclusions are stored and may be explained."""
        if not isinstance(self.state, Seen):
            return self.state._projection.program
        whole, unclear = self.state.program, self.state.derivations.unclear
        if not unclear:
            return whole
        kept = (tuple(step for step in stratum if step.name not in unclear) for stratum in whole.strata)
        return Program(tuple(stratum for stratum in kept if stratum))

    @cached_property
    def dated(self) -> tuple[Step, ...]:
        """The dated rules that may be answered, for the day."""
        rules = (self.step(rule) for rule in dated_rules(self.state.profile))
        return tuple(step for step in rules if step is not None)

    def step(self, rule: RuleModel) -> Step | None:
        """Return a dated rule for the day; None when its answer would tell of what is hidden."""
        kept = self.state.dated if isinstance(self.state, Seen) else self.state._projection.dated
        step = kept.on(rule, self.state.profile, self.day)
        if not isinstance(self.state, Seen):
            return step
        hidden = self.state.derivations.tainted
        return None if meet(step.settled, hidden) or (step.unsteady and hidden) else step

    def concluded(self, step: Step) -> list[Fact]:
        """Return what a rule concludes. Raises TimeUpError, ProfileError."""
        look("conclusions")
        found = conclusions(self.state.engine, step)
        return found if self._open else [fact for fact in found if self._shown(fact)]

    @cached_property
    def hidden(self) -> frozenset[Fact]:
        """The facts of the state that are shown to nobody; what a view holds is shown."""
        return private_facts(self.state)

    @cached_property
    def _open(self) -> bool:
        return not isinstance(self.state, Seen) and not has_private(self.state.profile)

    def _shown(self, fact: Fact) -> bool:
        """Tell whether a conclusion may be shown: it is in no store, so no view has judged it."""
        if isinstance(self.state, Seen):
            return self.state.may_see(fact)
        return self.state.views.veil().lock(fact) is not None
