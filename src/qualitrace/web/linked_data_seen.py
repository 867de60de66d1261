"""A registry as somebody sees it (floor 5)."""

from __future__ import annotations

from typing import Any

from qualitrace.access import Audience
from qualitrace.errors import ForbiddenError
from qualitrace.text import Text


def seen(registry: Any, audience: Audience) -> Any:
    """Return what an audience sees of a registry. Raises ForbiddenError when that cannot be told apart."""
    by = getattr(registry, "seen_by", None)
    if by is not None:
        return by(audience)
    if not audience.everything:
        raise ForbiddenError(
            Text(zh="这个登记库不能按读者区分内容。", en="This registry cannot be shown to some only.")
        )
    return registry
