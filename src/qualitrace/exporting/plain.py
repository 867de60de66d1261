"""Answers as plain JSON values, every field of them, in one way only (floor 4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Turn dataclasses, texts, enumerations and collections into what JSON knows; sets are sorted."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in value}
    if isinstance(value, Set):
        return sorted(plain(one) for one in value)
    if isinstance(value, Sequence):
        return [plain(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no plain form: {type(value)}")


def canonical(value: Any) -> bytes:
    """Write a plain value as JSON with sorted keys and indentation, UTF-8, ending in a line end."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode("utf-8")
