"""Which days a node exists on: see :mod:`qualitrace.profile.dates`."""

from qualitrace.profile.dates import FIRST_DAY, LAST_DAY, NEVER, days_of, interval, iso

__all__ = ["FIRST_DAY", "LAST_DAY", "NEVER", "days_of", "interval", "iso"]
