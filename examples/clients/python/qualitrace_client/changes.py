from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class Changes(BaseModel):
    changes: Optional["ChangesChanges"]


class ChangesChanges(BaseModel):
    total_count: int = Field(alias="totalCount")
    nodes: list["ChangesChangesNodes"]


class ChangesChangesNodes(BaseModel):
    position: int
    id: str
    at: str
    message: str


Changes.model_rebuild()
ChangesChanges.model_rebuild()
