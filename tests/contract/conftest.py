"""What the contract suite shares: every engine, a served registry, the npm packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.engines import as_many_examples, make_engine, make_local_engine
from tests.contract.node_packages import npm, systems
from tests.contract.serving import serving
from tests.graphql.kitchens import KITCHEN

__all__ = ["as_many_examples", "make_engine", "make_local_engine", "npm", "systems"]


@pytest.fixture(scope="session")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the kitchen's registry is."""
    return str(tmp_path_factory.mktemp("contract") / "kitchen.db")


@pytest.fixture(scope="session")
def registry(location: str) -> Iterator[Registry]:
    """The kitchen's demonstration."""
    made = demonstration.build(load_profile(KITCHEN), Path(location))
    yield made
    made.close()


@pytest.fixture(scope="session")
def address(registry: Registry) -> Iterator[str]:
    """The address of a running server that answers about the kitchen."""
    with serving(create_app(registry)) as found:
        yield found
