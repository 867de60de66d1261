"""``where`` as Cypher (floor 4).

Every condition is true or false of one node, so that they combine as they are written; links are
``EXISTS`` subqueries. Names come from the profile's table of names; all else is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from qualitrace.graphql.cypher_values import chosen, compare, compare_text, has_any
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH, MOST_TEXTS, MOST_VALUES, Where, check_list
from qualitrace.graphql.model import NODE, ApiField, ApiModel, Kind
from qualitrace.graphql.names import LOGIC
from qualitrace.graphql.values import finite, iri_from
from qualitrace.profile.model import PathStep, PropertyPath
from qualitrace.store.neo4j.naming import OTHER, Naming, quoted
from qualitrace.store.neo4j.seeing import WHOLE, Whole
from qualitrace.terms import RDF_TYPE, lit_of
from qualitrace.tracing.cypher_text import OF_REGISTRY


class CypherFilters:
    """Compiles the filters of one statement; ``given`` are its parameters. ``base`` is of identifiers.

    What ``mask`` does not show makes no condition true: values are read from what is seen of a node, and
    links are followed as far as they are seen.
    """

    def __init__(self, model: ApiModel, base: str, naming: Naming, mask: Whole = WHOLE) -> None:
        self._model = model
        self._base = base
        self._naming = naming
        self._mask = mask
        self._numbers = count()
        self.given: dict[str, Any] = {}
        self._known: dict[str, str] = {}

    def statement(self, type_name: str, where: Where | None, among: Sequence[str] | None = None) -> str:
        """Return a statement that finds the nodes of a type that satisfy ``where``, of all or of some."""
        condition = self._where(type_name, where or {}, "n")
        found = "RETURN DISTINCT n.iri AS iri"
        if among is not None:
            self.given["among"] = list(among)
            return (
                "UNWIND $among AS name MATCH (n:Resource {registry: $registry, iri: name}) "
                f"USING INDEX n:Resource(registry, iri){self._mask.bind('n') or ' WITH n'} "
                f"WHERE {self._member(type_name, 'n')} AND {condition} {found}"
            )
        labels = self._labels(type_name)
        member = self._member(type_name, "n")
        return f"MATCH (n{labels}) WHERE {OF_REGISTRY}{self._seen('n')} {member} AND {condition} {found}"

    def number(self, type_name: str) -> str:
        """Return a statement that counts the nodes of a type."""
        labels = self._labels(type_name)
        seen = f"{self._mask.bind('n')} WHERE {self._member(type_name, 'n')}" if self._mask.hides else ""
        return f"MATCH (n{labels}) WHERE {OF_REGISTRY}{seen} RETURN count(n) AS number"

    def _seen(self, variable: str, *others: str) -> str:
        """What stands between the conditions on a node and those on what is seen of it."""
        bound = self._mask.bind(variable, *others)
        return f"{bound} WHERE" if bound else " AND"

    def _labels(self, type_name: str) -> str:
        if type_name == NODE:
            return ":Resource"
        family = sorted(self._model.types[type_name].family)
        return ":" + "|".join(quoted(label) for one in family if (label := self._naming.label(one)))

    def _member(self, type_name: str, variable: str) -> str:
        """That a node has the type."""
        if type_name != NODE:
            return self._mask.is_any(variable, self._labels(type_name)[1:])
        mark = self._give(f"<{RDF_TYPE}> ")
        noted = f"any(e IN coalesce({self._mask.face(variable)}._exact, []) WHERE e STARTS WITH {mark})"
        return f"(size({self._mask.labels(variable)}) > 1 OR {noted})"

    def _where(self, type_name: str, where: Where, variable: str) -> str:
        parts = [
            self._condition(type_name, key, value, variable)
            for key, value in where.items()
            if value is not None
        ]
        return " AND ".join(f"({part})" for part in parts) or "true"

    def _condition(self, type_name: str, key: str, value: Any, variable: str) -> str:
        if key in LOGIC:
            return self._logic(type_name, key, value, variable)
        if key == "id":
            return self._identity(value, variable)
        if key == "label":
            return self._leaf(LABEL_PATH, "String", value, variable)
        if key == "code":
            return self._leaf(CODE_PATH, "String", value, variable)
        field = self._model.fields_named(type_name, key)[0]
        if field.kind is Kind.LINK:
            return self._link(field, value, variable)
        return self._leaf(field.path, field.scalar, value, variable, enum=field.kind is Kind.ENUM)

    def _logic(self, type_name: str, key: str, value: Any, variable: str) -> str:
        if key == "not":
            return f"NOT ({self._where(type_name, value, variable)})"
        parts = [f"({self._where(type_name, one, variable)})" for one in value]
        if key == "and":
            return " AND ".join(parts) or "true"
        return " OR ".join(parts) or "false"

    def _identity(self, value: Where, variable: str) -> str:
        tests = []
        if value.get("eq") is not None:
            tests.append(f"{variable}.iri = {self._give(iri_from(value['eq'], self._base))}")
        if value.get("in") is not None:
            tests.append(
                f"{variable}.iri IN {self._give([iri_from(one, self._base) for one in value['in']])}"
            )
        return " AND ".join(tests) or "true"

    def _leaf(
        self, path: PropertyPath, scalar: str, value: Where, variable: str, *, enum: bool = False
    ) -> str:
        """One value must satisfy all operators; ``exists: false`` means that there is no value."""
        given = {op: argument for op, argument in value.items() if argument is not None}
        exists = given.pop("exists", None)
        if exists is False:
            return "false" if given else f"NOT ({self._any(path, variable)})"
        if not given:
            return "true" if exists is None else self._any(path, variable)
        if "in" in given:
            check_list(given["in"], MOST_TEXTS if scalar == "String" and not enum else MOST_VALUES)
        if enum:
            terms = [{one.value for one in _listed(argument)} for argument in given.values()]
            return self._terms(path, sorted(set.intersection(*terms)), variable)
        if scalar == "Float":
            given = {op: finite(argument) for op, argument in given.items()}
        return self._through(path, variable, lambda here, last: self._values(here, last, scalar, given))

    def _values(self, here: str, last: PathStep, scalar: str, given: Mapping[str, Any]) -> str:
        """That a value of the last step from a node passes tests."""
        name = None if last.inverse else self._naming.value(last.predicate)
        parts = []
        if not last.inverse:
            face = self._mask.face(here)
            parts.append(compare(face, last.predicate, name, scalar, given, self._give))
        if scalar == "String" and (last.inverse or name is None or not name.datatype):
            end = self._fresh()
            parts.append(
                f"EXISTS {{ MATCH ({here}){self._step(last)}({end}) "
                f"WHERE {compare_text(f'{end}.iri', given, self._give)} }}"
            )
        return f"({' OR '.join(parts)})" if parts else "false"

    def _terms(self, path: PropertyPath, terms: Sequence[str], variable: str) -> str:
        """That one of some terms is a value: IRIs are linked, literals are held."""
        iris, literals = chosen(terms)

        def test(here: str, last: PathStep) -> str:
            end = self._fresh()
            parts = []
            if iris:
                listed = self._give(iris)
                parts.append(
                    f"EXISTS {{ MATCH ({here}){self._step(last)}({end}) WHERE {end}.iri IN {listed} }}"
                )
            if literals and not last.inverse:
                texts = {"in": [lit_of(one).value for one in literals]}
                name = self._naming.value(last.predicate)
                face = self._mask.face(here)
                parts.append(compare(face, last.predicate, name, "String", texts, self._give))
            return f"({' OR '.join(parts)})" if parts else "false"

        return self._through(path, variable, test)

    def _any(self, path: PropertyPath, variable: str) -> str:
        """That a path leads to anything."""

        def test(here: str, last: PathStep) -> str:
            linked = f"EXISTS {{ ({here}){self._step(last)}() }}"
            if last.inverse:
                return linked
            face, name = self._mask.face(here), self._naming.value(last.predicate)
            held = has_any(face, last.predicate, name, self._give)
            return f"({linked} OR {held})"

        return self._through(path, variable, test)

    def _through(self, path: PropertyPath, variable: str, test: Any) -> str:
        """That a test of the last step holds where the steps before it lead, on any alternative."""
        parts = []
        for steps in path:
            if not steps:
                continue
            pattern, here = f"({variable})", variable
            for step in steps[:-1]:
                here = self._fresh()
                pattern += f"{self._step(step)}({here})"
            condition = test(here, steps[-1])
            parts.append(condition if len(steps) == 1 else self._exists(pattern, here, condition))
        return f"({' OR '.join(parts)})" if parts else "false"

    def _link(self, field: ApiField, value: Where, variable: str) -> str:
        parts = []
        for operator, argument in value.items():
            if argument is None:
                continue
            if operator == "exists":
                found = self._any(field.path, variable)
                parts.append(found if argument else f"NOT ({found})")
                continue
            some = " OR ".join(self._some(steps, field.scalar, argument, variable) for steps in field.path)
            parts.append(f"({some})" if operator == "some" else f"NOT ({some})")
        return " AND ".join(parts) or "true"

    def _some(self, steps: Sequence[PathStep], type_name: str, where: Where, variable: str) -> str:
        pattern, end = f"({variable})", variable
        for step in steps:
            end = self._fresh()
            pattern += f"{self._step(step)}({end})"
        condition = f"{self._member(type_name, end)} AND {self._where(type_name, where, end)}"
        return self._exists(pattern, end, condition) if steps else condition

    def _exists(self, pattern: str, end: str, condition: str) -> str:
        """That a pattern leads to a node to which a condition on what is seen of it applies."""
        bound = self._mask.bind(end)
        last = f" RETURN {end}" if bound else ""
        return f"EXISTS {{ MATCH {pattern}{bound} WHERE {condition}{last} }}"

    def _step(self, step: PathStep) -> str:
        kind = self._naming.relationship(step.predicate)
        variable = self._fresh() if self._mask.hides else ""
        seen = self._mask.within(variable)
        if kind is not None:
            link = f"-[{variable}:{quoted(kind)}{seen}]-"
        else:
            link = f"-[{variable}:{OTHER} {{predicate: {self._give(step.predicate)}}}{seen}]-"
        return f"<{link}" if step.inverse else f"{link}>"

    def _give(self, value: Any) -> str:
        known = self._known.get(repr(value))
        if known is None:
            name = f"g{len(self.given)}"
            self.given[name] = value
            known = self._known[repr(value)] = f"${name}"
        return known

    def _fresh(self) -> str:
        return f"x{next(self._numbers)}"


def _listed(argument: Any) -> Iterable[Any]:
    return argument if isinstance(argument, list) else [argument]
