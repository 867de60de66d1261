"""The web application (floor 5)."""
