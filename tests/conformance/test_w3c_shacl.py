"""The W3C SHACL suite, all of it: 98 core and 23 SPARQL tests, compared result by result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from tests.conformance.w3c_shacl import Case, actual_results, cases, expected_results, run, said

CORE, SPARQL = 98, 23
NAMES = (Path(__file__).parent / "w3c_shacl_cases.txt").read_text().split()
# Tests that are known to fail, each with its reason. None is.
EXPECTED_FAILURES: dict[str, str] = {}


@pytest.fixture(scope="module")
def suite(conformance_dir: Path) -> Mapping[str, Case]:
    return {case.name: case for case in cases(conformance_dir / "shacl")}


def test_the_suite_is_whole(suite: Mapping[str, Case]) -> None:
    assert sorted(suite) == NAMES
    assert sum(name.startswith("core/") for name in NAMES) == CORE
    assert sum(name.startswith("sparql/") for name in NAMES) == SPARQL
    assert set(EXPECTED_FAILURES) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_w3c(suite: Mapping[str, Case], name: str, request: pytest.FixtureRequest) -> None:
    if name in EXPECTED_FAILURES:
        request.applymarker(pytest.mark.xfail(reason=EXPECTED_FAILURES[name], strict=True))
    case = suite[name]
    if case.expected is None:
        with pytest.raises(ProfileError):
            run(case)
        return
    report = run(case)
    assert actual_results(report) == expected_results(case)
    assert said(case) <= {text for finding in report.findings for text in finding.message.values()}
    assert not any("pySHACL" in notice["en"] for notice in report.notices)
