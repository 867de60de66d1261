"""What a request for a node asks for: which form, on which date, as of when (floor 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from starlette.requests import Request

from qualitrace.access import Caller, Right
from qualitrace.errors import QueryError
from qualitrace.text import Text
from qualitrace.web.linked_data_accept import Form, choose
from qualitrace.web.parts import require


class NotAcceptableError(QueryError):
    """There is no form of the answer that the request takes."""

    code = "NOT_ACCEPTABLE"


@dataclass(frozen=True, slots=True)
class Times:
    """``asOf``: what exists on a date. ``knownAt``: what was recorded by a moment; "" for now.

    ``why``: the property that a picture explains, "" for all that follows; None for a picture of traces.
    """

    as_of: dt.date | None
    known_at: str
    language: str = "zh"  # of a picture
    why: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """The parameters that ask for the same."""
        date = {} if self.as_of is None else {"asOf": self.as_of.isoformat()}
        return {**date, **({"knownAt": self.known_at} if self.known_at else {})}


def times_of(request: Request, caller: Caller) -> Times:
    """Read ``?asOf=`` and ``?knownAt=``. Raises QueryError; ForbiddenError to whom history is closed."""
    given = request.query_params
    known_at = given.get("knownAt", "").strip()
    if known_at:
        require(caller, Right.HISTORY)
    date = given.get("asOf", "").strip()
    try:
        language = "en" if given.get("language") == "en" else "zh"
        return Times(
            dt.date.fromisoformat(date) if date else None, known_at, language, given.get("why", None)
        )
    except ValueError as error:
        raise QueryError(
            Text(zh=f"“{date[:40]}”不是日期。", en=f"“{date[:40]}” is not a date."),
            where="asOf",
            hint=Text(zh="请写成 2025-03-01 这样。", en="Write it like 2025-03-01."),
        ) from error


def wished_moment(request: Request) -> dt.datetime | None:
    """Read ``Accept-Datetime`` (RFC 7089, 2.1.1); None without one. Raises QueryError when it is no date."""
    given = request.headers.get("accept-datetime", "")
    if not given:
        return None
    try:
        moment = parsedate_to_datetime(given)
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
    except (ValueError, TypeError) as error:
        raise QueryError(
            Text(zh="Accept-Datetime 不是 HTTP 日期。", en="Accept-Datetime is no HTTP date."),
            where=given[:80],
        ) from error


def chosen(request: Request, forms: Sequence[Form]) -> Form:
    """Return the form a request takes. Raises NotAcceptableError with a list (RFC 9110, 15.5.7)."""
    accept = request.headers.get("accept", "")
    form = choose(accept, forms)
    if form is None:
        listed = ", ".join(one.media for one in forms)
        raise NotAcceptableError(
            Text(zh=f"只能以这些格式回答:{listed}。", en=f"The answer can be {listed}."),
            where=f"Accept: {accept[:200]}",
        )
    return form
