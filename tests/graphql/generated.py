"""Facts and operations at random: of any profile's classes, over any schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_leaf_type,
    is_required_argument,
)

from qualitrace.profile.model import ClassModel, Profile, PropertyModel
from qualitrace.terms import RDF, RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from tests.graphql.kitchens import BASE

LANGUAGES = ("zh", "en", "")
EACH = 3  # nodes of each class
CODES = ("A1", "A2", "A10", "b")
DAYS = ("2024-01-01", "2024-06-15", "2025-03-01")
MOMENTS = ("0", "1", "2", None)  # of a registry that stands at 2


def facts(profile: Profile, chance: Random) -> list[Fact]:
    """Some nodes of every class, with values for about two thirds of their properties; a few are wrong."""
    concrete = [one for one in profile.classes.values() if not one.abstract]
    nodes = {one.iri: [f"{BASE}{one.name}/{n}" for n in range(EACH)] for one in concrete}
    made: list[Fact] = []
    for class_ in concrete:
        for node in nodes[class_.iri]:
            made.append(Fact(node, RDF_TYPE, iri(class_.iri)))
            made += [
                Fact(node, RDFS_LABEL, literal(f"名{chance.randrange(5)}", language=language))
                for language in LANGUAGES
                if chance.random() < 0.5
            ]
            if chance.random() < 0.7:
                made.append(Fact(node, SKOS_NOTATION, literal(chance.choice(CODES))))
            for prop in class_.properties:
                if prop.predicate and prop.predicate not in (RDF_TYPE, RDFS_LABEL, SKOS_NOTATION):
                    made += [
                        Fact(node, prop.predicate, term) for term in _terms(prop, profile, nodes, chance)
                    ]
    return list(dict.fromkeys(made))


def _terms(prop: PropertyModel, profile: Profile, nodes: dict[str, list[str]], chance: Random) -> list[str]:
    count = chance.choice((0, 1, 1, 1, 2, 3)) if prop.many else chance.choice((0, 1, 1))
    if chance.random() < 0.01:
        count = 2
    return [_term(prop, profile, nodes, chance) for _ in range(count)]


def _term(prop: PropertyModel, profile: Profile, nodes: dict[str, list[str]], chance: Random) -> str:
    if chance.random() < 0.005:
        return chance.choice((literal("?"), iri("https://elsewhere.example/x")))
    if prop.values:
        return chance.choice(prop.values)
    if prop.target or prop.is_iri:
        return iri(chance.choice(_ends(prop.target, profile, nodes)))
    if prop.datatype in ("", RDF + "langString"):
        return literal(f"文{chance.randrange(3)}", language=chance.choice(LANGUAGES))
    written = {
        XSD + "date": chance.choice(DAYS),
        XSD + "dateTime": chance.choice(DAYS) + "T10:00:00",
        XSD + "boolean": chance.choice(("true", "false", "1")),
        XSD + "decimal": chance.choice(("1", "2.5", "-3.25")),
    }
    return literal(written.get(prop.datatype, str(chance.randrange(9))), datatype=prop.datatype)


def _ends(target: str, profile: Profile, nodes: dict[str, list[str]]) -> Sequence[str]:
    model: ClassModel | None = profile.classes.get(target)
    family = {target, *model.children} if model else set(nodes)
    found = [node for kind, members in sorted(nodes.items()) if kind in family for node in members]
    return found or [f"{BASE}nothing"]


class Operations:
    """Operations of a schema at random: aliases, fragments, directives, variables, arguments."""

    def __init__(
        self, schema: GraphQLSchema, chance: Random, judged: Sequence[str], *, depth: int = 4
    ) -> None:
        self._judged = judged
        self._schema = schema
        self._chance = chance
        self._depth = depth
        self._fragments: list[str] = []
        self._declared: dict[str, str] = {}
        self.variables: dict[str, Any] = {}

    def operation(self) -> str:
        """Return a document; ``variables`` are then those it needs."""
        assert self._schema.query_type is not None
        history = ("changes", "diff", "blame", "proposals", "proposal", "_service", "_entities")
        reasoned = ("why", "conclusions", "scenarios", "whatIf", "network", "networkQuestions")
        roots = [name for name in self._schema.query_type.fields if name not in (*history, *reasoned)]
        chosen = " ".join(
            self._field(self._schema.query_type, self._chance.choice(roots), self._depth) for _ in range(2)
        )
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self._declared.items())
        head = f"query Asked({declared})" if declared else "query Asked"
        return "\n".join([f"{head} {{ {chosen} }}", *self._fragments])

    def _field(self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int) -> str:
        field = type_.fields[name]
        alias = f"a{self._chance.randrange(10**6)}: "
        shown = alias if field.args or self._chance.random() < 0.2 else ""
        # Some fields leave other states of the registry to the executor; coverage, where it compares two.
        stated = name in ("node", "nodeAt", "trace", "coverage", "findings") or "orderBy" in field.args
        other = type_ is self._schema.query_type and not stated
        taken = {n: a for n, a in field.args.items() if not (other and n in ("asOf", "knownAt"))}
        named = {n: v for n, a in taken.items() if (v := self._argument(n, a)) is not None}
        if "sinceKnown" in named:
            named.pop("knownAt", None)
        given = [f"{n}: {v}" for n, v in named.items()]
        arguments = f"({', '.join(given)})" if given else ""
        below = self._below(field.type, depth - 1)
        return f"{shown}{name}{arguments}{self._directive()}{below}"

    def _below(self, type_: GraphQLOutputType, depth: int) -> str:
        while isinstance(type_, (GraphQLList, GraphQLNonNull)):
            type_ = type_.of_type
        if is_leaf_type(type_):
            return ""
        assert isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
        return f" {{ {self._selection(type_, depth)} }}"

    def _selection(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        """Leaf fields, and (while there is depth) some objects and fragments on what may stand here."""
        leaves: list[str] = []
        objects: list[str] = []
        for name, field in type_.fields.items():
            end: Any = field.type
            while isinstance(end, (GraphQLList, GraphQLNonNull)):
                end = end.of_type
            (leaves if is_leaf_type(end) else objects).append(name)
        names = self._some(leaves, 4) + (self._some(objects, 2) if depth > 0 else [])
        parts = [self._field(type_, name, depth) for name in names]
        if self._chance.random() < 0.3:
            parts.append("__typename")
        if depth > 0 and isinstance(type_, GraphQLInterfaceType):
            for one in self._some(self._schema.get_possible_types(type_), 2):
                parts.append(self._fragment(one, depth - 1))
        elif depth > 0 and self._chance.random() < 0.2:
            parts.append(self._fragment(type_, depth - 1))
        return " ".join(parts) or "__typename"

    def _fragment(self, type_: Any, depth: int) -> str:
        inner = self._selection(type_, depth)
        if self._chance.random() < 0.5:
            return f"... on {type_.name}{self._directive()} {{ {inner} }}"
        name = f"F{len(self._fragments)}x{self._chance.randrange(10**6)}"
        self._fragments.append(f"fragment {name} on {type_.name} {{ {inner} }}")
        return f"...{name}{self._directive()}"

    def _directive(self) -> str:
        if self._chance.random() > 0.08:
            return ""
        which = self._chance.choice(("include", "skip"))
        return f" @{which}(if: {self._variable('Boolean!', self._chance.random() < 0.7)})"

    def _some(self, items: Sequence[Any], most: int) -> list[Any]:
        return self._chance.sample(list(items), min(len(items), self._chance.randrange(most + 1)))

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self._declared)}"
        self._declared[name], self.variables[name] = type_, value
        return f"${name}"

    def _argument(self, name: str, argument: GraphQLArgument) -> str | None:
        if name in ("after", "before"):
            return None
        if self._chance.random() < 0.6 and not is_required_argument(argument):
            return None
        special = self._special(name)
        if special is not None:
            return special
        return self._value(argument.type, 2)

    def _special(self, name: str) -> str | None:
        if name == "language":
            return self._variable("String", self._chance.choice(("zh", "en", "fr", None)))
        if name in ("knownAt", "sinceKnown"):
            return self._variable("Moment", self._chance.choice(MOMENTS))
        if name == "maxSteps":
            return str(self._chance.choice((1, 4, 16)))
        if name == "of":  # a class with chains, mostly
            return self._chance.choice(self._judged) if self._chance.random() < 0.9 else None
        if name in ("first", "last"):
            return str(self._chance.choice((0, 1, 2, 50)))
        if name in ("node", "id"):
            classes = [t for t in self._schema.type_map if f"{t}Connection" in self._schema.type_map]
            return f'"{self._chance.choice(classes)}/{self._chance.randrange(EACH)}"'
        return None

    def _value(self, type_: GraphQLInputType, depth: int) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, depth)
        if isinstance(type_, GraphQLList):
            return (
                f"[{', '.join(self._value(type_.of_type, depth) for _ in range(self._chance.randrange(3)))}]"
            )
        if isinstance(type_, GraphQLEnumType):
            return str(self._chance.choice(sorted(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self._input(type_, depth)
        samples: dict[str, Sequence[Any]] = {
            "Int": (0, 1, 2),
            "Long": (0, 1, 2),
            "Float": (1, 2.5),
            "Boolean": ("true", "false"),
            "Date": tuple(f'"{day}"' for day in DAYS),
            "DateTime": tuple(f'"{day}T10:00:00"' for day in DAYS),
            "String": tuple(f'"{text}"' for text in (*CODES, "名1", "文")),
        }
        chosen = self._chance.choice(samples.get(getattr(type_, "name", ""), samples["String"]))
        if self._chance.random() < 0.3 and getattr(type_, "name", "") == "Date":
            return self._variable("Date", str(chosen).strip('"'))
        return str(chosen)

    def _input(self, type_: GraphQLInputObjectType, depth: int) -> str:
        names = [n for n, f in type_.fields.items() if depth > 0 or is_leaf_type(_named(f.type))]
        one_of = type_.name.endswith("Order")  # which the library does not know of
        many = 1 if one_of else self._chance.randrange(1, 3)
        chosen = self._chance.sample(names, min(many, len(names)))
        fields = [f"{name}: {self._value(type_.fields[name].type, depth - 1)}" for name in chosen]
        return f"{{{', '.join(fields)}}}"


def _named(type_: Any) -> Any:
    while isinstance(type_, (GraphQLList, GraphQLNonNull)):
        type_ = type_.of_type
    return type_


def day(text: str) -> dt.date:
    """Return a day of ``DAYS``."""
    return dt.date.fromisoformat(text)
