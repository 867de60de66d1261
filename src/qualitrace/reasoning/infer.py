"""Run a profile's axioms and rules to a fixpoint."""

from __future__ import annotations

from qualitrace.errors import ProfileError, QueryError
from qualitrace.profile.model import Profile
from qualitrace.reasoning.model import InferenceResult, Key, Program, Step, meet, type_key
from qualitrace.reasoning.program import compile_program
from qualitrace.store import INFERRED, Engine
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri
from qualitrace.text import Text

MAX_ROUNDS = 1_000  # a rule that still finds something new after so many rounds makes up values


def infer(engine: Engine, profile: Profile, program: Program | None = None) -> InferenceResult:
    """Work out anew what follows from the stated facts, and put it into the inferred graph.

    The inferred graph never holds a fact that is stated, or said by the profile. Everything is worked
    out again each time, so what no longer follows is gone. When a rule fails, the inferred graph is
    left as it was. ``program`` spares compiling the profile again (:func:`compile_program`).

    Raises ProfileError for rules that may not or cannot run.
    """
    program = program or compile_program(profile)
    before = set(engine.facts(INFERRED))
    engine.load(INFERRED, "")
    try:
        held = _run(engine, program)
    except Exception:
        engine.load(INFERRED, "")
        engine.change(INFERRED, before, ())
        raise
    return InferenceResult(tuple(sorted(held - before)), tuple(sorted(before - held)), len(held))


def _run(engine: Engine, program: Program) -> set[Fact]:
    held: set[Fact] = set()
    for stratum in program.strata:
        due = set(stratum)
        for _ in range(MAX_ROUNDS):
            for step in stratum:
                if step in due:
                    due.discard(step)
                    new = _new_facts(engine, step, held)
                    engine.change(INFERRED, new, ())
                    held |= new
                    due |= _woken(stratum, step, new)
            if not due:
                break
        else:
            raise _endless(due)
    return held


def _new_facts(engine: Engine, step: Step, held: set[Fact]) -> set[Fact]:
    """Run one step. Facts about blank nodes of the ontology are not kept: the registry has none."""
    try:
        found = set(engine.construct(step.query)) - held
    except QueryError as error:
        raise ProfileError(
            Text(zh=f"规则“{step.name}”无法运行。", en=f"The rule “{step.name}” cannot be run."),
            where=error.where,
            hint=error.hint,
        ) from error
    named = {fact for fact in found if not fact.subject.startswith("_:") and not fact.object.startswith("_:")}
    return named if step.fresh else {fact for fact in named if not _known(engine, fact)}


def _known(engine: Engine, fact: Fact) -> bool:
    found = engine.facts(subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return next(iter(found), None) is not None


def _woken(stratum: tuple[Step, ...], step: Step, new: set[Fact]) -> set[Step]:
    """Return the steps of a stratum that read something new."""
    keys = {_key(fact) for fact in new}
    return {other for other in stratum if meet(keys, other.reads) and not (other is step and step.closed)}


def _key(fact: Fact) -> Key:
    if fact.predicate == RDF_TYPE and is_iri(fact.object):
        return type_key(iri_of(fact.object))
    return fact.predicate


def _endless(due: set[Step]) -> ProfileError:
    names = ", ".join(sorted(step.name for step in due))
    return ProfileError(
        Text(
            zh=f"推理经过 {MAX_ROUNDS} 轮仍不断得出新结论。",
            en=f"Reasoning still finds something new after {MAX_ROUNDS} rounds.",
        ),
        where=names,
        hint=Text(
            zh="请检查这些规则：结论里多半造出了新的值。",
            en="Look at these rules: one of them probably makes up new values.",
        ),
    )
