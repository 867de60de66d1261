"""The engine protocol and the engines behind it (floor 1)."""

from qualitrace.store.engine import INFERRED, PROFILE, STATED, Engine, Row
from qualitrace.store.oxigraph import OxigraphEngine, fact_of, quad_of, term_of, valid_iri

__all__ = [
    "INFERRED",
    "PROFILE",
    "STATED",
    "Engine",
    "OxigraphEngine",
    "Row",
    "fact_of",
    "quad_of",
    "term_of",
    "valid_iri",
]
