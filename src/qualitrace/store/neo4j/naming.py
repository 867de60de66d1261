"""What a profile's terms are called in Neo4j: one table, by the habits of that database (floor 1).

Labels are UpperCamelCase, relationship types UPPER_SNAKE, properties camelCase; the table depends on the
profile alone, so two registries of one profile are alike. See docs/decisions/0012.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from qualitrace.profile.model import Profile, PropertyModel, TraceModel
from qualitrace.profile.shared import shared_keys
from qualitrace.profile.vocabulary import PROPERTY_TYPES, local_name
from qualitrace.store.neo4j.seeing import FACE
from qualitrace.terms import DCTERMS, QT, SH, SKOS, XSD
from qualitrace.terms import OWL as OWL_NS
from qualitrace.terms import RDF as RDF_NS
from qualitrace.terms import RDFS as RDFS_NS

RESOURCE = "Resource"
CONCEPT = "Concept"
REGISTRY = "QualitraceRegistry"
OTHER = "OTHER"  # the type of links by predicates that the profile does not name

# What the engine itself writes on nodes and relationships; no value of the profile is called so.
RESERVED_KEYS = frozenset({"registry", "iri", "name", "inferred", "predicate", "profile"})
_RESERVED_LABELS = frozenset({RESOURCE, CONCEPT, REGISTRY, FACE})
_LANG_STRING = RDF_NS + "langString"

# Terms of W3C vocabularies that any profile may use without declaring them.
_COMMON: Mapping[str, str] = {
    RDFS_NS + "label": _LANG_STRING,
    RDFS_NS + "comment": _LANG_STRING,
    RDFS_NS + "seeAlso": "",
    SKOS + "prefLabel": _LANG_STRING,
    SKOS + "altLabel": _LANG_STRING,
    SKOS + "definition": _LANG_STRING,
    SKOS + "note": _LANG_STRING,
    SKOS + "scopeNote": _LANG_STRING,
    SKOS + "notation": XSD + "string",
    SKOS + "broader": "",
    SKOS + "narrower": "",
    SKOS + "related": "",
    SKOS + "inScheme": "",
    SKOS + "topConceptOf": "",
    SKOS + "hasTopConcept": "",
    DCTERMS + "title": _LANG_STRING,
}
_META = (OWL_NS, RDF_NS, RDFS_NS, SH, QT, XSD)
_SINGLE = frozenset({SKOS + "notation"})  # when no shape says so: a node has one code
_DATES = frozenset(XSD + name for name in ("date", "dateTime", "dateTimeStamp"))


@dataclass(frozen=True, slots=True)
class ValueName:
    """A property's key on nodes, and how its values are kept.

    ``datatype`` is an IRI, "" when the profile names none or several; ``many``: kept as a list. A text in
    a language is kept as ``key_zh``, one text for each language.
    """

    key: str
    predicate: str
    datatype: str = ""
    many: bool = True
    shared: bool = False  # means the same in every registry (qt:sharedKey)

    @property
    def text(self) -> bool:
        """True for texts in languages."""
        return self.datatype == _LANG_STRING

    @property
    def indexed(self) -> bool:
        """True when the property has an index: a code, a shared key or a date of which a node has one."""
        return not self.many and (
            self.predicate == SKOS + "notation" or self.datatype in _DATES or self.shared
        )


@dataclass(frozen=True)
class Naming:
    """The names of a profile's classes, links and values in Neo4j, both ways."""

    profile: str  # IRI of the profile
    labels: Mapping[str, str]  # class IRI → label
    types: Mapping[str, str]  # predicate IRI → relationship type
    keys: Mapping[str, ValueName]  # predicate IRI → property
    classes: Mapping[str, str]  # label → class IRI
    predicates: Mapping[str, str]  # relationship type → predicate IRI
    values: Mapping[str, ValueName]  # key (without language) → property
    trace: TraceModel

    @classmethod
    def of(cls, profile: Profile) -> Naming:
        """Work out the names of a profile."""
        labels = _unique(
            {iri: _label(model.name) for iri, model in profile.classes.items()},
            profile,
            _label,
            _RESERVED_LABELS,
        )
        shapes = _shapes_by_predicate(profile)
        predicates = sorted(
            {*shapes, *_declared(profile.ontology), *profile.trace.properties, *profile.trace.absences}
            | {*profile.trace.valid_from, *profile.trace.valid_to, *profile.trace.lifecycle}
            | {*profile.trace.capacity, *_COMMON}
        )
        types = _unique(
            {iri: _snake(local_name(iri)) for iri in predicates}, profile, _snake, frozenset({OTHER})
        )
        keys = _unique(_keys(predicates, shapes), profile, _camel, RESERVED_KEYS)
        shared = shared_keys(profile)
        values = {
            iri: replace(_value(key, iri, shapes.get(iri, ()), profile.ontology), shared=iri in shared)
            for iri, key in keys.items()
        }
        return cls(
            profile=profile.iri,
            labels=labels,
            types=types,
            keys=values,
            classes={label: iri for iri, label in labels.items()},
            predicates={kind: iri for iri, kind in types.items()},
            values={value.key: value for value in values.values()},
            trace=profile.trace,
        )

    def label(self, class_iri: str) -> str | None:
        """Return the label of a class; None when the profile does not name it."""
        return self.labels.get(class_iri)

    def class_of(self, label: str) -> str | None:
        """Return the class (IRI) that a label stands for; None for labels of the engine's own."""
        return self.classes.get(label)

    def relationship(self, predicate: str) -> str | None:
        """Return the relationship type of a predicate; None when such links are ``OTHER``."""
        return self.types.get(predicate)

    def predicate_of(self, kind: str, predicate: str | None = None) -> str:
        """Return the predicate of a relationship: by its type, or the one that it names itself."""
        return predicate or self.predicates[kind]

    def value(self, predicate: str) -> ValueName | None:
        """Return the property of a predicate; None when its values are in ``_exact`` only."""
        return self.keys.get(predicate)

    def value_of(self, key: str) -> tuple[ValueName, str] | None:
        """Return what a property of a node holds, and in which language ("" for none); None for others."""
        name, mark, language = key.partition("_")
        found = self.values.get(name) if name else None
        return None if found is None or (mark and not language) else (found, language.replace("_", "-"))


def quoted(name: str) -> str:
    """Return a name as it stands in a Cypher statement, whatever it holds."""
    escaped = name.replace("`", "``")
    return f"`{escaped}`"


def key_of(value: ValueName, language: str = "") -> str:
    """Return the key of a property's values in a language ("" for values in none)."""
    return f"{value.key}_{language.replace('-', '_')}" if language else value.key


def _shapes_by_predicate(profile: Profile) -> dict[str, list[PropertyModel]]:
    found: dict[str, list[PropertyModel]] = {}
    for model in profile.classes.values():
        for one in model.properties:
            if one.predicate:
                found.setdefault(one.predicate, []).append(one)
    return found


def _declared(ontology: rdflib.Graph) -> set[str]:
    return {
        str(subject)
        for kind in PROPERTY_TYPES
        for subject in ontology.subjects(RDF.type, kind)
        if isinstance(subject, rdflib.URIRef) and not str(subject).startswith(_META)
    }


def _keys(predicates: Iterable[str], shapes: Mapping[str, list[PropertyModel]]) -> dict[str, str]:
    """What values are called: by the name of the API where only one property is called so."""
    api = {iri: {_camel(one.name) for one in shapes.get(iri, ())} for iri in predicates}
    holders: dict[str, int] = {}
    for names in api.values():
        for name in names:
            holders[name] = holders.get(name, 0) + 1
    found = {}
    for iri, names in api.items():
        only = next(iter(names)) if len(names) == 1 else ""
        found[iri] = only if holders.get(only) == 1 else _camel(local_name(iri))
    return found


def _value(key: str, iri: str, shapes: Iterable[PropertyModel], ontology: rdflib.Graph) -> ValueName:
    models = list(shapes)
    kinds = {one.datatype for one in models}
    if models and kinds != {""}:
        datatype = kinds.pop() if len(kinds) == 1 else ""
        return ValueName(key, iri, datatype, any(one.many for one in models))
    if iri in _COMMON:
        return ValueName(key, iri, _COMMON[iri], iri not in _SINGLE)
    node = rdflib.URIRef(iri)
    ranges = {str(found) for found in ontology.objects(node, RDFS.range)}
    literal_ranges = {found for found in ranges if found.startswith(XSD) or found == _LANG_STRING}
    single = (node, RDF.type, OWL.FunctionalProperty) in ontology
    return ValueName(key, iri, literal_ranges.pop() if len(literal_ranges) == 1 else "", not single)


def _unique(
    wanted: Mapping[str, str], profile: Profile, write: Callable[[str], str], reserved: frozenset[str]
) -> dict[str, str]:
    """Give each IRI a name of its own: the wanted one, else with its prefix, else with a number."""
    taken, found = set(reserved), dict[str, str]()
    for iri, name in sorted(wanted.items()):
        prefixed = write(profile.shorten(iri) if profile.shorten(iri) != iri else f"x {name}")
        chosen, number = name, 1
        while not chosen or chosen in taken:
            chosen = prefixed if number == 1 else write(f"{prefixed} {number}")
            number += 1
        found[iri] = chosen
        taken.add(chosen)
    return found


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word for word in re.split(r"[\W_]+", apart) if word]


def _snake(name: str) -> str:
    return "_".join(_words(name)).upper()


def _camel(name: str) -> str:
    words = re.split(r"[\W_]+", name)
    joined = "".join(word[:1].upper() + word[1:] for word in words if word)
    return joined[:1].lower() + joined[1:]


def _label(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W+", name) if word)


__all__ = [
    "CONCEPT",
    "OTHER",
    "REGISTRY",
    "RESERVED_KEYS",
    "RESOURCE",
    "Naming",
    "ValueName",
    "key_of",
    "quoted",
]
