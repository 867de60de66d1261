"""The request that the READMEs show answers on the demonstration college, over HTTP."""

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qualitrace.demonstration import build
from qualitrace.profile import load_profile
from qualitrace.web import create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    registry = build(load_profile(), tmp_path_factory.mktemp("demo") / "demo.db")
    return TestClient(create_app(registry), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_request_names_who_answered(client: TestClient, repo_root: Path, page: str) -> None:
    text = (repo_root / page).read_text(encoding="utf-8")
    (request,) = re.findall(r"^curl -s http://127\.0\.0\.1:8000/graphql .* -d '(.*)'$", text, re.MULTILINE)
    answer = client.post("/graphql", json=json.loads(request)).json()
    assert "errors" not in answer
    (point,) = answer["data"]["diagnosisPoints"]["nodes"]
    (indicator,) = point["indicators"]
    assert [reading["outcome"] for reading in indicator["observations"]] == ["FAILED"]
    ends = indicator["trace"]["ends"]
    assert any(end["capacity"] for end in ends)  # somebody was acting
    assert {end["basis"] for end in ends} == {"STATED", "INHERITED"}
    assert all(end["node"]["label"].startswith("示例") for end in ends)
