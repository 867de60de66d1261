"""The registry as files over HTTP, as far as the caller sees it (floor 5)."""

from __future__ import annotations

import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from qualitrace import exporting
from qualitrace.errors import QualitraceError, QueryError, UnavailableError
from qualitrace.profile.model import Profile
from qualitrace.registry.private import without_private
from qualitrace.store import INFERRED, STATED
from qualitrace.text import Text
from qualitrace.validation.model import Report
from qualitrace.web.disclosing import disclose, headers_for, seen
from qualitrace.web.exports_taken import Taken
from qualitrace.web.freshness import Freshness
from qualitrace.web.linked_data_requests import Times, times_of
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.refusing import refusal

PATH = "/exports/"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADERS = {"Cache-Control": "no-store", "Vary": "Authorization, Qualitrace-Purpose"}
_RETRY = 10  # seconds


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its media type, the file's name, whether it holds the data (or what is found in it)."""

    media: str
    file: str
    take: Callable[[Any, Any], Any]  # what is to be written of a state (and journal), while nobody changes it
    write: Callable[[Any, Path, str], None]  # that, the file, the language; the state may change meanwhile
    is_data: bool = True


def _turtle(taken: Taken, path: Path, language: str) -> None:
    with path.open("wb") as stream:
        exporting.turtle(taken.facts, taken.profile, stream, sources=taken.sources())


def _jsonld(taken: Taken, path: Path, language: str) -> None:
    with path.open("wb") as stream:
        exporting.jsonld(taken.facts, taken.profile, stream)


def _graphml(taken: Taken, path: Path, language: str) -> None:
    with path.open("wb") as stream:
        exporting.graphml(taken.facts, taken.profile, stream, language)


def _checked(state: Any, journal: Any) -> tuple[Report, Profile]:
    return state.validate(), state.profile


def _workbook(checked: tuple[Report, Profile], path: Path, language: str) -> None:
    exporting.findings_xlsx(checked[0], path, language)


def _page(checked: tuple[Report, Profile], path: Path, language: str) -> None:
    path.write_text(exporting.findings_html(*checked, language), encoding="utf-8")


FORMS: Mapping[str, Export] = {
    "turtle": Export("text/turtle; charset=utf-8", "registry.ttl", Taken, _turtle),
    "jsonld": Export("application/ld+json", "registry.jsonld", Taken, _jsonld),
    "graphml": Export("application/graphml+xml", "registry.graphml", Taken, _graphml),
    "findings.xlsx": Export(_XLSX, "findings.xlsx", _checked, _workbook, is_data=False),
    "findings.html": Export("text/html; charset=utf-8", "findings.html", _checked, _page, is_data=False),
}


def export_routes(parts: Parts) -> list[BaseRoute]:
    """Return the route of the exports."""
    here = Exporting(parts)
    return [Route(PATH + "{form}", here.respond, methods=["GET", "HEAD"], include_in_schema=False)]


class Exporting:
    """Writes one export at a time: each holds a whole registry's facts while it works.

    The registry is kept as it is only while they are copied, or what was found in them is; the file is made
    of the copy, and whoever changes the registry does not wait for it.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._fresh = Freshness(parts.registry)
        self._one = threading.Lock()

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        return await run_in_threadpool(self._answered, request)

    def _answered(self, request: Request) -> Response:
        try:
            return self._written(request)
        except QualitraceError as error:
            more = {"Retry-After": str(_RETRY)} if isinstance(error, UnavailableError) else {}
            return refusal(error, headers={**_HEADERS, **more})

    def _written(self, request: Request) -> Response:
        caller = caller_of(request)
        name = request.path_params["form"]
        if name not in FORMS:
            known = Text(zh="有这些格式:" + "、".join(FORMS), en="The formats are " + ", ".join(FORMS))
            unknown = QueryError(
                Text(zh="没有这种导出格式。", en="There is no such format to export."),
                where=name[:80],
                hint=known,
            )
            return refusal(unknown, status=404, headers=_HEADERS)
        times = times_of(request, caller)
        language = "en" if request.query_params.get("language") == "en" else "zh"
        if not self._one.acquire(blocking=False):
            raise UnavailableError(
                Text(zh="正在做另一个导出。", en="Another export is being made."),
                hint=Text(zh="请稍后再试。", en="Try again in a moment."),
            )
        path = _new_file()
        try:
            self._write(FORMS[name], path, times, language, request)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            self._one.release()
        export = FORMS[name]
        return FileResponse(
            path,
            media_type=export.media,
            filename=export.file,
            headers={**headers_for(caller), **_HEADERS},
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    def _write(self, export: Export, path: Path, times: Times, language: str, request: Request) -> None:
        caller = caller_of(request)
        self._fresh.catch_up()
        registry = self._parts.registry
        with registry.reading():
            view = seen(self._parts, caller)
            then = view.at(times.known_at) if times.known_at else view
            state = without_private(then if times.as_of is None else then.on(times.as_of))
            self._check_size(state.engine.count(STATED) + state.engine.count(INFERRED))
            taken = export.take(state, getattr(registry, "journal", None))
        export.write(taken, path, language)
        route = f"{request.method} {request.url.path}"
        disclose(self._parts, caller, route, _content(path), always=bool(times.known_at))

    def _check_size(self, facts: int) -> None:
        most = self._parts.settings.linked_data.export_facts
        if facts > most:
            raise QueryError(
                Text(
                    zh=f"登记库有 {facts} 条事实,经网络导出至多 {most} 条。",
                    en=f"The registry holds {facts} facts; over HTTP at most {most} are exported.",
                ),
                hint=Text(
                    zh="请在服务器上运行 qualitrace export。", en="Run qualitrace export on the server."
                ),
            )


def _content(path: Path) -> bytes:
    """Return what can be read in a file, taken out of its archive where it is one."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def _new_file() -> Path:
    with tempfile.NamedTemporaryFile(prefix="qualitrace-export-", delete=False) as made:
        return Path(made.name)
