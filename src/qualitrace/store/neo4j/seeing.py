"""What an audience sees of a registry in Neo4j, as parts of Cypher statements (floor 1).

Publication writes what this asks for (:mod:`qualitrace.store.neo4j.veils`):

- ``_veil`` on a node of which not everybody sees everything. Its *face*, a node ``QualitraceFace`` of its
  own, holds what is seen instead: the same properties, and ``_labels``. ``_own`` false: what everybody
  sees; true: what the stewards of the node see, where ``_veil`` is 2; where it is 1 they see the node itself.
- ``_units``, ``_units_from``, ``_units_to``: whose stewards see what is protected of it, on which days.
- ``_days``: on which days it counts for everybody, and for its stewards, where these differ from its own.
- ``_veil`` on a relationship that not everybody sees: ``s`` only stewards of its start do, ``t`` of its end,
  ``st`` of both, ``x`` nobody.

The audience is two parameters, ``$units`` (IRIs; none for what is public) and ``$today``, so that one
statement serves all audiences.
"""

from __future__ import annotations

FACE = "QualitraceFace"
NOBODY = "x"  # on a relationship that is shown in no view

MARKS = ("_veil", "_units", "_units_from", "_units_to", "_days")  # on nodes
_BARE = str(["registry", "iri", "name", "_own", "_labels", *MARKS])  # what says nothing of a node by itself


class Whole:
    """Everything is seen: nodes and relationships are what they are."""

    hides = False

    def face(self, variable: str) -> str:
        """Return the variable of the node that values are read from, given that of the node."""
        return variable

    def bind(self, variable: str, *others: str) -> str:
        """Return the clause that binds the face of a node, keeping ``others``; it ends before a WHERE."""
        return ""

    def labels(self, variable: str) -> str:
        """Return the list of labels of a bound node."""
        return f"labels({variable})"

    def is_any(self, variable: str, labels: str) -> str:
        """Return the condition that a bound node has one of some labels (an expression, ``A|B``)."""
        return f"{variable}:{labels}"

    def link(self, variable: str) -> str:
        """Return the condition that a relationship is seen; "" when all are."""
        return ""

    def within(self, variable: str, condition: str = "") -> str:
        """Return the WHERE inside a relationship pattern, with one more condition; "" for none."""
        return f" WHERE {condition}" if condition else ""

    def days(self, variable: str) -> str:
        """Return the list of the first and last day of a node, and whether it never counts."""
        return f"[{variable}._from, {variable}._to, {variable}._never]"

    def counts(self, variable: str) -> str:
        """Return the condition that a node counts on ``$day``."""
        return (
            f"coalesce({variable}._from <= $day, true) AND coalesce({variable}._to >= $day, true) "
            f"AND {variable}._never IS NULL"
        )

    def unbound(self, variable: str) -> tuple[str, str]:
        """Return the lists of labels and the properties of a node whose face is not bound."""
        return f"labels({variable})", f"properties({variable})"

    def mentioned(self, variable: str) -> str:
        """Return the condition that some fact about, or to, a bound node is seen."""
        return "true"


class Mask(Whole):
    """Only what an audience sees: ``$units`` and ``$today`` say which."""

    hides = True

    def face(self, variable: str) -> str:
        """Return the variable of the node that values are read from: bound by :meth:`bind`."""
        return f"{variable}_f"

    def bind(self, variable: str, *others: str) -> str:
        """Return the clause that binds the face of a node, keeping ``others``; it ends before a WHERE."""
        kept = ", ".join([variable, *others])
        return f" WITH {kept}, {shown(variable)} AS {self.face(variable)}"

    def labels(self, variable: str) -> str:
        """Return the list of labels of a bound node."""
        face = self.face(variable)
        return f"CASE WHEN {face} = {variable} THEN labels({variable}) ELSE {face}._labels END"

    def is_any(self, variable: str, labels: str) -> str:
        """Return the condition that a bound node has one of some labels."""
        face = self.face(variable)
        return (
            f"(CASE WHEN {face} = {variable} THEN {variable}:{labels} "
            f"ELSE any(l IN {face}._labels WHERE l IN {_listed(labels)}) END)"
        )

    def link(self, variable: str) -> str:
        """Return the condition that a relationship is seen."""
        return linked(variable)

    def within(self, variable: str, condition: str = "") -> str:
        """Return the WHERE inside a relationship pattern, with one more condition."""
        return f" WHERE ({condition}) AND {linked(variable)}" if condition else f" WHERE {linked(variable)}"

    def days(self, variable: str) -> str:
        """Return the list of the first and last day of a node, and whether it never counts."""
        return (
            f"CASE WHEN {variable}._days IS NULL THEN {super().days(variable)} "
            f"WHEN {admitted(variable)} THEN [{variable}._days[2], {variable}._days[3], null] "
            f"ELSE [{variable}._days[0], {variable}._days[1], null] END"
        )

    def counts(self, variable: str) -> str:
        """Return the condition that a node counts on ``$day``."""
        return (
            f"CASE WHEN {variable}._days IS NULL THEN {super().counts(variable)} "
            f"WHEN {admitted(variable)} THEN {variable}._days[2] <= $day AND {variable}._days[3] >= $day "
            f"ELSE {variable}._days[0] <= $day AND {variable}._days[1] >= $day END"
        )

    def unbound(self, variable: str) -> tuple[str, str]:
        """Return the lists of labels and the properties of a node whose face is not bound."""
        face = f"({shown(variable)})"
        return f"coalesce({face}._labels, labels({face}))", f"properties({face})"

    def mentioned(self, variable: str) -> str:
        """Return the condition that some fact about, or to, a bound node is seen."""
        face = self.face(variable)
        return (
            f"(size({self.labels(variable)}) > 1 OR any(k IN keys({face}) WHERE NOT k IN {_BARE}) "
            f"OR EXISTS {{ ({variable})-[seen WHERE {linked('seen')}]-() }})"
        )


WHOLE = Whole()
MASK = Mask()


def admitted(node: str) -> str:
    """Return the condition that the audience sees what is protected of a node (an expression).

    ``$units`` are the IRIs of the units it is a steward of, ``$today`` is a date.
    """
    return (
        f"any(i IN range(0, size(coalesce({node}._units, [])) - 1) WHERE {node}._units[i] IN $units "
        f"AND {node}._units_from[i] <= $today AND {node}._units_to[i] >= $today)"
    )


def shown(node: str) -> str:
    """Return the node that holds what the audience sees of a node (a variable): itself, or its face.

    Values, name, days and (``_labels``) classes are to be read from it and from nothing else; links from
    the node, with :func:`linked`. It is null, and so shows nothing, should a face be missing.
    """
    others = f"{node}._veil = 1 AND {admitted(node)}"
    return (
        f"CASE WHEN {node}._veil IS NULL OR {others} THEN {node} ELSE head(COLLECT {{ "
        f"MATCH (face:{FACE} {{registry: {node}.registry, iri: {node}.iri, _own: {admitted(node)}}}) "
        "RETURN face }) END"
    )


def linked(relationship: str) -> str:
    """Return the condition that the audience sees a relationship (a variable)."""
    start, end = (admitted(f"{side}({relationship})") for side in ("startNode", "endNode"))
    veil = f"{relationship}._veil"
    return (
        f"({veil} IS NULL OR {veil} <> '{NOBODY}' AND (NOT {veil} CONTAINS 's' OR {start}) "
        f"AND (NOT {veil} CONTAINS 't' OR {end}))"
    )


def _listed(labels: str) -> str:
    """A label expression as a list of texts. A name in it is quoted as :func:`naming.quoted` writes it."""
    names = [name.strip("`").replace("``", "`") for name in labels.split("|")]
    return "[" + ", ".join("'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" for name in names) + "]"
