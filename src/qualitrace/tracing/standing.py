"""On which days a node counts: see :mod:`qualitrace.profile.standing`."""

from qualitrace.profile.standing import days_of_node, telling_days

__all__ = ["days_of_node", "telling_days"]
