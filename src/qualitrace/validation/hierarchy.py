"""Class membership: an instance of a class is an instance of its superclasses (SHACL 1.1).

Compiled queries hold a marker where class membership is asked; it is filled in from the subclass
triples of the data when the query runs. Following ``rdfs:subClassOf*`` for every node would cost
a walk per node, and the hierarchy is small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from qualitrace.terms import RDFS

_MARKER = re.compile(r"«(instance|has class) (\?\w+) <([^>]*)>»")
SUBCLASSES = f"SELECT ?sub ?super WHERE {{ ?sub <{RDFS}subClassOf> ?super FILTER (isIRI(?super)) }}"


def instance_marker(variable: str, class_: str) -> str:
    """Mark a pattern that binds ``variable`` to the instances of a class."""
    return f"«instance {variable} <{class_}>»"


def membership_marker(variable: str, class_: str) -> str:
    """Mark a pattern that tests whether a bound ``variable`` is an instance of a class."""
    return f"«has class {variable} <{class_}>»"


@dataclass(frozen=True)
class Hierarchy:
    """The subclass pairs of the data, as IRIs (or ``_:id``)."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for sub, super_ in sorted(self.pairs):
            children.setdefault(super_, []).append(sub)
        return children

    def below(self, class_: str) -> tuple[str, ...]:
        """Return a class with all its subclasses, itself first."""
        if class_ not in self._below:
            found, waiting = {class_: None}, [class_]
            while waiting:
                for child in self._children.get(waiting.pop(), ()):
                    if child not in found:
                        found[child] = None
                        waiting.append(child)
            # A blank node cannot be named in a query; named classes below it are found all the same.
            self._below[class_] = tuple(name for name in found if not name.startswith("_:"))
        return self._below[class_]

    def above(self, classes: Iterable[str]) -> set[str]:
        """Return classes with all their superclasses."""
        parents: dict[str, list[str]] = {}
        for sub, super_ in self.pairs:
            parents.setdefault(sub, []).append(super_)
        found, waiting = set(classes), list(classes)
        while waiting:
            for parent in parents.get(waiting.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    def fill(self, text: str, iri: Callable[[str], str]) -> str:
        """Replace the markers of a query by patterns over this hierarchy."""
        numbers = iter(range(1, text.count("«") + 1))

        def pattern(match: re.Match[str]) -> str:
            kind, variable, class_ = match.groups()
            names = [iri(name) for name in self.below(class_)]
            if len(names) == 1:
                return f"{variable} a {names[0]} ."
            type_ = f"?class{next(numbers)}"
            if kind == "instance":
                return f"VALUES {type_} {{ {' '.join(names)} }} {variable} a {type_} ."
            return f"{variable} a {type_} FILTER ({type_} IN ({', '.join(names)}))"

        return _MARKER.sub(pattern, text)
