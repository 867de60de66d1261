"""Shapes become queries, and queries become findings (floor 2)."""

from qualitrace.validation.affected import affected
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.exact import ExactLiterals
from qualitrace.validation.report import report_graph
from qualitrace.validation.validate import validate, validate_store

__all__ = [
    "CompiledShapes",
    "ExactLiterals",
    "affected",
    "compile_shapes",
    "report_graph",
    "validate",
    "validate_store",
]
