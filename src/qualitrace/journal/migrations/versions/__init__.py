"""One module a format of the journal."""
