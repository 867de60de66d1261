from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Shown


class BrokenDuties(BaseModel):
    coverage: Optional["BrokenDutiesCoverage"]


class BrokenDutiesCoverage(BaseModel):
    total: int
    complete: int
    verdicts: "BrokenDutiesCoverageVerdicts"


class BrokenDutiesCoverageVerdicts(BaseModel):
    page_info: "BrokenDutiesCoverageVerdictsPageInfo" = Field(alias="pageInfo")
    nodes: list["BrokenDutiesCoverageVerdictsNodes"]


class BrokenDutiesCoverageVerdictsPageInfo(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


class BrokenDutiesCoverageVerdictsNodes(BaseModel):
    absence: Optional[str]
    node: Optional["BrokenDutiesCoverageVerdictsNodesNode"]
    steward: Optional["BrokenDutiesCoverageVerdictsNodesSteward"]


class BrokenDutiesCoverageVerdictsNodesNode(Shown):
    typename__: Literal[
        "Appointment",
        "AssessmentStandard",
        "Authority",
        "College",
        "Committee",
        "Course",
        "CourseStandard",
        "Deadline",
        "Deliverable",
        "Department",
        "Diagnosis",
        "DiagnosisElement",
        "DiagnosisItem",
        "DiagnosisPoint",
        "Duty",
        "Factor",
        "Finding",
        "Goal",
        "Group",
        "Improvement",
        "Incident",
        "Indicator",
        "MasterPlan",
        "Measure",
        "Node",
        "Observation",
        "Person",
        "PlatformCode",
        "Post",
        "Procedure",
        "Programme",
        "ProgrammePlan",
        "ProgrammeStandard",
        "QualitativeCriterion",
        "QuantitativeCriterion",
        "Report",
        "Resource",
        "ResourceStandard",
        "ReviewCycle",
        "Rule",
        "Section",
        "SpecialPlan",
        "StudentStandard",
        "Task",
        "TeacherStandard",
        "TeachingTeam",
        "TeachingUnit",
        "UnitPlan",
        "WorkItem",
        "WorkStandard",
        "WorkingGroup",
    ] = Field(alias="__typename")


class BrokenDutiesCoverageVerdictsNodesSteward(Shown):
    typename__: Literal[
        "Appointment",
        "AssessmentStandard",
        "Authority",
        "College",
        "Committee",
        "Course",
        "CourseStandard",
        "Deadline",
        "Deliverable",
        "Department",
        "Diagnosis",
        "DiagnosisElement",
        "DiagnosisItem",
        "DiagnosisPoint",
        "Duty",
        "Factor",
        "Finding",
        "Goal",
        "Group",
        "Improvement",
        "Incident",
        "Indicator",
        "MasterPlan",
        "Measure",
        "Node",
        "Observation",
        "Person",
        "PlatformCode",
        "Post",
        "Procedure",
        "Programme",
        "ProgrammePlan",
        "ProgrammeStandard",
        "QualitativeCriterion",
        "QuantitativeCriterion",
        "Report",
        "Resource",
        "ResourceStandard",
        "ReviewCycle",
        "Rule",
        "Section",
        "SpecialPlan",
        "StudentStandard",
        "Task",
        "TeacherStandard",
        "TeachingTeam",
        "TeachingUnit",
        "UnitPlan",
        "WorkItem",
        "WorkStandard",
        "WorkingGroup",
    ] = Field(alias="__typename")


BrokenDuties.model_rebuild()
BrokenDutiesCoverage.model_rebuild()
BrokenDutiesCoverageVerdicts.model_rebuild()
BrokenDutiesCoverageVerdictsNodes.model_rebuild()
