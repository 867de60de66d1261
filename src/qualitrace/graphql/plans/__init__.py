"""Operations, trusted or asked often, as plans: one batched read per relation and level (floor 4)."""

from qualitrace.graphql.plans.document import NotPlanned
from qualitrace.graphql.plans.often import Often
from qualitrace.graphql.plans.planning import PlannedOperation, Plans
from qualitrace.graphql.plans.run import NotAnswered

__all__ = ["NotAnswered", "NotPlanned", "Often", "PlannedOperation", "Plans"]
