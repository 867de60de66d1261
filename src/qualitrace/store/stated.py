"""What was stated, apart from what follows (floor 1)."""

from __future__ import annotations

import pyoxigraph as ox

from qualitrace.store.contents import term_of
from qualitrace.store.engine import PROFILE, STATED
from qualitrace.store.exact import stored_form
from qualitrace.store.oxigraph import OxigraphEngine
from qualitrace.store.view import EngineView


def stated_view(engine: OxigraphEngine | EngineView) -> EngineView:
    """Return the stated facts of an engine, or of a view of one, and the ontology; nothing that follows."""
    if isinstance(engine, EngineView):
        return EngineView(engine._engine, {graph: engine._made_of(graph) for graph in (STATED, PROFILE)})
    return EngineView(engine, {graph: (graph,) for graph in (STATED, PROFILE)})


def same_value(one: str, other: str) -> bool:
    """Tell whether a store keeps two terms (N-Triples) as one: literals are kept by their value."""
    if one == other:
        return True
    first, second = term_of(one), term_of(other)
    if not isinstance(first, ox.Literal) or not isinstance(second, ox.Literal):
        return False
    return stored_form(first) == stored_form(second)
