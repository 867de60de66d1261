"""``where`` as SPARQL (floor 4).

Every condition becomes a sub-select of nodes, so that conditions combine as sets: ``and`` joins
them, ``or`` is UNION, ``not`` and ``none`` are MINUS from all nodes of the type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.model import NODE, ApiField, ApiModel, Kind
from qualitrace.graphql.names import LOGIC
from qualitrace.graphql.sparql import Names, path_pattern, values_block
from qualitrace.graphql.values import NUMBERS, double_value, iri_from, sparql_value
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.terms import RDFS_LABEL, SKOS, SKOS_NOTATION, XSD, literal
from qualitrace.text import Text

LABEL_PATH: PropertyPath = ((PathStep(RDFS_LABEL),), (PathStep(SKOS + "prefLabel"),))
CODE_PATH: PropertyPath = ((PathStep(SKOS_NOTATION),),)

Where = Mapping[str, Any]
_DOUBLE = f"<{XSD}double>"
_ENDLESS = literal(
    rf"^[+-]?([0-9]+ {XSD}(integer|(nonNegative|positive|nonPositive|negative)Integer|unsignedLong)"
    rf"|([0-9]+(\.[0-9]*)?|\.[0-9]+) {XSD}decimal)$"
)
TOGETHER = 4  # conditions that are asked in one query
LISTED = 100  # values of a list that are asked in one query
MOST_TEXTS = 2000  # texts in a list
MOST_VALUES = 200  # in a list that values are compared with one by one


class Filters:
    """Compiles the filters of one query. ``base`` is the base of identifiers."""

    def __init__(self, model: ApiModel, base: str) -> None:
        self._model = model
        self._base = base
        self._names = Names()

    def nodes(self, type_name: str, where: Where | None, variable: str) -> str:
        """Return a group of the nodes of a type that satisfy ``where``, bound to ``variable``."""
        return f"{self._members(type_name, variable)} {self._where(type_name, where or {}, variable)}".strip()

    def _members(self, type_name: str, variable: str) -> str:
        kind = self._names.fresh()
        if type_name == NODE:
            return f"{{ SELECT DISTINCT {variable} WHERE {{ {variable} a {kind} }} }}"
        family = values_block(kind, sorted(self._model.types[type_name].family))
        return f"{{ SELECT DISTINCT {variable} WHERE {{ {family} {variable} a {kind} }} }}"

    def _where(self, type_name: str, where: Where, variable: str) -> str:
        groups = [
            self._condition(type_name, key, value, variable)
            for key, value in where.items()
            if value is not None
        ]
        return " ".join(group for group in groups if group)

    def _condition(self, type_name: str, key: str, value: Any, variable: str) -> str:
        if key in LOGIC:
            return self._logic(type_name, key, value, variable)
        if key == "id":
            return self._identity(value, variable)
        if key == "label":
            return self._leaf(LABEL_PATH, "String", value, variable, type_name)
        if key == "code":
            return self._leaf(CODE_PATH, "String", value, variable, type_name)
        field = self._model.fields_named(type_name, key)[0]
        if field.kind is Kind.LINK:
            return self._link(field, value, variable, type_name)
        return self._leaf(field.path, field.scalar, value, variable, type_name, enum=field.kind is Kind.ENUM)

    def _logic(self, type_name: str, key: str, value: Any, variable: str) -> str:
        if key == "and":
            return " ".join(self._where(type_name, one, variable) for one in value)
        if key == "or":
            branches = [f"{{ {self.nodes(type_name, one, variable)} }}" for one in value]
            return f"{{ {' UNION '.join(branches) or 'FILTER(false)'} }}"
        return self._without(type_name, self.nodes(type_name, value, variable), variable)

    def _without(self, type_name: str, group: str, variable: str) -> str:
        members = self._members(type_name, variable)
        return f"{{ SELECT DISTINCT {variable} WHERE {{ {members} MINUS {{ {group} }} }} }}"

    def _identity(self, value: Where, variable: str) -> str:
        blocks = []
        if value.get("eq") is not None:
            blocks.append(values_block(variable, [iri_from(value["eq"], self._base)]))
        if value.get("in") is not None:
            blocks.append(values_block(variable, [iri_from(one, self._base) for one in value["in"]]))
        return " ".join(f"{{ {block} }}" for block in blocks)

    def _leaf(
        self,
        path: PropertyPath,
        scalar: str,
        value: Where,
        variable: str,
        type_name: str,
        *,
        enum: bool = False,
    ) -> str:
        """One value must satisfy all operators; ``exists: false`` means that there is no value."""
        given = {op: argument for op, argument in value.items() if argument is not None}
        exists = given.pop("exists", None)
        found = self._names.fresh()
        pattern = path_pattern(variable, path, found, self._names)
        if exists is False:
            absent = self._without(type_name, pattern, variable)
            return absent if not given else absent + " FILTER(false)"
        if not given and exists is None:
            return ""
        among = given.pop("in", None) if scalar == "String" and not enum else None
        if among is not None:  # joined: a fraction of what comparing with each would take
            check_list(among, MOST_TEXTS)
            text = self._names.fresh()
            values = " ".join(map(literal, dict.fromkeys(among)))
            pattern = f"{{ {pattern} }} BIND(STR({found}) AS {text}) VALUES {text} {{ {values} }}"
        tests = [
            _ENUM[op](found, argument) if enum else _OPERATORS[op](found, argument, scalar)
            for op, argument in given.items()
        ]
        test = f"FILTER({' && '.join(tests)})" if tests else ""
        return f"{{ SELECT DISTINCT {variable} WHERE {{ {{ {pattern} }} {test} }} }}"

    def _link(self, field: ApiField, value: Where, variable: str, type_name: str) -> str:
        groups = []
        for op, argument in value.items():
            if argument is None:
                continue
            other = self._names.fresh()
            pattern = f"{{ {path_pattern(variable, field.path, other, self._names)} }}"
            if op == "exists":
                group = f"{{ SELECT DISTINCT {variable} WHERE {{ {pattern} }} }}"
                groups.append(group if argument else self._without(type_name, pattern, variable))
                continue
            pattern += " " + self.nodes(field.scalar, argument, other)
            if op == "some":
                groups.append(f"{{ SELECT DISTINCT {variable} WHERE {{ {pattern} }} }}")
            else:
                groups.append(self._without(type_name, pattern, variable))
        return " ".join(groups)


def apart(where: Where | None) -> bool:
    """Tell whether a filter is better asked condition by condition than in one query.

    One with many conditions could take long; "not" and "none" cost MINUS several times what they cost here.
    """
    given = {key: value for key, value in (where or {}).items() if value is not None}
    if len(given) == 1 and not given.keys() & LOGIC:
        (value,) = given.values()
        return isinstance(value, Mapping) and (value.get("none") is not None or bool(long_list(value)))
    return "not" in given or sum(map(_leaves, given.values())) > TOGETHER


def long_list(value: Any) -> list[Any]:
    """Return the list of a condition, if it is one that is asked part by part."""
    listed = value.get("in") if isinstance(value, Mapping) else None
    return listed if isinstance(listed, list) and len(listed) > LISTED else []


def _leaves(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_leaves, value.values()))
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return sum(map(_leaves, value))
    return 1


def _compared(sign: str) -> Callable[[str, Any, str], str]:
    def test(variable: str, argument: Any, scalar: str) -> str:
        plain = f"{_operand(variable, scalar)} {sign} {sparql_value(argument, scalar)}"
        if scalar not in NUMBERS:
            return plain
        return _or_beyond(plain, variable, f"{sign} {double_value(argument)}")

    return test


def _or_beyond(plain: str, variable: str, then: str) -> str:
    """A number longer than those the store computes with compares as a double."""
    written = f"CONCAT(STR({variable}), ' ', STR(DATATYPE({variable})))"
    return f"COALESCE({plain}, REGEX({written}, {_ENDLESS}) && {_DOUBLE}(STR({variable})) {then})"


def _operand(variable: str, scalar: str) -> str:
    return f"STR({variable})" if scalar == "String" else variable


def _one_of(variable: str, argument: Any, scalar: str) -> str:
    check_list(argument, MOST_VALUES)
    plain = f"{_operand(variable, scalar)} IN ({', '.join(sparql_value(one, scalar) for one in argument)})"
    if scalar not in NUMBERS:
        return plain
    return _or_beyond(plain, variable, f"IN ({', '.join(map(double_value, argument))})")


def check_list(values: Any, most: int) -> None:
    """Raise LimitError when a list holds more than ``most`` entries."""
    if len(values) > most:
        raise LimitError(
            Text(
                zh=f"列表有 {len(values)} 项,至多 {most} 项。",
                en=f"The list has {len(values)} entries; at most {most} are allowed.",
            ),
            where="in",
        )


def _textual(function: str) -> Callable[[str, Any, str], str]:
    def test(variable: str, argument: Any, scalar: str) -> str:
        return f"{function}(LCASE(STR({variable})), LCASE({literal(argument)}))"

    return test


_OPERATORS: dict[str, Callable[[str, Any, str], str]] = {
    "eq": _compared("="),
    "in": _one_of,
    "gt": _compared(">"),
    "gte": _compared(">="),
    "lt": _compared("<"),
    "lte": _compared("<="),
    "contains": _textual("CONTAINS"),
    "startsWith": _textual("STRSTARTS"),
}
_ENUM: dict[str, Callable[[str, Any], str]] = {
    "eq": lambda variable, argument: f"sameTerm({variable}, {argument.value})",
    "in": lambda variable, argument: (
        f"({' || '.join(f'sameTerm({variable}, {one.value})' for one in argument) or 'false'})"
    ),
}
