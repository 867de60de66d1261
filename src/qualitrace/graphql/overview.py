"""What a registry holds, at a glance (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiModel, ApiType, Kind
from qualitrace.graphql.names import lower_first
from qualitrace.graphql.reading import Reading
from qualitrace.graphql.sources import source_of
from qualitrace.profile.model import Profile
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
    abstract: bool = False  # every node of it is of a more special class too


def overview(
    reading: Reading,
    *,
    protected: bool = True,
    as_of: dt.date | None = None,
    model: ApiModel | None = None,
) -> tuple[ClassSummary, ...]:
    """Count the nodes of every listed class, and judge those with chains; the largest first.

    ``model``: what the API shows, where it is known; ``protected`` is not asked then.
    """
    model = model or derive(reading.profile, protected=protected)
    listed = [type_ for type_ in model.types.values() if type_.root]
    found = [_summary(reading, model, type_, as_of) for type_ in listed]
    return tuple(sorted(found, key=lambda one: (-one.count, one.name)))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the names of the API are called: types, root fields and fields; enum members by field."""

    names: Mapping[str, Text]
    values: Mapping[str, Mapping[str, Text]]


def vocabulary(profile: Profile, *, protected: bool = True) -> Vocabulary:
    """Return what names are called; where classes differ about a field, the first by name counts."""
    model = derive(profile, protected=protected)
    names: dict[str, Text] = {}
    values: dict[str, Mapping[str, Text]] = {}
    for type_ in sorted(model.types.values(), key=lambda one: one.name):
        if type_.root:
            names[type_.root] = names[lower_first(type_.name)] = type_.labels
    for class_ in sorted(profile.classes.values(), key=lambda one: one.name):
        for prop in class_.properties:
            fields = model.fields_named(class_.name, prop.name)
            if fields and prop.labels:
                names.setdefault(prop.name, prop.labels)
            if fields and fields[0].kind is Kind.ENUM:
                values.setdefault(prop.name, model.enums[fields[0].scalar].labels)
    return Vocabulary(names, values)


def _summary(reading: Reading, api: ApiModel, type_: ApiType, as_of: dt.date | None) -> ClassSummary:
    model = reading.profile.classes[type_.iri]
    counted = ClassSummary(
        type_.name, type_.root, type_.labels, _count(reading, api, type_), abstract=model.abstract
    )
    if not model.chains or not counted.count:
        return counted
    coverage = reading.coverage(type_.iri, as_of=as_of)
    return replace(counted, complete=coverage.complete, judged=len(coverage.verdicts))


def _count(reading: Reading, model: ApiModel, type_: ApiType) -> int:
    return source_of(reading.engine, model, reading.base).number(type_.name)
