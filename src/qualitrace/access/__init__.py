"""Who asks, what they may do and see, and what they read (floor 1)."""

from qualitrace.access.model import EVERYTHING, PUBLIC, Audience, Caller, Principal, Right, Role

__all__ = ["EVERYTHING", "PUBLIC", "Audience", "Caller", "Principal", "Right", "Role"]
