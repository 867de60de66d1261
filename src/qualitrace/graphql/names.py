"""Names in the API: plurals, enum values, what is taken (floor 4)."""

from __future__ import annotations

import re

# Fields every node has; a property shape cannot take these names for something else.
NODE_FIELDS = frozenset({"id", "iri", "label", "code", "classLabel"})
# Root fields that are there whatever the profile.
ROOT_FIELDS = frozenset({"node", "trace", "coverage", "findings", "changes", "diff"})
# Keys of a filter that combine others.
LOGIC = frozenset({"and", "or", "not"})

_VOWELS = "aeiou"


def upper_first(name: str) -> str:
    """Return ``name`` with its first letter in upper case."""
    return name[:1].upper() + name[1:]


def lower_first(name: str) -> str:
    """Return ``name`` with its leading capitals lowered: ``URLRule`` becomes ``urlRule``."""
    match = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z]", name)
    return name if match is None else match.group().lower() + name[match.end() :]


def plural(name: str) -> str:
    """Return the English plural of a name by rule: no list of words to keep."""
    if name.endswith("is"):
        return name[:-2] + "es"
    if name.endswith("rion"):
        return name[:-2] + "a"
    if name.endswith("y") and name[-2:-1] not in _VOWELS:
        return name[:-1] + "ies"
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    return name + "s"


def root_name(type_name: str) -> str:
    """Return the name of the root field that lists a type's nodes."""
    name = plural(lower_first(type_name))
    return name + "List" if name in ROOT_FIELDS else name


def enum_member(value: str) -> str:
    """Return an enum value's name for a code or local name; other scripts become code points."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value)
    spelled = "".join(
        character if character.isascii() and character.isalnum() else _spelled(character)
        for character in words
    )
    name = re.sub(r"_+", "_", spelled).strip("_").upper()
    if not name or name in {"TRUE", "FALSE", "NULL"} or name[0].isdigit():
        name = f"V_{name}"
    return name


def _spelled(character: str) -> str:
    return "_" if character.isascii() else f"_U{ord(character):X}_"
