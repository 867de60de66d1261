"""What access writes to the log: events with fields, never a credential or anybody's data (floor 1)."""

from __future__ import annotations

import logging

logger = logging.getLogger("qualitrace.access")

_FIELDS = "qualitrace_fields"  # where the server's log looks for fields (web/log_lines.py)


def tell(event: str, **fields: object) -> None:
    """Log a warning."""
    logger.warning(event, extra={_FIELDS: fields}, stacklevel=2)
