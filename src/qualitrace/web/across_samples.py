"""Questions that can be asked of any registries, as examples (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator

from qualitrace.profile.model import OperationModel, Profile
from qualitrace.profile.shared import shared_keys
from qualitrace.text import Text
from qualitrace.tracing.schema import TraceSchema

_REGISTRIES = """query Registries {
  registries { name position at state }
}
"""
_COVERAGE = """query Coverage($of: String!) {
  coverage(of: $of) {
    ofLabel
    asOf
    registries { registry total complete gaps { absence count } }
    total { total complete gaps { absence count } }
    partial
    left { registry why }
  }
}
"""
_ADOPTION = """query Adoption($of: String!, $to: String! = "") {
  adoption(of: $of, to: $to) {
    keys { label value }
    registries { registry nodes { code label reached { label } missing { absence } } }
    without
    partial
    left { registry why }
  }
}
"""
_DUPLICATES = """query Duplicates {
  duplicates {
    found { key { value label } nodes { registry code label } }
    partial
    left { registry why }
  }
}
"""


def sample_questions(profile: Profile) -> tuple[OperationModel, ...]:
    """Return the questions, with a class of the profile filled in."""
    return tuple(_questions(profile))


def _questions(profile: Profile) -> Iterator[OperationModel]:
    there = Text(zh="有哪些登记库，各到哪一号变更？", en="Which registries are there, and how far is each?")
    yield OperationModel("Registries", there, _REGISTRIES, {}, True)
    schema = TraceSchema(profile)
    judged = [one.name for one in profile.classes.values() if schema.chains(frozenset({one.iri}))]
    if judged:
        counted = Text(zh="各库与合计有多少，多少链条齐全？", en="How many are there, and how many complete?")
        yield OperationModel("Coverage", counted, _COVERAGE, {"of": min(judged)}, True)
    if shared_keys(profile):
        had = Text(
            zh="哪些库采用了，落到谁；哪些没有？", en="Which registries have adopted it, which have not?"
        )
        yield OperationModel("Adoption", had, _ADOPTION, {"of": "", "to": ""}, True)
        twice = Text(zh="哪些通用编码重复？", en="Which shared codes are there twice?")
        yield OperationModel("Duplicates", twice, _DUPLICATES, {}, True)
