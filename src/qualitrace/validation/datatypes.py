"""When a literal is a well-formed literal of a datatype (SHACL 4.1.2), as a SPARQL condition.

The engine keeps numbers as numbers: it reports every datatype derived from xsd:integer as
xsd:integer (``"5"^^xsd:byte`` comes back as ``"5"^^xsd:integer``). A derived datatype is therefore
met by an integer within its range, unless it is known to have been written otherwise.
"""

from __future__ import annotations

from qualitrace.terms import RDFS, XSD
from qualitrace.validation.constraint import AsWritten
from qualitrace.validation.expressions import FALSE, Condition, Writer, all_of, any_of, safe_test, test

# Facets of the datatypes derived from xsd:integer (XML Schema 1.1 part 2, 3.4).
INTEGER_RANGES: dict[str, tuple[int | None, int | None]] = {
    XSD + "nonNegativeInteger": (0, None),
    XSD + "positiveInteger": (1, None),
    XSD + "nonPositiveInteger": (None, 0),
    XSD + "negativeInteger": (None, -1),
    XSD + "byte": (-(2**7), 2**7 - 1),
    XSD + "short": (-(2**15), 2**15 - 1),
    XSD + "int": (-(2**31), 2**31 - 1),
    XSD + "long": (-(2**63), 2**63 - 1),
    XSD + "unsignedByte": (0, 2**8 - 1),
    XSD + "unsignedShort": (0, 2**16 - 1),
    XSD + "unsignedInt": (0, 2**32 - 1),
    XSD + "unsignedLong": (0, 2**64 - 1),
}
# Lexical forms of datatypes that the engine has no cast for.
_PATTERNS = {
    XSD + "hexBinary": "^([0-9a-fA-F]{2})*$",
    XSD + "gYear": "^-?([1-9][0-9]{3,}|0[0-9]{3})(Z|[+-][0-9]{2}:[0-9]{2})?$",
    XSD + "gYearMonth": "^-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])(Z|[+-][0-9]{2}:[0-9]{2})?$",
}
# The engine's own casts tell whether a lexical form is valid.
_CASTS = {
    XSD + name
    for name in (
        *("integer", "decimal", "float", "double", "boolean", "date", "time", "dateTime"),
        *("duration", "dayTimeDuration", "yearMonthDuration"),
    )
}


def has_datatype(datatype: str, writer: Writer, variable: str) -> Condition:
    """Make the condition that a variable is a well-formed literal of the datatype."""
    if datatype == RDFS + "Literal":  # as the reference validator has it: every literal
        return test(f"isLiteral({variable})")
    named = writer.iri(datatype)
    typed = Condition(f"DATATYPE({variable}) = {named}", f"DATATYPE({variable}) != {named}")
    of_type = all_of([test(f"isLiteral({variable})"), typed])
    if datatype in INTEGER_RANGES:
        return _derived_integer(writer, variable, datatype)
    if datatype in _CASTS:
        return all_of([of_type, safe_test(f"isLiteral({named}(STR({variable})))")])
    if datatype in _PATTERNS:
        pattern = _PATTERNS[datatype]
        return all_of([of_type, safe_test(f'REGEX(STR({variable}), "{pattern}")')])
    return of_type


def as_written(datatype: str) -> AsWritten | None:
    """Integers are told apart by how they were written, since the store keeps one datatype for all."""
    if datatype != XSD + "integer" and datatype not in INTEGER_RANGES:
        return None
    return AsWritten(
        suspects=lambda writer, variable: all_of(
            [has_datatype(datatype, writer, variable), has_datatype(XSD + "integer", writer, variable)]
        ),
        accepts=lambda literal: literal.datatype.value == datatype,
    )


def _derived_integer(writer: Writer, variable: str, datatype: str) -> Condition:
    low, high = INTEGER_RANGES[datatype]
    number = f"DATATYPE({variable}) = {writer.iri(XSD + 'integer')}"
    bounds = [f"{variable} >= {low}"] if low is not None else []
    bounds += [f"{variable} <= {high}"] if high is not None else []
    as_integer = all_of([test(f"isLiteral({variable})"), safe_test(" && ".join([number, *bounds]))])
    lexical = _large(writer, variable, datatype)
    return any_of([as_integer, lexical])


def _large(writer: Writer, variable: str, datatype: str) -> Condition:
    """Numbers beyond 64 bits keep their own datatype in the engine; only these have such values."""
    if datatype in (XSD + "nonNegativeInteger", XSD + "positiveInteger", XSD + "unsignedLong"):
        sign = r"^[+]?[0-9]+$"
    elif datatype in (XSD + "nonPositiveInteger", XSD + "negativeInteger"):
        sign = r"^-[0-9]+$"
    else:
        return FALSE
    return safe_test(f'DATATYPE({variable}) = {writer.iri(datatype)} && REGEX(STR({variable}), "{sign}")')
