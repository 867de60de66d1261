"""Readings of an indicator over three years."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

YEARS = (2023, 2024, 2025)


def readings(entry: dict[str, Any], rng: Random, *, highest: float | None) -> dict[date, float | None]:
    """Return dated values that drift by the yearly gain; dates named in ``fixed`` have their own value."""
    start, gain, scatter = entry["values"]
    places = 2 if start < 10 and scatter < 1 and not float(start).is_integer() else 1
    found: dict[date, float | None] = {}
    for year in YEARS:
        for month_day in entry["readings"]:
            drift = gain * (year - YEARS[0]) + rng.uniform(-scatter, scatter)
            value = round(start + drift, places)
            day = date.fromisoformat(f"{year}-{month_day}")
            found[day] = min(value, highest) if highest is not None else value
    fixed = {date.fromisoformat(key): value for key, value in entry.get("fixed", {}).items()}
    return found | fixed
