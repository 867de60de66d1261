"""Shapes become queries, and queries become findings (floor 2)."""

from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.validate import validate, validate_store

__all__ = ["CompiledShapes", "compile_shapes", "validate", "validate_store"]
