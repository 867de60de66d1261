"""The command line (floor 5): arguments in, text out, no decisions."""

from qualitrace.cli.app import main

__all__ = ["main"]
