"""RDF terms as they flow between floors (floor 0).

Subjects and predicates are plain IRI strings. Objects are strings in N-Triples syntax
(https://www.w3.org/TR/n-triples/), so that a fact is hashable, storable and canonical without a
library. Registry data has no blank nodes: a node without a code of its own gets a derived IRI.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from qualitrace.text import Text

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
OWL_THING = OWL + "Thing"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SH = "http://www.w3.org/ns/shacl#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
QT = "https://w3id.org/qualitrace/engine#"
# Datatypes of whole numbers (XML Schema 1.1 part 2, 3.4).
INTEGERS = tuple(
    XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedShort", "unsignedByte",
        "unsignedLong",
    )
)  # fmt: skip
RDF_TYPE = RDF + "type"
RDFS_LABEL = RDFS + "label"
SKOS_NOTATION = SKOS + "notation"

# Canonical N-Triples (RDF 1.2 N-Triples, section 4): these as ECHAR, other controls as UCHAR.
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_UNESCAPES = {value: key for key, value in _ESCAPES.items()}
_TO_ESCAPE = re.compile(r'[\\"\x00-\x1f\x7f\ufffe\uffff]')
_ESCAPED = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z][A-Za-z0-9-]*)|\^\^<([^>]*)>)?', re.DOTALL)


class Lit(NamedTuple):
    """A literal taken apart: lexical form, datatype IRI, language tag (``""`` when none)."""

    value: str
    datatype: str = XSD + "string"
    language: str = ""


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def _unescape(match: re.Match[str]) -> str:
    escaped = match.group()
    return _UNESCAPES.get(escaped) or chr(int(escaped[2:], 16))


def iri(value: str) -> str:
    """Return the N-Triples form of an IRI: ``<value>``."""
    return f"<{value}>"


def literal(value: str, *, datatype: str = "", language: str = "") -> str:
    """Return the N-Triples form of a literal. ``datatype`` is an IRI; omit it for xsd:string."""
    text = _TO_ESCAPE.sub(_escape, value)
    if language:
        return f'"{text}"@{language.lower()}'
    if datatype and datatype != XSD + "string":
        return f'"{text}"^^<{datatype}>'
    return f'"{text}"'


def is_iri(term: str) -> bool:
    """Tell whether an N-Triples term is an IRI."""
    return term.startswith("<")


def iri_of(term: str) -> str:
    """Return the IRI of an N-Triples IRI term. Raises ValueError for a literal."""
    if not is_iri(term):
        raise ValueError(f"not an IRI: {term}")
    return term[1:-1]


def lit_of(term: str) -> Lit:
    """Take an N-Triples literal apart. Raises ValueError for an IRI or malformed text."""
    match = _LITERAL.fullmatch(term)
    if match is None:
        raise ValueError(f"not a literal: {term}")
    value = _ESCAPED.sub(_unescape, match.group(1))
    if match.group(2):
        return Lit(value, RDF + "langString", match.group(2))
    return Lit(value, match.group(3) or XSD + "string")


class Fact(NamedTuple):
    """One statement: subject and predicate as IRIs, object in N-Triples syntax."""

    subject: str
    predicate: str
    object: str

    def ntriples(self) -> str:
        """Return the statement as one N-Triples line without its line end."""
        return f"<{self.subject}> <{self.predicate}> {self.object} ."


def language_text(terms: list[str]) -> Text:
    """Gather literals into one :class:`Text` by language tag; IRIs are ignored."""
    found: dict[str, str] = {}
    for term in sorted(terms):
        if not is_iri(term):
            lit = lit_of(term)
            found.setdefault(lit.language, lit.value)
    return Text(found)
