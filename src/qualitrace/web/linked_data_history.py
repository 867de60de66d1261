"""Documents about nodes as they were: when they changed, and earlier states of them (RFC 7089) (floor 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from qualitrace.access import Caller, Right
from qualitrace.journal.lookup import find_changes, signatures
from qualitrace.web.linked_data_answers import Found


@dataclass(frozen=True, slots=True)
class Memento:
    """What is said of time: when the node last changed (ISO, "" if it is not said), headers, links."""

    modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()


def memento(registry: Any, found: Found, caller: Caller) -> Memento:
    """Return what a document says of time to somebody: nothing to whom history is not shown.

    ``Last-Modified`` is when something was last stated about the node itself. An answer for ``?knownAt=``
    is a memento: it says which moment it is of, and where the node as it is now is found.
    """
    journal = getattr(registry, "journal", None)
    if journal is None or Right.HISTORY not in caller.rights:
        return Memento()
    position = found.state.position
    touched = [one for one in find_changes(journal, subject=found.name) if one.position <= position]
    modified = touched[0].at if touched else ""
    headers = {"Last-Modified": _http_date(modified)} if modified else {}
    original = found.addresses.of(found.name)
    links = [f'<{original}>; rel="original timegate"']
    if found.times.known_at:
        made = signatures(journal, [position])
        if made:
            headers["Memento-Datetime"] = _http_date(made[0].at)
    return Memento(modified, headers, tuple(links))


def moved_to_moment(address: str, moment: dt.datetime, as_of: dt.date | None) -> Response:
    """Point from a node to its state at a moment (RFC 7089, 4.1: the original is its timegate)."""
    moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    wanted = {"knownAt": f"{moment.isoformat()}Z", **({"asOf": as_of.isoformat()} if as_of else {})}
    headers = {
        "Location": f"{address}{'&' if '?' in address else '?'}{urlencode(wanted)}",
        "Vary": "Accept-Datetime, Accept, Authorization, Qualitrace-Purpose",
        "Cache-Control": "no-store",
        "Link": f'<{address}>; rel="original timegate"',
    }
    return Response(status_code=302, headers=headers)


def _http_date(at: str) -> str:
    return format_datetime(dt.datetime.fromisoformat(at).astimezone(dt.UTC), usegmt=True)
