"""The schema of questions across registries (floor 4). It is the same whatever the profile."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Right
from qualitrace.across import Across, sees
from qualitrace.graphql.across_fields import AcrossContext, across_fields
from qualitrace.graphql.admission import Admission
from qualitrace.graphql.asking import asker
from qualitrace.graphql.build import module
from qualitrace.graphql.guard import Guard
from qualitrace.graphql.limits import Limits
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.read_log import read_log_fields
from qualitrace.graphql.rights import ALL
from qualitrace.graphql.scalars import SCALAR_MAP
from qualitrace.graphql.schema import Schema

# What asking one registry costs; the question as a whole costs that as often as there are registries.
WEIGHTS: Mapping[str, int] = {"registries": 1, "coverage": 300, "adoption": 100, "duplicates": 150}
_BY_REGISTRY = frozenset({"registries", "asked", "without", "left"})  # lists as long as there are registries
_LENGTHS: Mapping[str, int] = {"nodes": 5, "reached": 5, "gaps": 5, "missing": 5, "keys": 3, "classes": 3}


@dataclass(frozen=True)
class AcrossBounds:
    """What a question across registries takes: it grows with how many there are (their ``names``)."""

    names: tuple[str, ...]

    @property
    def state(self) -> Hashable:
        """Return None: what is counted depends on what a text in variables says (``only``)."""
        return None

    def listed(self, root: str, where: Any) -> int | None:
        """Return None: nothing is listed in pages."""
        return None

    def values(self, parent: str, name: str, where: Any) -> int | None:
        """Return how long a list is: as there are registries, or about what one registry has."""
        return len(self.names) if name in _BY_REGISTRY else _LENGTHS.get(name)

    def weight(self, name: str, given: Mapping[str, Any]) -> int | None:
        """Return what asking every registry costs, of those whose names begin as is wanted."""
        if name not in WEIGHTS:
            return 0
        only = given.get("only")
        begin = only if isinstance(only, str) else ""
        return WEIGHTS[name] * sum(one.startswith(begin) for one in self.names)


def build_across_schema(
    across: Across,
    names: Callable[[], tuple[str, ...]],
    *,
    reading: Any = None,
    limits: Limits | None = None,
    rights: frozenset[Right] = ALL,
) -> Schema:
    """Make the schema that answers for all registries, ready to be executed.

    ``names`` returns those of the registries there are, soon; ``reading`` stands where a registry would
    (:class:`qualitrace.graphql.Reading`). Who asks is said at each request
    (:func:`qualitrace.graphql.asking.on_behalf_of`).
    """

    def context(query: bool) -> AcrossContext:
        asking = asker()
        write = asking.access.note if asking.access is not None else _unexpected
        return AcrossContext(across.seen_as(sees(asking.caller)), asking.caller, write, reading)

    admission = Admission(limits or Limits(), lambda: AcrossBounds(names()))
    schema = _schema([lambda: Guard(admission, context, nullcontext)], rights)
    schema.admission = admission
    schema.persisted = Persisted((), ())
    return schema


def across_schema_text(rights: frozenset[Right] = ALL) -> str:
    """Return the schema in the schema definition language."""
    return _schema([], rights).as_str().rstrip() + "\n"


def _schema(extensions: list[Callable[[], Any]], rights: frozenset[Right]) -> Schema:
    fields = across_fields() | (read_log_fields() if Right.READ_LOG in rights else {})
    with module({}) as types:
        query = strawberry.type(
            types.raw_class("Query", (), {}, fields),
            name="Query",
            description="可以向所有登记库问什么 / What can be asked of all registries",
        )
        return Schema(query=query, extensions=extensions, config=StrawberryConfig(scalar_map=SCALAR_MAP))


def _unexpected(read: PersonalRead) -> None:
    raise AssertionError("personal data was shown where nothing is noted")
