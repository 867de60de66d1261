"""What a registry holds, at a glance (floor 4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiType
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.sparql import values_block
from qualitrace.profile.model import Profile
from qualitrace.terms import lit_of
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """An exposed class: its API name, the root field that lists its nodes, how many there are.

    ``complete`` is how many of them have whole chains; None where the profile declares no chain.
    """

    name: str
    root: str
    labels: Text
    count: int
    complete: int | None = None
    judged: int = 0


def overview(
    reading: Reading, *, protected: bool = True, as_of: dt.date | None = None
) -> tuple[ClassSummary, ...]:
    """Count the nodes of every listed class, and judge those with chains; the largest first."""
    model = derive(reading.profile, protected=protected)
    listed = [type_ for type_ in model.types.values() if type_.root]
    found = [_summary(reading, type_, as_of) for type_ in listed]
    return tuple(sorted(found, key=lambda one: (-one.count, one.name)))


def field_labels(profile: Profile) -> dict[str, Text]:
    """Return what the fields of the API are called; the first class by name that has a field counts."""
    found: dict[str, Text] = {}
    for model in sorted(profile.classes.values(), key=lambda one: one.name):
        for prop in model.properties:
            if prop.labels and prop.exposure != "private":
                found.setdefault(prop.name, prop.labels)
    return found


def _summary(reading: Reading, type_: ApiType, as_of: dt.date | None) -> ClassSummary:
    count = _count(reading, type_)
    chains = reading.profile.classes[type_.iri].chains
    if not chains or not count:
        return ClassSummary(type_.name, type_.root, type_.labels, count)
    coverage = reading.coverage(type_.iri, as_of=as_of)
    return ClassSummary(
        type_.name, type_.root, type_.labels, count, coverage.complete, len(coverage.verdicts)
    )


def _count(reading: Reading, type_: ApiType) -> int:
    family = values_block("?kind", sorted(type_.family))
    query = f"SELECT (COUNT(DISTINCT ?node) AS ?count) WHERE {{ {family} ?node a ?kind }}"
    return int(lit_of(reading.engine.select(query)[0]["count"]).value)
