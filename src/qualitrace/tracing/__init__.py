"""Paths, and verdicts on the chains of a node (floor 2)."""
