"""A question's rows become a network, and the network is analysed (floor 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from qualitrace.budget import look
from qualitrace.errors import ProfileError, QueryError
from qualitrace.networks.apart import conflicts
from qualitrace.networks.concentration import concentration
from qualitrace.networks.cycles import cycles
from qualitrace.networks.failing import failure_points
from qualitrace.networks.islands import islands
from qualitrace.networks.load import load
from qualitrace.networks.model import Analysis
from qualitrace.profile.model import NetworkModel
from qualitrace.profile.networks import on_day
from qualitrace.store import SparqlEngine
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text

Row = Mapping[str, str]  # variable → IRI
WHERE = "network"

_ANALYSES: Mapping[str, Callable[[Sequence[Row], Mapping[str, float]], Analysis]] = {
    "cycles": cycles,
    "islands": islands,
    "failure-points": failure_points,
    "load": load,
    "conflicts": conflicts,
    "concentration": concentration,
}


def analyse(engine: SparqlEngine, question: NetworkModel, day: dt.date, prologue: str = "") -> Analysis:
    """Answer a question on a date. ``prologue`` declares prefixes that its query does not.

    Raises ProfileError when its query cannot be run, TimeUpError when the time of the request is over.
    """
    look(WHERE)
    try:
        selected = engine.select(prologue + on_day(question, day.isoformat()))
    except QueryError as error:
        raise ProfileError(
            Text(
                zh=f"网络问题“{question.name}”无法运行。", en=f"The question “{question.name}” cannot be run."
            ),
            where=error.where,
            hint=error.hint,
        ) from error
    look(WHERE)
    rows = [{name: iri_of(term) for name, term in row.items() if is_iri(term)} for row in selected]
    return _ANALYSES[question.kind](rows, question.settings)
