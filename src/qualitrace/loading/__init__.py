"""Documents become facts with their places (floor 2)."""
