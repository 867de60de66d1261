"""Questions across the registries of one Neo4j database (floor 3). See docs/neo4j.md."""

from qualitrace.across.grants import Sees, nobody, sees
from qualitrace.across.model import (
    Adopted,
    Adoption,
    Counted,
    CoverageAcross,
    Duplicate,
    Duplicates,
    Kept,
    Key,
    Left,
    Reason,
    Standing,
    State,
)
from qualitrace.across.noting import note, personal
from qualitrace.across.questions import Across

__all__ = [
    "Across",
    "Adopted",
    "Adoption",
    "Counted",
    "CoverageAcross",
    "Duplicate",
    "Duplicates",
    "Kept",
    "Key",
    "Left",
    "Reason",
    "Sees",
    "Standing",
    "State",
    "nobody",
    "note",
    "personal",
    "sees",
]
