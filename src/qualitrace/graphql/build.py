"""Making Strawberry types at run time (floor 4).

Strawberry reads annotations in the module of a class, so the types of one schema live in a module
of their own; it stays in ``sys.modules`` only while the schema is built.
"""

from __future__ import annotations

import itertools
import keyword
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

import strawberry

from qualitrace.errors import ProfileError
from qualitrace.text import Text

_numbers = itertools.count()


class Module:
    """The types of one schema, by name."""

    def __init__(self, name: str) -> None:
        self._module = types.ModuleType(name)

    @property
    def name(self) -> str:
        """The module's name."""
        return self._module.__name__

    def __getitem__(self, name: str) -> Any:
        return vars(self._module)[name]

    def put(self, name: str, value: Any) -> Any:
        """Name a type that annotations may use. Raises ProfileError when the name is taken."""
        if name in vars(self._module):
            raise ProfileError(
                Text(
                    zh=f"类名“{name}”在接口中已有他用。", en=f"The class name “{name}” is taken in the API."
                ),
                hint=Text(zh="请用 sh:codeIdentifier 另取名称。", en="Give another with sh:codeIdentifier."),
            )
        setattr(self._module, name, value)
        return value

    def raw_class(
        self,
        name: str,
        bases: tuple[type, ...],
        annotations: Mapping[str, Any],
        attributes: Mapping[str, Any],
    ) -> type:
        """Make a class of this module, ready for a Strawberry decorator."""
        namespace = {"__module__": self.name, "__annotations__": dict(annotations), **attributes}
        return type(name, bases, namespace)

    def input(
        self,
        name: str,
        fields: Mapping[str, Any],
        descriptions: Mapping[str, str],
        description: str = "",
        *,
        one_of: bool = False,
        ended: Mapping[str, str] | None = None,
    ) -> None:
        """Make an input type; every field may be left out. ``ended`` says which are deprecated, and why."""
        attributes = {
            safe(field): strawberry.field(
                name=field,
                default=strawberry.UNSET,
                description=descriptions.get(field) or None,
                deprecation_reason=(ended or {}).get(field) or None,
            )
            for field in fields
        }
        annotations = {safe(field): annotation for field, annotation in fields.items()}
        made = self.raw_class(name, (), annotations, attributes)
        self.put(name, strawberry.input(made, name=name, description=description or None, one_of=one_of))

    def enum(
        self,
        name: str,
        members: Mapping[str, str],
        descriptions: Mapping[str, str],
        about: str,
        ended: Mapping[str, str],
    ) -> None:
        """Make an enum from member names, values and descriptions; ``ended`` are deprecated, and why."""
        values = {
            member: strawberry.enum_value(
                value,
                description=descriptions.get(member) or None,
                deprecation_reason=ended.get(member) or None,
            )
            for member, value in members.items()
        }
        made: Any = Enum(name, values, module=self.name)  # type: ignore[misc]
        self.put(name, strawberry.enum(made, name=name, description=about or None))

    def function(self, function: Any, annotations: Mapping[str, Any]) -> Any:
        """Make a closure a resolver whose annotations are read in this module."""
        function.__module__ = self.name
        function.__annotations__ = dict(annotations)
        return function


@contextmanager
def module(known: Mapping[str, Any]) -> Iterator[Module]:
    """Open a module for one schema, with the types that are there whatever the profile."""
    made = Module(f"{__name__}.schema{next(_numbers)}")
    sys.modules[made.name] = made._module
    try:
        for name, value in known.items():
            made.put(name, value)
        yield made
    finally:
        del sys.modules[made.name]


def safe(name: str) -> str:
    """Return a Python name for a GraphQL field name."""
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def bases_of(module_: Module, names: Sequence[str], last: type) -> tuple[type, ...]:
    """Return the classes of interfaces, most specific first, ending in ``last``."""
    return (*(module_[name] for name in names), last)
