"""Literals as they were written: what the store keeps of them (see :mod:`qualitrace.store.exact`)."""

from qualitrace.store.exact import ExactLiterals, stored_form

__all__ = ["ExactLiterals", "stored_form"]
