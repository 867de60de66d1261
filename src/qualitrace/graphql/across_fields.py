"""What can be asked across registries, and on whose behalf it is answered (floor 4).

Every answer is what whoever asks sees of each registry. Personal data in it is noted, registry by registry,
before it is shown: where that fails nothing is.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import strawberry
from graphql import OperationDefinitionNode
from strawberry import UNSET

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Caller
from qualitrace.across import Across, Adoption, CoverageAcross, Duplicates, Reason, note
from qualitrace.budget import held
from qualitrace.graphql.across_keys_types import AdoptionAnswer, DuplicatesAnswer
from qualitrace.graphql.across_types import CoverageAcrossAnswer, StandingAnswer
from qualitrace.graphql.allowance import allowed
from qualitrace.graphql.node import given

Info = strawberry.Info[Any, Any]
Answer = TypeVar("Answer")
Found = TypeVar("Found", CoverageAcross, Adoption, Duplicates)


def _described(description: str) -> Any:
    return strawberry.argument(description=description)


Only = Annotated[str, _described("只问名称以此开头的登记库 / Only registries whose names begin so")]
AsOf = Annotated[dt.date | None, _described("哪一天；不写则今天 / On which date; today if not given")]
Class = Annotated[str, _described("哪一类对象：类名或 IRI / Which class, by name or IRI")]
Value = Annotated[
    str,
    _described("通用编码，或概念的编码、名称、IRI / A shared code, or a concept by code, label or IRI"),
]
ByKey = Annotated[str, _described("只按这个属性 / By this property only")]
To = Annotated[str, _described("追溯到哪一类 / The class to trace to, such as who answers for it")]


@dataclass(frozen=True)
class AcrossContext:
    """One request's view of all registries: ``asked`` answers as ``caller`` sees each of them.

    ``write`` keeps a note of a read; ``reading`` stands for the server where a registry would.
    """

    asked: Across
    caller: Caller
    write: Callable[[PersonalRead], None]
    reading: Any

    def below(self, info: Any) -> AcrossContext:
        """Return the view that a place of the answer is about: all are about the same."""
        return self


def across_fields() -> dict[str, Any]:
    """Return the fields of the query."""
    return {
        "registries": strawberry.field(
            _registries,
            description="有哪些登记库，各到哪一号变更 / Which registries there are, and how far each is",
        ),
        "coverage": strawberry.field(
            _coverage,
            description="一类对象各库与合计的数量和完整数 / The nodes of a class and the complete ones, by "
            "registry and in total",
        ),
        "adoption": strawberry.field(
            _adoption,
            description="哪些登记库采用了一个通用的编码或概念，落到谁；哪些没有 / Which registries have a "
            "shared code or concept, and what that leads to there; which have not",
        ),
        "duplicates": strawberry.field(
            _duplicates,
            description="重复的通用编码 / Shared keys that several nodes have, where one should",
        ),
    }


def _registries(info: Info, only: Only = "") -> list[StandingAnswer] | None:
    found = _timed(_context(info).asked.narrowed(only).registries)
    return [StandingAnswer.of(one) for one in found]


def _coverage(
    info: Info,
    of: Class,
    only: Only = "",
    as_of: AsOf = UNSET,
) -> CoverageAcrossAnswer | None:
    asked = _context(info).asked.narrowed(only)
    found = _told(info, _timed(lambda: asked.coverage(of, as_of=given(as_of))))
    return CoverageAcrossAnswer.made(found, asked.profile)


def _adoption(
    info: Info,
    of: Value,
    key: ByKey = "",
    to: To = "",
    only: Only = "",
    as_of: AsOf = UNSET,
) -> AdoptionAnswer | None:
    asked = _context(info).asked.narrowed(only)
    found = _told(info, _timed(lambda: asked.adoption(of, key=key, to=to, as_of=given(as_of))))
    _note(info, found)
    return AdoptionAnswer.of(found, asked.profile)


def _duplicates(info: Info, only: Only = "", as_of: AsOf = UNSET) -> DuplicatesAnswer | None:
    asked = _context(info).asked.narrowed(only)
    found = _told(info, _timed(lambda: asked.duplicates(as_of=given(as_of))))
    _note(info, found)
    return DuplicatesAnswer.of(found, asked.profile)


def _context(info: Info) -> AcrossContext:
    context = info.context
    assert isinstance(context, AcrossContext)
    return context


def _timed(ask: Callable[[], Answer]) -> Answer:
    """Ask, and count the time that others work on the answer to whoever asks."""
    begun = time.perf_counter()
    try:
        return ask()
    finally:
        allowed().worked += time.perf_counter() - begun


def _told(info: Info, found: Found) -> Found:
    """Say beside the data, too, when time left registries out."""
    budget = held()
    if budget is not None and any(one.reason is Reason.TIME for one in found.left):
        budget.leave_out(str(info.path.key))
    return found


def _note(info: Info, found: Adoption | Duplicates) -> None:
    context = _context(info)
    if context.caller.trusted:
        return
    operation = info._raw_info.operation
    assert isinstance(operation, OperationDefinitionNode)
    named = operation.name.value if operation.name is not None else ""
    route = " ".join(filter(None, ("graphql", named[:100], info.field_name)))
    note(found, context.caller, route, context.asked.profile, context.write)
