"""Axioms and rules become inferred facts (floor 2)."""

from qualitrace.reasoning.dated import DatedRules, conclusions, dated_rules, on_day
from qualitrace.reasoning.explaining import Proof, Reason, proof, reasons
from qualitrace.reasoning.infer import infer
from qualitrace.reasoning.model import InferenceResult, Program, Step
from qualitrace.reasoning.program import compile_program

__all__ = [
    "DatedRules",
    "InferenceResult",
    "Program",
    "Proof",
    "Reason",
    "Step",
    "compile_program",
    "conclusions",
    "dated_rules",
    "infer",
    "on_day",
    "proof",
    "reasons",
]
