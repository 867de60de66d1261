"""A registry on each database, with what is kept of access beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualitrace.access.book import AccessBook
from qualitrace.journal import Journal
from tests.access.identity_provider import IdentityProvider


@pytest.fixture
def place(location: str) -> str:
    """Where there is a registry."""
    Journal.create(location, {"profile": "https://example.org/p", "base": "https://example.org/id/"}).close()
    return location


@pytest.fixture
def book(place: str) -> Iterator[AccessBook]:
    opened = AccessBook.open(place)
    yield opened
    opened.close()


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running
