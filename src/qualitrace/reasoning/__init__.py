"""Axioms and rules become inferred facts (floor 2)."""

from qualitrace.reasoning.infer import InferenceResult, infer

__all__ = ["InferenceResult", "infer"]
