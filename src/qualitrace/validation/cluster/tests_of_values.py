"""What one term must be (SHACL 4.1, 4.3, 4.4, 4.8), as Cypher conditions that are never null (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rdflib.term import BNode, Node

from qualitrace.store.neo4j import forms
from qualitrace.store.neo4j.comparing import Case, compared, compared_with, inside
from qualitrace.store.neo4j.naming import quoted
from qualitrace.terms import RDF, RDF_TYPE, RDFS, XSD
from qualitrace.text import Text
from qualitrace.validation.cluster import terms
from qualitrace.validation.cluster.script import Script, Spot
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.datatypes import INTEGER_RANGES
from qualitrace.validation.vocabulary import local_name, ntriples

_YEAR = r"-?([1-9]\d{3,}|0\d{3})"
_ANY_ZONE = r"(Z|[+-]\d{2}:\d{2})?"
# Lexical forms of datatypes, as home has them.
_FORMS = forms.FORMS | {
    XSD + "gYear": _YEAR + _ANY_ZONE,
    XSD + "gYearMonth": rf"{_YEAR}-(0[1-9]|1[0-2]){_ANY_ZONE}",
}
_UNKNOWN = frozenset(XSD + name for name in ("time", "duration", "dayTimeDuration", "yearMonthDuration"))
# Compared by their text, where they have no time zone.
_BY_TEXT = {
    XSD + "time": forms.TIME,
    XSD + "gMonth": r"--\d{2}",
    XSD + "gDay": r"---\d{2}",
    XSD + "gMonthDay": r"--\d{2}-\d{2}",
}
_OPERATORS = {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}


def all_of(parts: Sequence[str]) -> str:
    """Write the condition that all hold."""
    return f"({' AND '.join(parts)})" if parts else "true"


def any_of(parts: Sequence[str]) -> str:
    """Write the condition that at least one holds."""
    return f"({' OR '.join(parts)})" if parts else "false"


def has_class(script: Script, value: Spot, class_: str) -> str:
    """The value is an instance of a class or of a subclass of it."""
    below = script.names.below(class_)
    labels = sorted({label for one in below if (label := script.names.naming.label(one))})
    found = [f"{value.node}:{'|'.join(map(quoted, labels))}"] if labels else []
    members = script.names.members(class_)
    if members:
        found.append(f"{value.node}.iri IN {script.given(members)}")
    noted = script.given([f"<{RDF_TYPE}> <{one}>" for one in below])
    said = f"coalesce({value.node}._exact, []) + coalesce({value.node}._inferred, [])"
    found.append(f"any(x IN {said} WHERE x IN {noted})")
    return f"({value.node} IS NOT NULL AND {any_of(found)})"


def has_datatype(script: Script, value: Spot, datatype: str) -> str:
    """The value is a well-formed literal of a datatype. Raises UnsupportedError."""
    if datatype == RDFS + "Literal":
        return f"({terms.is_literal(value.term)})"
    if datatype == RDF + "langString":
        return terms.has_language(value.term)
    if datatype in _UNKNOWN:
        raise UnsupportedError(
            Text(zh=f"数据类型 {local_name(datatype)}", en=f"the datatype {local_name(datatype)}")
        )
    bounds = INTEGER_RANGES.get(datatype)
    form = _FORMS.get(datatype) if bounds is None else forms.whole_numbers(*bounds)
    if form is None:
        return terms.typed(script, value.term, datatype)
    return _formed(script, value.term, form, datatype)


def _formed(script: Script, term: str, form: str, *datatypes: str) -> str:
    """Write the condition that a term is a literal of one of some datatypes, and has a form."""
    return f"({term} =~ {script.given(forms.written(form, *datatypes))})"


def is_kind(value: Spot, kind: str) -> str:
    """The value is of a node kind (the end of its IRI); a registry in Neo4j holds no blank nodes."""
    found = []
    if "IRI" in kind:
        found.append(terms.is_iri(value.term))
    if "Literal" in kind:
        found.append(terms.is_literal(value.term))
    return any_of(found)


def is_one_of(script: Script, value: Spot, allowed: Sequence[Node]) -> str:
    """The value is one of some terms."""
    listed = [ntriples(node) for node in allowed if not isinstance(node, BNode)]
    return f"({value.term} IN {script.given(listed)})"


def length(value: Spot, operator: str, limit: int) -> str:
    """The text of the value is as long as said, in characters."""
    return f"(size({terms.lexical(value.term)}) {operator} {limit})"


def matches(script: Script, value: Spot, pattern: str, flags: str) -> str:
    """The text of the value matches a regular expression somewhere. Raises UnsupportedError."""
    if "q" in flags:
        return f"({terms.lexical(value.term)} CONTAINS {script.given(pattern)})"
    known = "".join(sorted(set(flags) & set("ism")))
    if set(flags) - set("ism"):
        raise UnsupportedError(Text(zh=f"sh:flags “{flags}”", en=f"sh:flags “{flags}”"))
    whole = f"(?U{known})[\\s\\S]*(?:{_ended(pattern) if 'm' not in flags else pattern})[\\s\\S]*"
    return f"coalesce({terms.lexical(value.term)} =~ {script.given(whole)}, false)"


def _ended(pattern: str) -> str:
    """Write ``$`` as the very end of the text: in Java it also stands before a last line break."""
    found, inside, at = [], False, 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            found.append(pattern[at : at + 2])
            at += 2
            continue
        inside = (inside or sign == "[") and sign != "]"
        found.append("\\z" if sign == "$" and not inside else sign)
        at += 1
    return "".join(found)


def speaks(script: Script, value: Spot, tags: Sequence[str]) -> str:
    """The value has one of some languages, or a variety of one."""
    tag = f"toLower({terms.language(value.term)})"
    some = [name.lower() for name in tags if name]
    found = f"any(x IN {script.given(some)} WHERE {tag} = x OR {tag} STARTS WITH x + '-'"
    return f"({found} OR (x = '*' AND {tag} <> '')))"


def in_range(script: Script, value: Spot, name: str, bound: Node) -> str:
    """The value compares with a bound as SPARQL compares them. Raises UnsupportedError."""
    known = ntriples(bound)
    if any(known.endswith(f"<{datatype}>") for datatype in _UNKNOWN - set(_BY_TEXT)):
        raise UnsupportedError(Text(zh=f"界限 {known}", en=f"the bound {known}"))
    sign, other = _OPERATORS[name], script.given(known)
    cases = compared_with(value.term, sign, known, script.given)
    return _chosen(value.term, sign, other, cases or _texts(script, value.term, sign, other))


def compares(script: Script, one: str, operator: str, other: str) -> str:
    """Two terms compare; false where SPARQL would find an error (XML Schema values, SPARQL 17.3)."""
    cases = [*compared(one, operator, other, script.given), *_texts(script, one, operator, other)]
    return _chosen(one, operator, other, cases)


def _texts(script: Script, one: str, sign: str, other: str) -> Iterator[Case]:
    """Texts compare by their characters, in one language or in none; so do truths, where only = may hold."""
    plain = all_of([terms.is_plain(one), terms.is_plain(other)])
    ordered = f"{terms.lexical(one)} {sign} {terms.lexical(other)}"
    yield plain, ordered
    spoken = all_of([terms.has_language(one), terms.has_language(other)])
    alike = f"toLower({terms.language(one)}) = toLower({terms.language(other)})"
    yield spoken, f"{alike} AND {ordered}"
    for datatype, form in _BY_TEXT.items():
        both = all_of([_formed(script, term, form, datatype) for term in (one, other)])
        yield both, f"{inside(one)} {sign} {inside(other)}"
    if "=" in sign:
        datatype = XSD + "boolean"
        both = all_of([_formed(script, term, forms.FORMS[datatype], datatype) for term in (one, other)])
        yield both, " = ".join(f"({inside(term)} IN ['true', '1'])" for term in (one, other))


def _chosen(one: str, sign: str, other: str, cases: Iterable[Case]) -> str:
    """Write which of some cases is asked; the same term is as large as itself, whatever it is."""
    same = [f"WHEN {one} = {other} THEN true"] if "=" in sign else []
    written = [f"WHEN {when} THEN coalesce({then}, false)" for when, then in cases]
    return f"CASE {' '.join([*same, *written])} ELSE false END" if same or written else "false"
