"""What a tried state would be by more rules than the profile has (floor 3)."""

from __future__ import annotations

from qualitrace.profile.model import Profile
from qualitrace.reasoning import compile_program, infer
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry
from qualitrace.terms import Fact
from qualitrace.validation import compile_shapes


def by_rules(registry: Registry, tried: Past, profile: Profile) -> tuple[Past, list[Fact], list[Fact]]:
    """Return a tried state reasoned about and checked by another profile with the same ontology.

    The tried state is used up. Also returns the facts that follow newly, and those that no longer do.
    Raises ProfileError for rules that may not or cannot run.
    """
    projection = tried.projection
    index = projection.index  # while it still says what the store says
    program = compile_program(profile)
    projection._profile, projection._compiled = profile, program
    result = infer(projection.engine, profile, program)
    index.apply(result.added, result.removed)
    shapes = compile_shapes(profile.shapes)
    made = Past(tried.journal, profile, registry.base, projection, shapes, tried=tried.tried)
    return made, sorted(result.added), sorted(result.removed)
