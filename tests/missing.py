"""What a test needs and is not on this machine: a failure in CI, elsewhere a skip that says what it is."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Fail in CI; skip elsewhere, for this reason."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason=reason)
