from enum import Enum


class FactBasis(str, Enum):
    STATED = "STATED"
    MERGED = "MERGED"
    DERIVED = "DERIVED"
    INFERRED = "INFERRED"
    INHERITED = "INHERITED"


class TraceEnding(str, Enum):
    REACHED = "REACHED"
    ABSENT = "ABSENT"
