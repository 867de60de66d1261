"""Reads a profile directory into one neutral model (floor 0)."""

from qualitrace.profile.directory import default_directory
from qualitrace.profile.load import load_profile
from qualitrace.profile.model import Profile

__all__ = ["Profile", "default_directory", "load_profile"]
