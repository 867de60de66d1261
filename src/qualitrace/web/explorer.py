"""The explorer: GraphiQL, bundled with the package, for trying questions out (floor 5).

docs/decisions/0010 says where its files come from. The page holds nothing of the registry: what it asks, it
asks with the token that its reader gives.
"""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.model import Right
from qualitrace.web.parts import Parts, caller_of, require

_PAGE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>质溯 Qualitrace · GraphiQL</title>
<link rel="icon" href="/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/explorer/explorer.css">
<script defer src="/static/explorer/explorer.js"></script>
</head>
<body>
<div id="explorer"></div>
</body>
</html>
"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def explorer_routes(parts: Parts) -> list[BaseRoute]:
    """Return the page, and the profile's operations, which it shows as examples."""
    examples = orjson.dumps(
        [
            {
                "name": one.name,
                "titles": {language: one.titles.best(language) for language in ("zh", "en")},
                "document": one.document.strip() + "\n",
                "variables": dict(one.variables),
            }
            for one in parts.operations
        ]
    )

    async def page(request: Request) -> Response:
        return Response(
            _PAGE,
            media_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    async def operations(request: Request) -> Response:
        require(caller_of(request), Right.EXPLORE)
        return Response(examples, media_type="application/json", headers={"Cache-Control": "no-cache"})

    return [Route("/explorer", page), Route("/explorer/operations", operations)]
