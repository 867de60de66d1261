"""The demonstration college, made up from the lists in ``examples/source``."""
