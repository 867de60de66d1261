"""Run a profile's axioms and rules to a fixpoint."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.profile.model import Profile
from qualitrace.reasoning.changing import Change
from qualitrace.reasoning.model import InferenceResult, Program
from qualitrace.reasoning.planning import plan_of
from qualitrace.reasoning.program import compile_program
from qualitrace.reasoning.settling import Stratum
from qualitrace.store import INFERRED, SparqlEngine
from qualitrace.terms import Fact

MANY = 1_000  # so many new facts, and nothing inferred yet: it is worked out as a whole
Facts = Iterable[Fact]


def infer(
    engine: SparqlEngine,
    profile: Profile,
    program: Program | None = None,
    *,
    changed: tuple[Facts, Facts] | None = None,
    before: int | None = None,
) -> InferenceResult:
    """Make the inferred graph hold what follows from the stated facts.

    It never holds a fact that is stated, or said by the profile. When a rule fails, it is left as it was.

    ``changed``: the stated facts that appeared and those that disappeared, already changed in the store,
    since the inferred graph was last right; what follows is then brought up to date from them, without
    working it all out again. ``before``: how many facts were inferred then; without it nobody counts how
    many there are now.
    ``program`` spares compiling the profile again (:func:`compile_program`).

    Raises ProfileError for rules that may not or cannot run.
    """
    program = program or compile_program(profile)
    if changed is None:
        return _anew(engine, program)
    added, removed = (tuple(facts) for facts in changed)
    if len(added) > MANY and next(engine.facts(INFERRED), None) is None:
        return _anew(engine, program)
    change = Change(engine, plan_of(program))
    change.run(added, removed)
    added, removed = tuple(sorted(change.entered)), tuple(sorted(change.left))
    total = None if before is None else before + len(added) - len(removed)
    return InferenceResult(added, removed, total)


def _anew(engine: SparqlEngine, program: Program) -> InferenceResult:
    """Work everything out, whatever the inferred graph holds."""
    before = set(engine.facts(INFERRED))
    engine.load(INFERRED, "")
    try:
        sofar = _run(engine, program)
    except Exception:
        engine.load(INFERRED, "")
        engine.change(INFERRED, before, ())
        raise
    return InferenceResult(tuple(sorted(sofar - before)), tuple(sorted(before - sofar)), len(sofar))


def _run(engine: SparqlEngine, program: Program) -> set[Fact]:
    sofar: set[Fact] = set()
    for at in range(len(program.strata)):
        sofar.update(Stratum(engine, program, at).settled())
    return sofar
