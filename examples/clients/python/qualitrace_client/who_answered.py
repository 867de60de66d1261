from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import FactBasis, TraceEnding
from .fragments import Shown


class WhoAnswered(BaseModel):
    trace: Optional["WhoAnsweredTrace"]


class WhoAnsweredTrace(BaseModel):
    partial: bool
    start: Optional["WhoAnsweredTraceStart"]
    ends: list["WhoAnsweredTraceEnds"]
    paths: list["WhoAnsweredTracePaths"]


class WhoAnsweredTraceStart(Shown):
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


class WhoAnsweredTraceEnds(BaseModel):
    ending: TraceEnding
    basis: FactBasis
    capacity: Optional[str]
    absence: Optional[str]
    node: Optional["WhoAnsweredTraceEndsNode"]
    steward: Optional["WhoAnsweredTraceEndsSteward"]


class WhoAnsweredTraceEndsNode(Shown):
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


class WhoAnsweredTraceEndsSteward(Shown):
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


class WhoAnsweredTracePaths(BaseModel):
    steps: list["WhoAnsweredTracePathsSteps"]


class WhoAnsweredTracePathsSteps(BaseModel):
    property_: "WhoAnsweredTracePathsStepsProperty" = Field(alias="property")
    source: Optional["WhoAnsweredTracePathsStepsSource"]
    target: Optional["WhoAnsweredTracePathsStepsTarget"]
    sources: list["WhoAnsweredTracePathsStepsSources"]


class WhoAnsweredTracePathsStepsProperty(BaseModel):
    label: Optional[str]


class WhoAnsweredTracePathsStepsSource(Shown):
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


class WhoAnsweredTracePathsStepsTarget(Shown):
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


class WhoAnsweredTracePathsStepsSources(BaseModel):
    place: str


WhoAnswered.model_rebuild()
WhoAnsweredTrace.model_rebuild()
WhoAnsweredTraceEnds.model_rebuild()
WhoAnsweredTracePaths.model_rebuild()
WhoAnsweredTracePathsSteps.model_rebuild()
