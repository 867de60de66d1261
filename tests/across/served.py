"""The three colleges over HTTP: who asks, and the answers of GraphQL in the form of the command's JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Grant, Role
from qualitrace.access.oidc import Oidc
from qualitrace.across import Across
from qualitrace.web.across import create_across_app
from qualitrace.web.across_served import AcrossAccess, AcrossServed
from qualitrace.web.limit_settings import LimitSettings
from qualitrace.web.settings import Settings
from tests.access.identity_provider import IdentityProvider
from tests.web.calling import call

TEXT = '{0}Zh: {0}(language: "zh") {0}En: {0}(language: "en")'
_LABEL, _WHY, _ABSENCE = TEXT.format("label"), TEXT.format("why"), TEXT.format("absence")
_GAPS = f"gaps {{ missing {{ iri }} {_ABSENCE} count }}"
_COUNTS = f"total complete {_GAPS}"
_NODE = f"iri code {_LABEL} classes"
_KEY = f"property {{ iri }} value {_LABEL}"
_LEFT = f"asked {{ name position at }} partial left {{ registry reason {_WHY} }}"
REGISTRIES = "query Q($only: String!) { found: registries(only: $only) {"
REGISTRIES += " name position changeset at stated inferred state behind } }"
COVERAGE = 'query Q($of: String!, $asOf: Date, $only: String! = "") {'
COVERAGE += " found: coverage(of: $of, asOf: $asOf, only: $only) {"
COVERAGE += f" of asOf registries {{ registry {_COUNTS} }} total {{ {_COUNTS} }} {_LEFT} }} }}"
ADOPTION = 'query Q($of: String!, $to: String! = "", $key: String! = "", $asOf: Date) {'
ADOPTION += " found: adoption(of: $of, to: $to, key: $key, asOf: $asOf) {"
ADOPTION += f" keys {{ {_KEY} }} asOf to registries {{ registry nodes {{ {_NODE} partial"
ADOPTION += f" reached {{ {_NODE} }} }} }} without {_LEFT} }} }}"
DUPLICATES = "query Q($asOf: Date) { found: duplicates(asOf: $asOf) {"
DUPLICATES += f" asOf found {{ key {{ {_KEY} }} across nodes {{ registry {_NODE} }} }} {_LEFT} }} }}"


@dataclass(frozen=True)
class Office:
    """The application of a provincial office, with who was given which token."""

    app: FastAPI
    book: AccessBook
    location: str

    def token(self, *grants: Grant, role: Role = Role.READER) -> str:
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        return self.book.tokens.make("示例", {role}, expires=until, by="示例", grants=grants)[1]

    def get(self, token: str, path: str, **headers: str) -> httpx.Response:
        known = {"Authorization": f"Bearer {token}"} if token else {}
        return call(self.app, "GET", path, headers={**known, **headers})

    def post(
        self,
        token: str,
        query: str,
        purpose: str = "",
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> httpx.Response:
        headers = {
            "content-type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        if purpose:
            headers["Qualitrace-Purpose"] = purpose
        body = json.dumps({"query": query, "variables": variables or {}, **more})
        return call(self.app, "POST", "/graphql", content=body, headers=headers)

    def ask(self, token: str, query: str, purpose: str = "", **variables: Any) -> Any:
        """What is found; the answer must be without errors."""
        body = self.post(token, query, purpose, variables).json()
        assert "errors" not in body, body["errors"]
        return body["data"]["found"]


# Nothing here is about how quick a machine is; an operation may cost a little more than what is asked here.
LIMITS = LimitSettings(seconds=600, per_minute=10**12, attempts=10**9, waiting=1000, cost=30_000)


def office(across: Across, folder: Path, provider: IdentityProvider | None = None, **changed: Any) -> Office:
    """An office without a registry; ``changed`` are settings of the provider."""
    location = str(folder / "office.db")  # there is no registry
    served = AcrossServed(across)
    oidc = Oidc(provider.settings(**changed), None, served.names) if provider is not None else None
    book = AccessBook.open(location, provider=oidc, alone=True)
    app = create_across_app(served, AcrossAccess(book), Settings(limits=LIMITS))
    return Office(app, book, location)


def spoken(found: Mapping[str, Any], name: str) -> dict[str, str]:
    """A text in the two languages that were asked for; none where there is none in any."""
    said = {"zh": found[f"{name}Zh"], "en": found[f"{name}En"]}
    return {language: text for language, text in said.items() if text}


def as_commands(told: Any) -> Any:
    """An answer of the command with its texts in both languages, each in the other where it is missing."""
    if isinstance(told, list):
        return [as_commands(one) for one in told]
    if not isinstance(told, dict):
        return told
    made = {}
    for name, value in told.items():
        if name in ("label", "why", "absence"):
            best = [value.get(one) or next(iter(value.values()), "") for one in ("zh", "en")]
            made[name] = {language: text for language, text in zip(("zh", "en"), best, strict=True) if text}
        else:
            made[name] = as_commands(value)
    return made


def coverage_of(found: Any) -> Any:
    """``coverage`` in the form of the command."""
    return {
        "of": found["of"],
        "asOf": found["asOf"],
        "registries": {one["registry"]: _counts(one) for one in found["registries"]},
        "total": _counts(found["total"]),
        **_left(found),
    }


def adoption_of(found: Any) -> Any:
    """``adoption`` in the form of the command."""
    return {
        "keys": [_key(one) for one in found["keys"]],
        "asOf": found["asOf"],
        "to": found["to"] or "",
        "registries": {
            one["registry"]: [
                {
                    **_node(node),
                    "reached": [_node(reached) for reached in node["reached"]],
                    "partial": node["partial"],
                }
                for node in one["nodes"]
            ]
            for one in found["registries"]
        },
        "without": found["without"],
        **_left(found),
    }


def duplicates_of(found: Any) -> Any:
    """``duplicates`` in the form of the command."""
    return {
        "asOf": found["asOf"],
        "duplicates": [
            {
                **_key(one["key"]),
                "across": one["across"],
                "nodes": [{"registry": node["registry"], **_node(node)} for node in one["nodes"]],
            }
            for one in found["found"]
        ],
        **_left(found),
    }


def registries_of(found: Any) -> Any:
    """``registries`` in the form of the command."""
    return {"registries": [{**one, "state": one["state"].lower()} for one in found]}


def _counts(one: Any) -> Any:
    gaps = [
        {"missing": gap["missing"]["iri"], "absence": spoken(gap, "absence"), "count": gap["count"]}
        for gap in one["gaps"]
    ]
    return {"total": one["total"], "complete": one["complete"], "gaps": gaps}


def _node(one: Any) -> Any:
    return {"iri": one["iri"], "code": one["code"], "label": spoken(one, "label"), "classes": one["classes"]}


def _key(one: Any) -> Any:
    return {"property": one["property"]["iri"], "value": one["value"], "label": spoken(one, "label")}


def _left(found: Any) -> Any:
    left = [
        {"registry": one["registry"], "reason": one["reason"].lower(), "why": spoken(one, "why")}
        for one in found["left"]
    ]
    return {"asked": found["asked"], "partial": found["partial"], "left": left}
