"""Roles in registries, as the identity provider's tokens name them (floor 1).

What cannot be read, or names no role or registry that there is, gives nothing: the log says so, without what
the claim said of anything else.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qualitrace.access.model import Grant, Role
from qualitrace.access.telling import tell

OBJECT = "object"  # the form of a claim that is an object: registry → role, or a list of roles
REGISTRY, ROLE = "{registry}", "{role}"
MOST = 4_000  # grants of one token
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_UNIT = r"@(?P<unit>[A-Za-z][A-Za-z0-9+.-]*://\S{1,1900})"
_AGAIN_SECONDS = 300.0  # after which the same is logged again
_MOST_TOLD = 1_000
_SHOWN = 5  # names of registries in one line of the log

# Returns the names of the registries there are.
Registries = Callable[[], Collection[str]]


@dataclass(frozen=True)
class GrantsForm:
    """How one value of the claim is written. ``roles``: word → role.

    ``text`` is ``object``, or holds ``{registry}`` and ``{role}`` once each. A word of a steward is followed
    by ``@`` and the IRI of the unit.
    """

    text: str
    roles: Mapping[str, Role]

    @property
    def problem(self) -> str:
        """Say what is wrong with the form; "" when nothing is."""
        if self.text == OBJECT:
            return ""
        if self.text.count(REGISTRY) != 1 or self.text.count(ROLE) != 1:
            return "places"
        between = self.text.replace(REGISTRY, "\0").replace(ROLE, "\0").split("\0")[1]
        return "" if between else "between"

    def read(self, value: str, known: Collection[str]) -> Grant | str:
        """Return what a value grants; what is wrong with it when that is not one role in one registry."""
        found = [grant for word in self._words for grant in self._by(word, value)]
        if not found:
            return "role" if self._alike.fullmatch(value) else "malformed"
        there = [grant for grant in found if grant.registry in known]
        return there[0] if len(there) == 1 else "ambiguous" if there else f"registry {found[0].registry}"

    def of_role(self, registry: str, said: str, known: Collection[str]) -> Grant | str:
        """Return what a role grants that an object names for a registry; what is wrong with it otherwise."""
        word, at, _ = said.partition("@")
        role = self.roles.get(word)
        if role is None:
            return "role"
        unit = re.fullmatch(_UNIT, said[len(word) :])
        if bool(at) != (role is Role.STEWARD) or (at and unit is None):
            return "malformed"
        if registry not in known:
            return f"registry {registry[:100]}"
        return _grant(registry, role, unit["unit"] if unit else None)

    @cached_property
    def _words(self) -> list[tuple[Role, re.Pattern[str]]]:
        return [
            (role, self._pattern(re.escape(word) + (_UNIT if role is Role.STEWARD else "")))
            for word, role in self.roles.items()
        ]

    @cached_property
    def _alike(self) -> re.Pattern[str]:
        return self._pattern(r"\S+")

    def _pattern(self, role: str) -> re.Pattern[str]:
        text = re.escape(self.text)
        text = text.replace(re.escape(REGISTRY), f"(?P<registry>{_NAME})")
        return re.compile(text.replace(re.escape(ROLE), role))

    def _by(self, word: tuple[Role, re.Pattern[str]], value: str) -> Iterator[Grant]:
        role, pattern = word
        found = pattern.fullmatch(value)
        if found is not None:
            yield _grant(found["registry"], role, found.groupdict().get("unit"))


class GrantsClaim:
    """Reads the claim of one provider's tokens. Safe from several threads."""

    def __init__(self, name: str, form: GrantsForm, registries: Registries) -> None:
        self._name = name
        self._form = form
        self._registries = registries
        self._lock = threading.Lock()
        self._told: dict[tuple[object, ...], float] = {}

    def read(self, said: Any, token: str) -> frozenset[Grant]:
        """Return what a claim grants, each role in each registry by itself. ``token`` is named in the log."""
        if said is None:
            return frozenset()
        known = frozenset(self._registries())
        grants, problems = set[Grant](), Counter[str]()
        for one in self._read(said, known):
            if isinstance(one, Grant) and len(grants) < MOST:
                grants.add(one)
            else:
                problems["too many" if isinstance(one, Grant) else one] += 1
        if problems:
            self._tell(problems, token)
        return frozenset(grants)

    def _read(self, said: Any, known: Collection[str]) -> Iterator[Grant | str]:
        if self._form.text == OBJECT:
            if not isinstance(said, Mapping):
                yield "malformed"
                return
            for registry, roles in said.items():
                for role in roles if isinstance(roles, list) else [roles]:
                    fits = isinstance(role, str) and isinstance(registry, str)
                    yield self._form.of_role(registry, role, known) if fits else "malformed"
            return
        if not isinstance(said, str | list):
            yield "malformed"
            return
        for value in said.split() if isinstance(said, str) else said:
            yield self._form.read(value, known) if isinstance(value, str) else "malformed"

    def _tell(self, problems: Counter[str], token: str) -> None:
        """Log what gives nothing, the same at most once in some minutes."""
        key, now = (token, *sorted(problems)), time.monotonic()
        with self._lock:
            if now - self._told.get(key, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
                return
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told[key] = now
        unknown = sorted(one.removeprefix("registry ") for one in problems if one.startswith("registry "))
        counted = {name.replace(" ", "_"): n for name, n in problems.items() if "registry " not in name}
        more = {"unknown_registries": len(unknown), "registries": ", ".join(unknown[:_SHOWN])}
        tell(
            "grants of the identity provider give nothing",
            claim=self._name,
            token=token,
            **counted,
            **(more if unknown else {}),
        )


def _grant(registry: str, role: Role, unit: str | None) -> Grant:
    return Grant(registry, frozenset({role}), frozenset({unit}) if unit else frozenset())
