from .base_client import BaseClient
from .base_model import BaseModel, Upload
from .broken_duties import (
    BrokenDuties,
    BrokenDutiesCoverage,
    BrokenDutiesCoverageVerdicts,
    BrokenDutiesCoverageVerdictsNodes,
    BrokenDutiesCoverageVerdictsNodesNode,
    BrokenDutiesCoverageVerdictsNodesSteward,
    BrokenDutiesCoverageVerdictsPageInfo,
)
from .changes import Changes, ChangesChanges, ChangesChangesNodes
from .client import Qualitrace
from .enums import FactBasis, TraceEnding
from .exceptions import (
    GraphQLClientError,
    GraphQLClientGraphQLError,
    GraphQLClientGraphQLMultiError,
    GraphQLClientHttpError,
    GraphQLClientInvalidResponseError,
)
from .fragments import Shown
from .who_answered import (
    WhoAnswered,
    WhoAnsweredTrace,
    WhoAnsweredTraceEnds,
    WhoAnsweredTraceEndsNode,
    WhoAnsweredTraceEndsSteward,
    WhoAnsweredTracePaths,
    WhoAnsweredTracePathsSteps,
    WhoAnsweredTracePathsStepsProperty,
    WhoAnsweredTracePathsStepsSource,
    WhoAnsweredTracePathsStepsSources,
    WhoAnsweredTracePathsStepsTarget,
    WhoAnsweredTraceStart,
)

__all__ = [
    "BaseClient",
    "BaseModel",
    "BrokenDuties",
    "BrokenDutiesCoverage",
    "BrokenDutiesCoverageVerdicts",
    "BrokenDutiesCoverageVerdictsNodes",
    "BrokenDutiesCoverageVerdictsNodesNode",
    "BrokenDutiesCoverageVerdictsNodesSteward",
    "BrokenDutiesCoverageVerdictsPageInfo",
    "Changes",
    "ChangesChanges",
    "ChangesChangesNodes",
    "FactBasis",
    "GraphQLClientError",
    "GraphQLClientGraphQLError",
    "GraphQLClientGraphQLMultiError",
    "GraphQLClientHttpError",
    "GraphQLClientInvalidResponseError",
    "Qualitrace",
    "Shown",
    "TraceEnding",
    "Upload",
    "WhoAnswered",
    "WhoAnsweredTrace",
    "WhoAnsweredTraceEnds",
    "WhoAnsweredTraceEndsNode",
    "WhoAnsweredTraceEndsSteward",
    "WhoAnsweredTracePaths",
    "WhoAnsweredTracePathsSteps",
    "WhoAnsweredTracePathsStepsProperty",
    "WhoAnsweredTracePathsStepsSource",
    "WhoAnsweredTracePathsStepsSources",
    "WhoAnsweredTracePathsStepsTarget",
    "WhoAnsweredTraceStart",
]
