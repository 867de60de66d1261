"""One server for all attacks: what one of them breaks, the next ones meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualitrace.bench import generated
from qualitrace.profile import load_profile
from tests.access.identity_provider import IdentityProvider
from tests.attack.serving import Bystander, Served, serving

SIZE = 30_000  # facts


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("attacked")
    profile = load_profile()
    generated.write_journal(generated.read_demonstration(profile), SIZE, folder / "registry.db", profile)
    with IdentityProvider() as provider, serving(folder / "registry.db", provider, folder) as running:
        yield running


@pytest.fixture(autouse=True)
def bystander(served: Served) -> Iterator[Bystander]:
    """Somebody else, who must be answered throughout."""
    with Bystander(served) as asking:
        yield asking
    asking.check()
