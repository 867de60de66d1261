"""The neutral model of the API, between the profile and the GraphQL library (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qualitrace.profile.model import PropertyPath
from qualitrace.text import Text

NODE = "Node"  # the interface of all nodes
RESOURCE = "Resource"  # the type of a node of no exposed class


class Kind(StrEnum):
    """What a field holds."""

    SCALAR = "scalar"
    TEXT = "text"  # may be tagged with a language
    ENUM = "enum"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ApiEnum:
    """Values from ``sh:in``: member name → N-Triples term, in the order of the shape."""

    name: str
    members: Mapping[str, str]
    labels: Mapping[str, Text]  # of each member
    ended: Mapping[str, str] = field(default_factory=dict)  # member → why it is no longer to be used


@dataclass(frozen=True, slots=True)
class ApiField:
    """A field of a type, from one property shape."""

    name: str
    path: PropertyPath
    kind: Kind
    scalar: str  # GraphQL scalar name; for an enum its name; for a link the type's name
    many: bool
    description: str
    ended: str = ""  # why it is no longer to be used, and what is

    def fits(self, other: ApiField) -> bool:
        """Tell whether both have one GraphQL type, so that an interface can promise it."""
        return (self.kind, self.scalar, self.many) == (other.kind, other.scalar, other.many)


@dataclass(frozen=True, slots=True)
class ApiType:
    """An object type or (``interface``) an interface of the API, from one class."""

    name: str
    iri: str  # class IRI
    family: frozenset[str]  # class IRIs whose nodes count: the class and its subclasses
    fields: Mapping[str, ApiField]
    interfaces: tuple[str, ...]  # names, most specific first, without Node
    interface: bool
    root: str  # root field that lists its nodes; "" when none
    description: str
    labels: Text
    ended: str = ""  # why it is no longer to be used, and what is


@dataclass(frozen=True)
class ApiModel:
    """All types of the API by name, interfaces included."""

    types: Mapping[str, ApiType]
    enums: Mapping[str, ApiEnum]
    by_class: Mapping[str, str]  # class IRI → name of its object type
    specificity: Mapping[str, int]  # class IRI → number of superclasses
    hidden: frozenset[str]  # classes that are not exposed
    shown: frozenset[str] = frozenset({"public", "protected"})  # what is exposed

    def object_type(self, classes: Iterable[str], declared: str = NODE) -> str:
        """Return the object type of a node with these classes: the most specific that fits ``declared``.

        ``Resource`` when the node has no exposed class; ``""`` when nothing fits.
        """
        known = [iri for iri in classes if iri in self.by_class]
        fitting = [iri for iri in known if self.is_a(self.by_class[iri], declared)]
        if fitting:
            best = min(fitting, key=lambda iri: (-self.specificity[iri], self.by_class[iri]))
            return self.by_class[best]
        return RESOURCE if declared == NODE and not known else ""

    def is_a(self, name: str, declared: str) -> bool:
        """Tell whether the object type ``name`` may stand where ``declared`` is declared."""
        return declared in (NODE, name) or (name in self.types and declared in self.types[name].interfaces)

    def implementing(self, name: str) -> list[ApiType]:
        """Return the object types that may stand where ``name`` is declared."""
        return [t for t in self.types.values() if not t.interface and self.is_a(t.name, name)]

    def fields_named(self, declared: str, name: str) -> list[ApiField]:
        """Return the fields called ``name`` of a type, or of the types that implement it."""
        own = self.types.get(declared)
        if own is not None and name in own.fields:
            return [own.fields[name]]
        found = (t.fields[name] for t in self.implementing(declared) if name in t.fields)
        return list(dict.fromkeys(found))
