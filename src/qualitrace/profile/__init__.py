"""Reads a profile directory into one neutral model (floor 0)."""
