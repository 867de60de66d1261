"""Deadlines: from what people write to dates, intervals and recurrences."""

from qualitrace.loading.deadline.reading import Deadline, Trouble, parse_deadline, resembles_deadline

__all__ = ["Deadline", "Trouble", "parse_deadline", "resembles_deadline"]
