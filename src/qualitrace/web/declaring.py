"""How a setting is declared: once, with its default, what it may be, and what it means (floor 5).

What a setting may be is its annotation: ``str``, ``int``, ``float``, ``bool``, ``tuple[str, ...]``, or one of
these ``| None``. Everything that reads, checks, prints or documents settings goes by the declarations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_type_hints

from qualitrace.text import Text

PREFIX = "QUALITRACE_"
_KEY = "qualitrace.setting"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a field says of itself. ``least`` and ``most`` bound numbers, and how many a list may hold."""

    text: Text
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    environment: str = ""  # the variable, where it is not the one made from section and key
    example: Any = None  # shown in the example file, where the default would explain nothing


def setting(
    default: Any,
    *,
    zh: str,
    en: str,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
    environment: str = "",
    example: Any = None,
) -> Any:
    """Declare a setting: a field of a section's frozen dataclass.

    A ``secret`` is never printed, and may also be read from a file that ``…_FILE`` names.
    """
    told = Declared(Text(zh=zh, en=en), least, most, choices, secret, environment, example)
    return dataclasses.field(default=default, metadata={_KEY: told})


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: where it is written, what it may be, what it means."""

    section: str
    key: str
    kind: type  # str, int, float, bool or tuple
    optional: bool  # None is allowed: it is not set
    default: Any
    declared: Declared

    @property
    def name(self) -> str:
        """Return how it is called in messages: ``section.key``."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """Return its environment variable."""
        return self.declared.environment or f"{PREFIX}{self.section}_{self.key}".upper()


def sections(settings: type) -> dict[str, type]:
    """Return the sections that a class of settings has, by name."""
    hints = get_type_hints(settings)
    return {one.name: hints[one.name] for one in dataclasses.fields(settings)}


def declared(settings: type) -> Iterator[Setting]:
    """Iterate over all settings in the order they are declared."""
    for section, kind in sections(settings).items():
        hints = get_type_hints(kind)
        for one in dataclasses.fields(kind):
            told = one.metadata.get(_KEY, Declared(Text()))
            base, optional = _kind(hints[one.name])
            yield Setting(section, one.name, base, optional, _default(one), told)


def _kind(hint: Any) -> tuple[type, bool]:
    """Return what values are, and whether there may be none."""
    members = [one for one in get_args(hint) if one is not NoneType and one is not Ellipsis]
    optional = NoneType in get_args(hint)
    inner = members[0] if optional else hint
    return (tuple if getattr(inner, "__origin__", None) is tuple else inner), optional


def _default(one: dataclasses.Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not dataclasses.MISSING else one.default


def made(settings: type, values: Mapping[tuple[str, str], Any]) -> Any:
    """Make settings from values by section and key; what is not named keeps its default."""
    made: dict[str, Any] = {}
    for section, kind in sections(settings).items():
        own = {key: value for (place, key), value in values.items() if place == section}
        made[section] = kind(**own)
    return settings(**made)
