"""Shapes become queries, and queries become findings (floor 2)."""
