"""On which days a node counts: by its dates, and by the state it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qualitrace.profile.dates import NEVER, days_of, interval
from qualitrace.profile.model import TraceModel
from qualitrace.terms import iri_of

Values = Callable[[str], Iterable[str]]  # a node's values of a property, as N-Triples terms


def telling_days(trace: TraceModel) -> frozenset[str]:
    """Return the properties that :func:`days_of_node` reads."""
    return trace.valid_from | trace.valid_to | (trace.lifecycle if trace.counts_with else frozenset())


def days_of_node(trace: TraceModel, values: Values) -> tuple[int, int] | None:
    """Return the first and last day of a node; None when it always counts, ``NEVER`` when on no day."""
    if _lacks_date(trace, values):
        return NEVER
    begins = (value for predicate in trace.valid_from for value in values(predicate))
    return interval(begins, (value for predicate in trace.valid_to for value in values(predicate)))


def _lacks_date(trace: TraceModel, values: Values) -> bool:
    """Tell whether a node is in a state that asks for a date (``qt:countsWith``) which it does not have."""
    states = {iri_of(value) for predicate in trace.lifecycle for value in values(predicate)}
    asked = (trace.counts_with[state] for state in states if state in trace.counts_with)
    return any(not any(days_of(value) for name in dates for value in values(name)) for dates in asked)
