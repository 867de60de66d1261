"""From the profile's classes to the API's types (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import rdflib
from rdflib.namespace import OWL, RDFS

from qualitrace.errors import ProfileError
from qualitrace.graphql.model import NODE, ApiEnum, ApiField, ApiModel, ApiType, Kind
from qualitrace.graphql.names import NODE_FIELDS, enum_name, member_names, root_name
from qualitrace.profile.lifecycle import ended, lifecycles
from qualitrace.profile.model import ClassModel, Ended, Profile, PropertyModel
from qualitrace.profile.vocabulary import LABELS, direct_parents, local_name, text_of
from qualitrace.terms import RDF, RDF_TYPE, RDFS_LABEL, SKOS, SKOS_NOTATION, XSD, iri_of, is_iri, lit_of
from qualitrace.text import Text

# Datatypes whose values fit a GraphQL scalar; every other datatype is text as written.
SCALARS = {
    **dict.fromkeys((XSD + n for n in ("int", "short", "byte", "unsignedShort", "unsignedByte")), "Int"),
    **dict.fromkeys(
        (
            XSD + n
            for n in (
                "integer",
                "long",
                "unsignedInt",
                "unsignedLong",
                "nonNegativeInteger",
                "positiveInteger",
                "nonPositiveInteger",
                "negativeInteger",
            )
        ),
        "Long",
    ),
    **dict.fromkeys((XSD + n for n in ("decimal", "double", "float")), "Float"),
    XSD + "boolean": "Boolean",
    XSD + "date": "Date",
    XSD + "dateTime": "DateTime",
    XSD + "dateTimeStamp": "DateTime",
}
_SHOWN_ON_NODE = frozenset({RDFS_LABEL, SKOS + "prefLabel", SKOS_NOTATION})


def derive(profile: Profile, *, protected: bool = True) -> ApiModel:
    """Make the API's model from a profile.

    Private classes and properties are left out; protected ones too unless ``protected``. A class
    with subclasses is an interface; its own direct nodes are then of the type ``Other…``.
    Raises ProfileError when a name is taken or two enum values cannot be told apart.
    """
    return _Derivation(profile, protected).model()


class _Derivation:
    def __init__(self, profile: Profile, protected: bool) -> None:
        self._profile = profile
        self._allowed = {"public", "protected"} if protected else {"public"}
        self._visible = {iri: c for iri, c in profile.classes.items() if c.exposure in self._allowed}
        self._concrete = {iri for iri, c in self._visible.items() if not c.abstract}
        self._enum_sets: dict[str, dict[tuple[str, ...], str]] = {}
        self._enums: dict[str, ApiEnum] = {}
        graph = profile.ontology
        self._lifecycles = lifecycles(direct_parents(graph, RDFS.subPropertyOf, OWL.equivalentProperty))

    def model(self) -> ApiModel:
        self._name_enums()
        objects: dict[str, ApiType] = {}
        by_class: dict[str, str] = {}
        for iri in sorted(self._concrete, key=lambda one: self._visible[one].name):
            made = self._object(self._visible[iri])
            if made.name in objects:
                raise _name_taken(made.name, iri)
            objects[made.name] = made
            by_class[iri] = made.name
        interfaces = [self._interface(c, objects.values()) for c in self._ordered() if self._is_interface(c)]
        types = {**{one.name: one for one in interfaces}, **objects}
        if len(types) != len(interfaces) + len(objects):
            raise _name_taken(", ".join(sorted({t.name for t in interfaces} & set(objects))), "")
        return ApiModel(
            types=types,
            enums=self._enums,
            by_class=by_class,
            specificity={iri: len(self._above(c)) for iri, c in self._visible.items()},
            hidden=frozenset(self._profile.classes) - frozenset(self._visible),
            shown=frozenset(self._allowed),
        )

    def _ordered(self) -> list[ClassModel]:
        return sorted(self._visible.values(), key=lambda c: (-len(self._above(c)), c.name))

    def _above(self, model: ClassModel) -> frozenset[str]:
        """Superclasses; an equivalent class, which is also a subclass, does not count."""
        return model.parents - model.children

    def _is_interface(self, model: ClassModel) -> bool:
        return bool((model.children - model.parents) & self._concrete)

    def _object(self, model: ClassModel) -> ApiType:
        direct = self._is_interface(model)
        above = [c.name for c in self._ordered() if c.iri in self._above(model) and self._is_interface(c)]
        return ApiType(
            name=f"Other{model.name}" if direct else model.name,
            iri=model.iri,
            family=frozenset({model.iri}) | model.children,
            fields=self._fields(model),
            interfaces=(model.name, *above) if direct else tuple(above),
            interface=False,
            root="" if direct else root_name(model.name),
            description=_description(model.labels, model.definitions),
            labels=model.labels,
            ended=self._ended(model.ended, model),
        )

    def _interface(self, model: ClassModel, objects: Iterable[ApiType]) -> ApiType:
        """An interface promises the fields that every type below it has in the same way."""
        below = [t for t in objects if model.name in t.interfaces]
        # A class no shape targets has no fields of its own: those its subclasses share are its.
        own = self._fields(model) if not model.abstract else dict(below[0].fields)
        fields = {
            name: field
            for name, field in own.items()
            if all(name in t.fields and field.fits(t.fields[name]) for t in below)
        }
        return ApiType(
            name=model.name,
            iri=model.iri,
            family=frozenset({model.iri}) | model.children,
            fields=fields,
            interfaces=tuple(
                c.name for c in self._ordered() if c.iri in self._above(model) and self._is_interface(c)
            ),
            interface=True,
            root=root_name(model.name),
            description=_description(model.labels, model.definitions),
            labels=model.labels,
            ended=self._ended(model.ended, model),
        )

    def _fields(self, model: ClassModel) -> dict[str, ApiField]:
        fields: dict[str, ApiField] = {}
        for prop in model.properties:
            if prop.exposure not in self._allowed or prop.predicate == RDF_TYPE:
                continue
            if prop.name in NODE_FIELDS or prop.predicate == SKOS_NOTATION:
                if prop.predicate not in _SHOWN_ON_NODE:
                    raise _name_taken(prop.name, prop.shape or model.iri)
                continue
            field = self._field(prop, model)
            if field is not None:
                fields.setdefault(prop.name, field)
        return fields

    def _field(self, prop: PropertyModel, model: ClassModel) -> ApiField | None:
        description = _description(prop.labels, prop.definitions)
        if prop.values:
            kind, scalar = Kind.ENUM, self._enum_sets[prop.name][prop.values]
        elif prop.target or prop.is_iri:
            if prop.target in self._profile.classes and prop.target not in self._visible:
                return None  # it leads to what is not shown
            kind, scalar = Kind.LINK, self._type_name(prop.target)
        elif prop.datatype in ("", RDF + "langString"):
            kind, scalar = Kind.TEXT, "String"
        else:
            kind, scalar = Kind.SCALAR, SCALARS.get(prop.datatype, "String")
        ended_ = self._ended(prop.ended, model)
        return ApiField(prop.name, prop.path, kind, scalar, prop.many, description, ended_)

    def _ended(self, found: Ended | None, model: ClassModel) -> str:
        """Return why a term is no longer to be used, and what is; "" when it is in force."""
        if found is None:
            return ""
        names = [self._called(iri, model) for iri in found.replaced_by]
        zh, en = (found.status.best(language) for language in ("zh", "en"))
        if names:
            zh, en = f"{zh}，请改用 {'、'.join(names)}", f"{en}; use {', '.join(names)} instead"
        return f"{zh} / {en}"

    def _called(self, iri: str, model: ClassModel) -> str:
        """Return what the API calls a property of a class, a class, or else any term."""
        if iri in self._visible:
            return self._visible[iri].name
        own = (p.name for p in model.properties if iri in (p.predicate, p.shape))
        return next(own, "") or self._profile.shorten(iri)

    def _type_name(self, iri: str) -> str:
        model = self._visible.get(iri)
        if model is None or not (self._is_interface(model) or iri in self._concrete):
            return NODE
        return model.name

    def _name_enums(self) -> None:
        """Name each set of values after its field, or class and field where a field has several."""
        owners: dict[str, dict[tuple[str, ...], ClassModel]] = {}
        for model in reversed(self._ordered()):
            for prop in model.properties:
                if prop.values and prop.exposure in self._allowed:
                    owners.setdefault(prop.name, {}).setdefault(prop.values, model)
        taken = {c.name for c in self._visible.values()}
        for field_name, sets in sorted(owners.items()):
            for values, model in sets.items():
                name = enum_name(field_name)
                if len(sets) > 1:
                    name = model.name + name
                while name in taken:
                    name += "Value"
                taken.add(name)
                self._enum_sets.setdefault(field_name, {})[values] = name
                self._enums[name] = self._enum(name, values, model)

    def _enum(self, name: str, values: tuple[str, ...], model: ClassModel) -> ApiEnum:
        made = _enum(name, values, self._profile.ontology)
        ended_ = {
            member: self._ended(
                ended(self._profile.ontology, [rdflib.URIRef(iri_of(term))], self._lifecycles), model
            )
            for member, term in made.members.items()
            if is_iri(term)
        }
        return replace(made, ended={member: reason for member, reason in ended_.items() if reason})


def _enum(name: str, values: tuple[str, ...], ontology: rdflib.Graph) -> ApiEnum:
    names = member_names(
        [local_name(iri_of(term)) if is_iri(term) else lit_of(term).value for term in values]
    )
    members: dict[str, str] = {}
    for member, term in zip(names, values, strict=True):
        if member in members:
            raise ProfileError(
                Text(
                    zh=f"sh:in 的两个值在接口中会同名：{member}。",
                    en=f"Two values of sh:in would have one name in the API: {member}.",
                ),
                where=f"{name}: {members[member]}, {term}",
            )
        members[member] = term
    labels = {
        member: text_of(ontology, rdflib.URIRef(iri_of(term)), *LABELS)
        if is_iri(term)
        else Text({"": lit_of(term).value})
        for member, term in members.items()
    }
    return ApiEnum(name, members, labels)


def _description(labels: Text, definitions: Text) -> str:
    lines = [labels.both()]
    lines += [definitions[language] for language in ("zh", "en") if language in definitions]
    if "zh" not in definitions and "en" not in definitions:
        lines.append(definitions.best())
    return "\n".join(line for line in lines if line)


def _name_taken(name: str, where: str) -> ProfileError:
    return ProfileError(
        Text(zh=f"名称“{name}”在接口中已有他用。", en=f"The name “{name}” is taken in the API."),
        where=where,
        hint=Text(zh="请用 sh:codeIdentifier 另取名称。", en="Give another with sh:codeIdentifier."),
    )
