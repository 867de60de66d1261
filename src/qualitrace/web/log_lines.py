"""Log lines without personal data: JSON for programs, text for a terminal (floor 5).

What reaches the log is what a program could not have put somebody's data into:

- the fields that our own code names (:func:`event`);
- a message as it stands in the source, without what is put into it when it is formatted. A text that is not
  in the source file it comes from (``f"…{name}"``) is left out;
- of an error its class, its code and where it was raised, never its text.
"""

from __future__ import annotations

import datetime as dt
import linecache
import logging
import sys
import threading
import traceback
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from qualitrace.web.settings import Logging

_FIELDS = "qualitrace_fields"
_FRAMES = 12  # of a traceback, innermost first
_OURS = "qualitrace"


def event(
    logger: logging.Logger, level: int, name: str, error: BaseException | None = None, /, **fields: object
) -> None:
    """Log an event. ``fields`` are written as they are: nothing that comes from data or a request."""
    if logger.isEnabledFor(level):
        logger.log(level, name, exc_info=error, extra={_FIELDS: fields}, stacklevel=2)


def told(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be said of a record, in order."""
    at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
    said: dict[str, Any] = {"time": at.replace("+00:00", "Z"), "level": record.levelname.lower()}
    fields = getattr(record, _FIELDS, None)
    if fields is not None:
        said |= {"event": record.msg, **fields}
    else:
        said |= {"event": _as_written(record), "logger": record.name, "at": _place(record)}
    if record.exc_info and record.exc_info[1] is not None:
        said["error"] = describe(record.exc_info[1])
    return said


def describe(error: BaseException) -> list[dict[str, Any]]:
    """Return an error and what caused it: class, code, and where in the program; no text of it."""
    found: list[dict[str, Any]] = []
    one: BaseException | None = error
    while one is not None and len(found) < 5:
        kind = type(one)
        shown: dict[str, Any] = {"class": f"{kind.__module__}.{kind.__qualname__}"}
        if code := getattr(kind, "code", ""):
            shown["code"] = str(code)
        frames = traceback.extract_tb(one.__traceback__)[-_FRAMES:]
        shown["frames"] = [f"{_tail(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames)]
        found.append(shown)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def _as_written(record: logging.LogRecord) -> str:
    message = record.msg if isinstance(record.msg, str) else ""
    return message if message and _stands_in(record.pathname, message) else "(text left out)"


@lru_cache(maxsize=1024)
def _stands_in(path: str, message: str) -> bool:
    return any(message in line for line in linecache.getlines(path))


def _place(record: logging.LogRecord) -> str:
    return f"{_tail(record.pathname)}:{record.lineno}"


def _tail(path: str) -> str:
    return "/".join(Path(path).parts[-2:])


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return orjson.dumps(told(record), default=str).decode()


class TextLines(logging.Formatter):
    """For people who look on."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        said = told(record)
        head = f"{said.pop('time')[11:19]} {said.pop('level').upper():7} {said.pop('event')}"
        error = said.pop("error", None)
        parts = [head, *(f"{name}={value}" for name, value in said.items() if value not in ("", None))]
        lines = [" ".join(parts)]
        for one in error or ():
            lines += [f"  {one['class']}", *(f"    {frame}" for frame in one["frames"])]
        return "\n".join(lines)


def configure(settings: Logging, stream: IO[str] | None = None) -> None:
    """Have this process log in this way, whatever logs: libraries too, from warnings on."""
    stream = stream or sys.stderr
    form = settings.form if settings.form != "auto" else ("text" if stream.isatty() else "json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextLines() if form == "text" else JsonLines())
    level = getattr(logging, settings.level.upper())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(_OURS).setLevel(level)
    logging.captureWarnings(True)
    _hook_uncaught()


def _hook_uncaught() -> None:
    """What Python would print itself, with the error's text, is logged as everything else."""
    logger = logging.getLogger(_OURS)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.critical("the program failed", exc_info=error)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        logger.error("a thread failed", exc_info=args.exc_value)

    def unraisable(args: Any) -> None:
        logger.error("an error could not be raised", exc_info=args.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
