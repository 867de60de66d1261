"""RDF terms within Cypher: values of a node in N-Triples syntax, and what is asked of one (floor 2).

A node holds values as properties, and beside them, to the letter, what its properties do not give back
(:mod:`qualitrace.store.neo4j.nodes`). Here both become one list of terms.
"""

from __future__ import annotations

from qualitrace.store.neo4j.naming import ValueName, quoted
from qualitrace.store.neo4j.values import FLOATS, datatype_of
from qualitrace.terms import INTEGERS, XSD
from qualitrace.validation.cluster.script import Script

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_MARK = "\u0001"  # stands for a backslash while the others are read
NUMBERS = (*INTEGERS, *sorted(FLOATS))
_TEXT = frozenset({XSD + "string"})


def text(value: str) -> str:
    """Write a string as it stands in a statement."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        value = value.replace(plain, escaped)
    return f"'{value.replace(_MARK, chr(92) + 'u0001')}'"


def literals(script: Script, node: str, predicate: str) -> str:
    """Write the list of a node's literals of one predicate."""
    mark, alone = script.given(f"<{predicate}> "), script.given(f"<{predicate}>")
    noted = (
        f"[x IN coalesce({node}._exact, []) + coalesce({node}._inferred, []) "
        f"WHERE x STARTS WITH {mark} | substring(x, size({mark}))]"
    )
    name = script.names.naming.value(predicate)
    if name is None:
        return noted
    replaced = (
        f"{node}._profile IS NULL AND any(x IN coalesce({node}._exact, []) "
        f"WHERE x = {alone} OR x STARTS WITH {mark})"
    )
    return f"CASE WHEN {replaced} THEN [] ELSE {_native(script, node, name)} END + {noted}"


def _native(script: Script, node: str, name: ValueName) -> str:
    key, prefix = f"{node}.{quoted(name.key)}", script.given(f"{name.key}_")
    datatype = datatype_of(name)
    values = key if name.many and not name.text else f"[{key}]"
    shown = _lexical_of("v", datatype)
    typed = "'\"'" if datatype in _TEXT else "'\"^^' + " + script.given(f"<{datatype}>")
    plain = f"CASE WHEN {key} IS NULL THEN [] ELSE [v IN {values} | '\"' + {shown} + {typed}] END"
    tag = f"replace(substring(k, size({prefix})), '_', '-')"
    spoken = (
        f"[k IN keys({node}) WHERE k STARTS WITH {prefix} | '\"' + {_escaped(f'{node}[k]')} + '\"@' + {tag}]"
    )
    return f"{plain} + {spoken}"


def _lexical_of(value: str, datatype: str) -> str:
    if datatype in _TEXT or not datatype.startswith(XSD):
        return _escaped(value)
    if datatype in FLOATS:
        whole = f"{value} = toInteger({value}) AND abs({value}) < 1e15"
        return f"CASE WHEN {whole} THEN toString(toInteger({value})) ELSE toString({value}) END"
    return f"toString({value})"


def _escaped(value: str) -> str:
    for plain, escaped in _ESCAPES:
        value = f"replace({value}, {text(plain)}, {text(escaped)})"
    return value


def is_iri(term: str) -> str:
    """Write the condition that a term is an IRI."""
    return f"{term} STARTS WITH '<'"


def is_literal(term: str) -> str:
    """Write the condition that a term is a literal."""
    return f"{term} STARTS WITH '\"'"


def has_language(term: str) -> str:
    """Write the condition that a term is a text in a language."""
    return f"({is_literal(term)} AND NOT {term} ENDS WITH '\"' AND NOT {term} ENDS WITH '>')"


def is_plain(term: str) -> str:
    """Write the condition that a term is a literal of xsd:string."""
    return f"({is_literal(term)} AND {term} ENDS WITH '\"')"


def typed(script: Script, term: str, datatype: str) -> str:
    """Write the condition that a term is a literal of a datatype (IRI), well-formed or not."""
    if datatype == XSD + "string":
        return is_plain(term)
    return f"({is_literal(term)} AND {term} ENDS WITH {script.given(f'{chr(34)}^^<{datatype}>')})"


def language(term: str) -> str:
    """Write a term's language, "" for none."""
    return f"CASE WHEN {has_language(term)} THEN last(split({term}, '\"@')) ELSE '' END"


def quotes_inside(term: str) -> str:
    """Write the text between the quotes of a literal, still escaped."""
    suffix = f"last(split({term}, '\"'))"
    return f"substring({term}, 1, size({term}) - 2 - size({suffix}))"


def lexical(term: str) -> str:
    """Write the text of a term, as STR() of SPARQL gives it."""
    inner = quotes_inside(term)
    for plain, escaped in (("\\", "\\\\"), *_ESCAPES[1:]):
        inner = f"replace({inner}, {text(escaped)}, {text(_MARK if plain == chr(92) else plain)})"
    inner = f"replace({inner}, {text(_MARK)}, {text(chr(92))})"
    return f"CASE WHEN {is_iri(term)} THEN substring({term}, 1, size({term}) - 2) ELSE {inner} END"
