"""What is said where a question needs the journal, and the server has none (floor 3)."""

from __future__ import annotations

from qualitrace.errors import UnavailableError
from qualitrace.text import Text


def no_journal() -> UnavailableError:
    """Return the error of a question about more than the present."""
    return UnavailableError(
        Text(
            zh="这台服务器没有登记库的日志，只能回答现在的情况。",
            en="This server has no journal: it answers about the present only.",
        ),
        hint=Text(
            zh="请向有登记库的服务器查询，或在设置中写 neo4j.journal = true。",
            en="Ask a server that has the registry, or set neo4j.journal = true.",
        ),
    )
