"""The SPARQL 1.1 Protocol for whoever may use it, read-only, in a process of its own (floor 5)."""
