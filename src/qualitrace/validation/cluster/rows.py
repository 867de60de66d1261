"""From a row of a statement to a hit (floor 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from qualitrace.terms import XSD
from qualitrace.validation.cluster.model import CypherCheck
from qualitrace.validation.data import Term, term_of
from qualitrace.validation.exact import stored_form
from qualitrace.validation.run import Hit

Row = Mapping[str, Any]
Found = tuple[str, Hit]  # registry and hit


def hit_of(check: CypherCheck, row: Row) -> Found:
    """Read a row of a statement."""
    value = row["value"]
    own = {"value": _term(value)} if value is not None else {}
    told = own | {name: _stored(_term(row[name])) for name in check.columns}
    focus = _term(row["focus"])
    hit = Hit(check.check, _term(row["root"]), focus, own.get("value"), None, told)
    return str(row["registry"]), hit


def _stored(term: Term) -> Term:
    """A term as messages name it at home: as the store has it."""
    return stored_form(term) if isinstance(term, ox.Literal) else term


def _term(text: str) -> Term:
    term = term_of(text)
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "decimal" and "E" in term.value:
        return ox.Literal(format(float(term.value), "f"), datatype=term.datatype)
    return term
