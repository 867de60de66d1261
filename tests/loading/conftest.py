"""Fixtures of the loading tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.loading import Loaded
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from tests.loading.support import load


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The shipped profile."""
    return load_profile()


@pytest.fixture(scope="session")
def plan_path(seed_dir: Path) -> Path:
    """The college's plan as a Word file."""
    return seed_dir / "plan-2019.docx"


@pytest.fixture(scope="session")
def plan(plan_path: Path, profile: Profile) -> Loaded:
    """The plan, loaded from Word."""
    return load(plan_path, profile)


@pytest.fixture(scope="session")
def plan_text(seed_dir: Path, profile: Profile) -> Loaded:
    """The plan, loaded from its extracted text."""
    return load(seed_dir / "plan-2019.txt", profile)
