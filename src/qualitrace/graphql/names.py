"""Names in the API: plurals, enum values, what is taken (floor 4)."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Fields every node has; a property shape cannot take these names for something else.
NODE_FIELDS = frozenset({"id", "iri", "label", "code", "classLabel", "trace"})
# Root fields that are there whatever the profile.
ROOT_FIELDS = frozenset({"node", "nodeAt", "trace", "coverage", "findings", "changes", "diff"})
# Keys of a filter that combine others.
LOGIC = frozenset({"and", "or", "not"})

_VOWELS = "aeiou"


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


def singular(name: str) -> str:
    """Undo :func:`plural` where its rule shows."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "is", "us")) else name


def enum_name(field: str) -> str:
    """Return the name of the enum of a field's values."""
    name = singular(field)
    return name[:1].upper() + name[1:]


def member_names(values: Sequence[str]) -> list[str]:
    """Return the enum members' names for local names or texts, in their order.

    Words that all values begin with are left out: a value says what it is, the enum what it is of.
    """
    spelled = [_member(value).split("_") for value in values]
    common = 0
    if len(spelled) > 1:
        while all(len(words) > common + 1 for words in spelled) and (
            len({words[common] for words in spelled}) == 1
        ):
            common += 1
    return [_valid("_".join(words[common:])) for words in spelled]


def _member(value: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value)
    spelled = "".join(
        character if character.isascii() and character.isalnum() else _spelled(character)
        for character in words
    )
    return re.sub(r"_+", "_", spelled).strip("_").upper()


def _valid(name: str) -> str:
    """GraphQL names begin with a letter, and three of them are taken (GraphQL 3.9)."""
    return f"V_{name}" if not name or name in {"TRUE", "FALSE", "NULL"} or name[0].isdigit() else name


def _spelled(character: str) -> str:
    return "_" if character.isascii() else f"_U{ord(character):X}_"
