"""Axioms and rules become inferred facts (floor 2)."""
