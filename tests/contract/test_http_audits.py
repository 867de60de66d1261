"""GraphQL over HTTP: the audits of graphql-http against a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.node_packages import LISTED, node

AT_LEAST = 61  # audits of the locked version


@pytest.fixture(scope="module")
def audits(npm: Path, address: str) -> list[dict[str, Any]]:
    script = npm / "audit.mjs"
    script.write_text((LISTED / "audit.mjs").read_text(encoding="utf-8"), encoding="utf-8")
    done = node(npm, script, f"{address}/graphql")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def told(audits: list[dict[str, Any]], *statuses: str) -> list[str]:
    return [
        f"{audit['id']} {audit['name']}: {audit['reason']} ({audit['answered']})"
        for audit in audits
        if audit["status"] in statuses
    ]


def test_all_audits_ran(audits: list[dict[str, Any]]) -> None:
    assert len(audits) >= AT_LEAST
    assert {audit["status"] for audit in audits} <= {"ok", "notice", "warn", "error"}
    assert {audit["name"].split()[0] for audit in audits} == {"MUST", "SHOULD", "MAY"}


def test_no_audit_ends_in_an_error_and_no_requirement_in_a_warning(audits: list[dict[str, Any]]) -> None:
    assert told(audits, "error") == []
    assert told([audit for audit in audits if audit["name"].startswith("MUST")], "warn", "notice") == []


def test_what_is_recommended_is_done_too(audits: list[dict[str, Any]]) -> None:
    assert told(audits, "warn", "notice") == []
