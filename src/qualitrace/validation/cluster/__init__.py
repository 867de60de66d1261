"""Shapes as Cypher: checks over all registries of a Neo4j database (floor 2)."""

from qualitrace.validation.cluster.compiling import ClusterShapes, compile_cluster
from qualitrace.validation.cluster.model import (
    ClusterFinding,
    ClusterReport,
    ClusterRule,
    Count,
    CypherCheck,
    Looked,
    Refused,
)
from qualitrace.validation.cluster.running import check_cluster, registries

__all__ = [
    "ClusterFinding",
    "ClusterReport",
    "ClusterRule",
    "ClusterShapes",
    "Count",
    "CypherCheck",
    "Looked",
    "Refused",
    "check_cluster",
    "compile_cluster",
    "registries",
]
