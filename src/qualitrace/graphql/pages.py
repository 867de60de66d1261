"""Page information from a page of a listing (floor 4)."""

from __future__ import annotations

from typing import Any

from qualitrace.graphql.node import PageInfo
from qualitrace.graphql.paging import Page


def page_info(page: Page[Any]) -> PageInfo:
    """Return the Relay page information of a page."""
    entries = page.entries
    return PageInfo(
        has_next_page=page.end < len(page.listing.entries),
        has_previous_page=page.start > 0,
        start_cursor=page.listing.cursor(entries[0]) if entries else None,
        end_cursor=page.listing.cursor(entries[-1]) if entries else None,
    )
