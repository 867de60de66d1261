"""Paths, and verdicts on the chains of a node (floor 2)."""

from qualitrace.tracing.grouping import compared
from qualitrace.tracing.index import LIMIT, MAX_DEPTH, TraceIndex
from qualitrace.tracing.model import (
    Became,
    Coverage,
    CoverageGroup,
    CoverageTable,
    Ending,
    Gap,
    Node,
    Path,
    Step,
    Trace,
    Verdict,
    Way,
    gaps,
)
from qualitrace.tracing.protocol import Tracing, tracer
from qualitrace.tracing.ways import find_way

__all__ = [
    "LIMIT",
    "MAX_DEPTH",
    "Became",
    "Coverage",
    "CoverageGroup",
    "CoverageTable",
    "Ending",
    "Gap",
    "Node",
    "Path",
    "Step",
    "Trace",
    "TraceIndex",
    "Tracing",
    "Verdict",
    "Way",
    "compared",
    "find_way",
    "gaps",
    "tracer",
]
