"""The engine protocol and the engines behind it (floor 1)."""

from qualitrace.store.contents import fact_of, quad_of, term_of
from qualitrace.store.engine import INFERRED, PROFILE, STATED, Concluding, Engine, Row, SparqlEngine
from qualitrace.store.exact import ExactLiterals
from qualitrace.store.oxigraph import OxigraphEngine, valid_iri
from qualitrace.store.view import EngineView

__all__ = [
    "INFERRED",
    "PROFILE",
    "STATED",
    "Concluding",
    "Engine",
    "EngineView",
    "ExactLiterals",
    "OxigraphEngine",
    "Row",
    "SparqlEngine",
    "fact_of",
    "quad_of",
    "term_of",
    "valid_iri",
]
