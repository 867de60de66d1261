"""What the plain HTTP addresses take and answer, for programs and for people (floor 5)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import orjson
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.web.parts import Parts

_HERE = Path(__file__).parent
_METHODS = ("get", "post")


def openapi() -> dict[str, Any]:
    """Return the description (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.0)."""
    read: dict[str, Any] = yaml.safe_load((_HERE / "openapi.yaml").read_text(encoding="utf-8"))
    return read


def openapi_routes(parts: Parts, served: Collection[str] | None = None) -> list[BaseRoute]:
    """Return the description and the page that shows it. Nothing of the registry is in either.

    ``served`` are the addresses there are beside these, where not all that are described.
    """
    described = openapi()
    if served is not None:
        own = {"/openapi.json", "/api", *served}
        described["paths"] = {path: one for path, one in described["paths"].items() if path in own}
    body = orjson.dumps(described)
    page = _page(described)

    async def document(request: Request) -> Response:
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})

    async def shown(request: Request) -> Response:
        return Response(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})

    return [Route("/openapi.json", document), Route("/api", shown)]


def _page(described: dict[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("api.html").render(
        about=_both(described["info"]["description"]), addresses=list(_addresses(described))
    )


def _addresses(described: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, item in described["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
                found.append(
                    {
                        "path": path,
                        "method": method.upper(),
                        "summary": _both(operation["summary"]),
                        "open": operation.get("security") == [],
                        "parameters": [_parameter(described, one) for one in parameters],
                        "answers": sorted(operation["responses"]["200"].get("content", ())),
                    }
                )
    return found


def _parameter(described: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    reference = given.get("$ref")
    if reference:
        given = described["components"]["parameters"][reference.rpartition("/")[2]]
    values = given["schema"].get("enum", ())
    said = _both(given.get("description", ""))
    return {"name": given["name"], "in": given["in"], "said": said, "values": list(map(str, values))}


def _both(text: str) -> tuple[str, str]:
    """Take a text of the description apart: Chinese / English; one without a stroke serves for both."""
    zh, stroke, en = text.partition(" / ")
    if not stroke:
        zh, stroke, en = text.partition("/ ")
    return (zh.strip(), en.strip()) if stroke else (text, text)
