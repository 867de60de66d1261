"""The questions that are measured: the profile's own operations, taken apart (floor 5).

``bench`` of the profile's ``examples/demo.yaml`` names them::

    bench:
      questions:
        trace: {operation: 5-unit-to-people, variables: {unit: unit/x}, copies: unit}

``copies`` names a variable that holds an identifier: each request then asks about another copy of the
demonstration, so that no two in a row are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse
from graphql.utilities import value_from_ast_untyped

from qualitrace import demonstration
from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Question:
    """An operation with the variables it is asked with."""

    name: str
    document: str
    variables: Mapping[str, Any]
    copies: str = ""

    def requests(self, copies: int) -> list[dict[str, Any]]:
        """Return the variables of different requests, one for each copy where copies are asked about."""
        if not self.copies:
            return [dict(self.variables)]
        first = self.variables[self.copies]
        return [
            {**self.variables, self.copies: f"{number}/{first}" if number else first}
            for number in range(copies)
        ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of a question: its name, the arguments as written, and what is asked below it."""

    name: str
    arguments: Mapping[str, Any]
    below: tuple[Wanted, ...]

    def child(self, name: str) -> Wanted | None:
        """Return a field below this one."""
        return next((one for one in self.below if one.name == name), None)


def read_questions(profile: Profile) -> list[Question]:
    """Read which operations are measured. Raises ProfileError when the profile names none."""
    declared = (demonstration.settings(profile).get("bench") or {}).get("questions") or {}
    if not declared:
        raise ProfileError(
            Text(zh="demo.yaml 没有写明测量哪些问题。", en="demo.yaml names no questions to measure."),
            where=str(profile.directory / "examples" / "demo.yaml"),
            hint=Text(zh="请写 bench: questions:。", en="Add bench: questions:."),
        )
    known = {one.name: one for one in profile.operations}
    found = []
    for name, one in declared.items():
        operation = known.get(one.get("operation"))
        if operation is None:
            raise ProfileError(
                Text(zh="没有这个操作。", en="There is no such operation."), where=f"bench: {name}"
            )
        variables = {**operation.variables, **(one.get("variables") or {})}
        found.append(Question(name, operation.document, variables, str(one.get("copies") or "")))
    return found


def wanted(question: Question) -> Wanted:
    """Take a question's only root field apart. Its document may hold no fragments."""
    document = parse(question.document)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return _fields(operation.selection_set, question.variables)[0]


def _fields(chosen: SelectionSetNode | None, variables: Mapping[str, Any]) -> tuple[Wanted, ...]:
    if chosen is None:
        return ()
    fields: Sequence[FieldNode] = [one for one in chosen.selections if isinstance(one, FieldNode)]
    return tuple(
        Wanted(
            one.name.value,
            {a.name.value: value_from_ast_untyped(a.value, dict(variables)) for a in one.arguments or ()},
            _fields(one.selection_set, variables),
        )
        for one in fields
    )
