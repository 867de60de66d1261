"""Tests of the shipped profile: its ontology, shapes and rules."""
