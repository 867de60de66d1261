"""Opens the journal and its projections; every change passes through here (floor 3)."""

from qualitrace.registry.model import Change, Committed
from qualitrace.registry.registry import Registry

__all__ = ["Change", "Committed", "Registry"]
