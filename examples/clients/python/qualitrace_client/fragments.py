from typing import Optional

from .base_model import BaseModel


class Shown(BaseModel):
    id: str
    code: Optional[str]
    label: Optional[str]


Shown.model_rebuild()
