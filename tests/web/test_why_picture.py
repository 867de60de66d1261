"""The address of a node draws why what follows about it does: ``.svg?why=``."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from qualitrace.registry import Registry
from qualitrace.registry.explaining import why
from qualitrace.store import INFERRED
from qualitrace.web.linked_data import linked_data_routes
from qualitrace.web.linked_data_addresses import encoded
from tests.web.linked_world import World, kitchen_registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    yield made
    made.close()


def test_a_node_is_explained_in_a_picture(registry: Registry) -> None:
    world = World(linked_data_routes, registry)
    fact = min(f for f in registry.engine.facts(INFERRED) if f.subject.startswith(registry.base))
    address = "/id/" + encoded(fact.subject.removeprefix(registry.base)) + ".svg"
    found = world.get(f"{address}?language=en&why={quote(fact.predicate, safe='')}")
    assert found.headers["content-type"] == "image/svg+xml"
    words = "".join("".join(ET.fromstring(found.text).itertext()).split())
    asked = why(registry, fact.subject, fact.predicate).facts
    assert asked and "".join(asked[0].rule["en"].split()) in words
    everything = world.get(f"{address}?why=")
    assert everything.status_code == 200 and everything.text != world.get(address).text
    nothing = world.get(f"{address}?why=no-such-property")
    assert nothing.status_code == 400 and "svg" not in nothing.headers["content-type"]
