"""Paths, and verdicts on the chains of a node (floor 2)."""

from qualitrace.tracing.index import LIMIT, MAX_DEPTH, TraceIndex
from qualitrace.tracing.model import (
    Coverage,
    CoverageGroup,
    Ending,
    Node,
    Path,
    Step,
    Trace,
    Verdict,
)

__all__ = [
    "LIMIT",
    "MAX_DEPTH",
    "Coverage",
    "CoverageGroup",
    "Ending",
    "Node",
    "Path",
    "Step",
    "Trace",
    "TraceIndex",
    "Verdict",
]
