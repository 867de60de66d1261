"""Asks a Qualitrace server who answered for an indicator on a day, and which duties lack a link.

QUALITRACE_URL=http://127.0.0.1:8000 QUALITRACE_TOKEN=… python ask.py Indicator:ZB2.3.2 2025-03-01

Needs httpx and pydantic. ``qualitrace_client`` is generated (tools/make_clients.sh).
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from urllib.parse import quote

from qualitrace_client import Qualitrace


def client() -> Qualitrace:
    """Make a client of the server that the environment names."""
    headers = {}
    if token := os.environ.get("QUALITRACE_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    # Names of people are shown for a stated purpose only, and who asked is noted with it.
    if purpose := os.environ.get("QUALITRACE_PURPOSE"):
        headers["Qualitrace-Purpose"] = quote(purpose)
    url = os.environ.get("QUALITRACE_URL", "http://127.0.0.1:8000")
    return Qualitrace(url=f"{url}/graphql", headers=headers)


def main(indicator: str = "Indicator:ZB2.3.2", day: str = "2025-03-01") -> None:
    """Ask both questions and print the answers."""
    with client() as server:
        trace = server.who_answered(indicator, dt.date.fromisoformat(day), language="en").trace
        for end in trace.ends if trace else ():
            node = end.node
            who = (node.label if node else None) or end.absence or (node.id if node else "nobody")
            basis = end.basis.value if end.basis else ""
            print(who, end.capacity or "", basis, node.id if node else "", sep="\t")
        if trace and trace.partial:
            print("(there is more)")
        print(count_broken(server, dt.date.fromisoformat(day)), "duties lack a link")


def count_broken(server: Qualitrace, day: dt.date) -> int:
    """Count the duties of which a link is missing, page by page."""
    count, after = 0, None
    while True:
        coverage = server.broken_duties(day, first=20, after=after).coverage
        if coverage is None:
            return count
        count += len(coverage.verdicts.nodes)
        page = coverage.verdicts.page_info
        if not page.has_next_page:
            return count
        after = page.end_cursor


if __name__ == "__main__":
    main(*sys.argv[1:3])
