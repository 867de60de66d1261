"""What ``@neo4j/graphql`` serves of a profile: its type definitions, and statements by hand (floor 5).

Types, labels and relationships are those that publishing writes (:class:`Naming`). What has no field there,
traces and coverage, is a statement that somebody who knows Cypher and this data would write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiField, ApiModel, ApiType, Kind
from qualitrace.profile.model import PathStep, Profile
from qualitrace.store.neo4j.naming import Naming, quoted
from qualitrace.terms import SKOS_NOTATION, XSD

MOST_STEPS = 16  # as our API bounds a trace
_SCALARS = {
    XSD + "date": "Date",
    XSD + "integer": "BigInt",
    XSD + "decimal": "Float",
    XSD + "double": "Float",
    XSD + "boolean": "Boolean",
    XSD + "string": "String",
}
_ROWS = """
type TracedPath { nodes: [String!]! labels: [String]! }
type Covered { total: Int! complete: Int! broken: Int! }
"""


def type_definitions(profile: Profile, to: str, covered: str) -> str:
    """Return the type definitions: every class with its values and links, and a query for each statement.

    ``to``: the class (API name) that is traced to; ``covered``: the one that is judged.
    """
    naming, model = Naming.of(profile), derive(profile)
    types = [one for one in model.types.values() if not one.interface and naming.label(one.iri) is not None]
    known = {one.name for one in types}
    written = [_type(one, naming, known) for one in types]
    hand = ByHand(profile, naming, model)
    return _ROWS + "\n".join(written) + hand.queries(to, covered)


def _type(one: ApiType, naming: Naming, known: set[str]) -> str:
    fields = {"registry": "String!", "iri": "String!", "code": f"String{_alias(naming)}", "label": "String"}
    for name, field in one.fields.items():
        if written := _field(field, naming, known):
            fields.setdefault(name, written)
    shown = "\n".join(f"  {name}: {written}" for name, written in fields.items())
    head = f'type {one.name} @node(labels: ["{naming.label(one.iri)}"]) @plural(value: "{one.root}")'
    return f"{head} {{\n{shown}\n}}"


def _alias(naming: Naming) -> str:
    code = naming.value(SKOS_NOTATION)
    return f' @alias(property: "{code.key}")' if code is not None and code.key != "code" else ""


def _field(field: ApiField, naming: Naming, known: set[str]) -> str:
    """What a field is there; "" for what is not a plain value or link."""
    if len(field.path) != 1 or len(field.path[0]) != 1:
        return ""
    step = field.path[0][0]
    if field.kind is Kind.LINK:
        kind = naming.relationship(step.predicate)
        if kind is None or field.scalar not in known:
            return ""
        direction = "IN" if step.inverse else "OUT"
        return f'[{field.scalar}!]! @relationship(type: "{kind}", direction: {direction})'
    value = naming.value(step.predicate)
    scalar = _SCALARS.get(value.datatype) if value is not None else None
    if value is None or scalar is None or step.inverse:
        return ""
    alias = "" if value.key == field.name else f' @alias(property: "{value.key}")'
    return f"{f'[{scalar}!]' if value.many else scalar}{alias}"


class ByHand:
    """Statements by hand, for a profile."""

    def __init__(self, profile: Profile, naming: Naming, model: ApiModel) -> None:
        self._profile = profile
        self._naming = naming
        self._model = model

    def queries(self, to: str, covered: str) -> str:
        """Return the type ``Query`` with all of them."""
        arguments = "(registry: String!, node: String!, asOf: Date!)"
        fields = [
            f"tracePlain{arguments}: [TracedPath!]! {_cypher(self.trace(to))}",
            f"traceExact{arguments}: [TracedPath!]! {_cypher(self.trace(to, exact=True))}",
            f"coverage(registry: String!, asOf: Date!): [Covered!]! {_cypher(self.coverage(covered))}",
        ]
        return "\ntype Query {\n  " + "\n  ".join(fields) + "\n}\n"

    def trace(self, to: str, *, exact: bool = False) -> str:
        """All paths from a node to a class, of bounded length, through what counts on the date.

        ``exact``: what is inherited only where nothing else leads on, as our trace has it; the one without is
        quicker, and right wherever nothing is inherited.
        """
        trace = self._profile.trace.properties
        every = self._types(list(trace))
        end = self._label(to)
        text = (
            "MATCH p = (s:Resource {registry: $registry, iri: $node})"
            f" ((a)-[e:{every}]->(x WHERE {_counts('x')})){{1,{MOST_STEPS}}} (n:{end})"
        )
        if exact:
            own = self._types([name for name, one in trace.items() if not one.inherited])
            inherited = [kind for name, one in trace.items() if one.inherited for kind in self._kinds(name)]
            text += (
                " CALL (e) { UNWIND e AS one WITH one WHERE type(one) IN ["
                + ", ".join(f"'{kind}'" for kind in inherited)
                + "] WITH startNode(one) AS y"
                f" WHERE EXISTS {{ (y)-[:{own}]->(z WHERE {_counts('z')})"
                f" (()-[:{every}]->(w WHERE {_counts('w')})){{0,{MOST_STEPS}}} (:{end}) }}"
                " RETURN count(*) AS otherwise } WITH p WHERE otherwise = 0"
            )
        labels = "[y IN nodes(p) | coalesce(y.label, '')]"
        return f"{text} RETURN {{nodes: [y IN nodes(p) | y.iri], labels: {labels}}} AS row"

    def coverage(self, of: str) -> str:
        """How many nodes of a class have all their chains."""
        model = next(one for one in self._profile.classes.values() if one.name == of)
        broken = [self._broken("n", chain.links, depth=0) for chain in model.chains]
        return (
            f"MATCH (n:{self._label(of)}) WHERE n.registry = $registry AND {_counts('n')}"
            f" WITH count(n) AS total, sum(CASE WHEN {' OR '.join(broken)} THEN 1 ELSE 0 END) AS broken"
            " RETURN {total: total, complete: total - broken, broken: broken} AS row"
        )

    def _broken(self, variable: str, links: Sequence[PathStep], depth: int) -> str:
        """That some branch of a chain ends before its end."""
        step, rest = links[0], links[1:]
        end = f"c{depth}"
        kinds = "|".join(quoted(kind) for kind in self._kinds(step.predicate))
        link = f"<-[:{kinds}]-" if step.inverse else f"-[:{kinds}]->"
        found = f"({variable}){link}({end} WHERE {_counts(end)})"
        missing = f"NOT EXISTS {{ {found} }}"
        if not rest:
            return missing
        return f"{missing} OR EXISTS {{ MATCH {found} WHERE {self._broken(end, rest, depth + 1)} }}"

    def _label(self, name: str) -> str:
        model = next(one for one in self._profile.classes.values() if one.name == name)
        return quoted(str(self._naming.label(model.iri)))

    def _types(self, predicates: Sequence[str]) -> str:
        return "|".join(sorted(quoted(kind) for one in predicates for kind in self._kinds(one)))

    def _kinds(self, predicate: str) -> Iterator[str]:
        if kind := self._naming.relationship(predicate):
            yield kind


def _counts(variable: str) -> str:
    """That a node counts on the date."""
    return (
        f"({variable}._from IS NULL OR {variable}._from <= $asOf)"
        f" AND ({variable}._to IS NULL OR {variable}._to >= $asOf) AND {variable}._never IS NULL"
    )


def _cypher(statement: str) -> str:
    return f'@cypher(statement: """{statement}""", columnName: "row")'
