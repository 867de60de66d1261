"""The registry as documents: one function per format (floor 4)."""
