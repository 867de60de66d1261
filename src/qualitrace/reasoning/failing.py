"""When a rule cannot be run, or does not come to an end (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable

from qualitrace.errors import ProfileError, QueryError
from qualitrace.reasoning.model import Step
from qualitrace.text import Text

MAX_ROUNDS = 1_000  # a rule that still finds something new after so many rounds makes up values


def failed(step: Step, error: QueryError) -> ProfileError:
    """Say that a step could not be run."""
    return ProfileError(
        Text(zh=f"规则“{step.name}”无法运行。", en=f"The rule “{step.name}” cannot be run."),
        where=error.where,
        hint=error.hint,
    )


def endless(names: Iterable[str]) -> ProfileError:
    """Say that steps went on and on."""
    return ProfileError(
        Text(
            zh=f"推理经过 {MAX_ROUNDS} 轮仍不断得出新结论。",
            en=f"Reasoning still finds something new after {MAX_ROUNDS} rounds.",
        ),
        where=", ".join(sorted(names)),
        hint=Text(
            zh="请检查这些规则：结论里多半造出了新的值。",
            en="Look at these rules: one of them probably makes up new values.",
        ),
    )
