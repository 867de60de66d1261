"""A registry that is large enough to be opened on disk goes on in memory after ``qualitrace serve`` began."""

from __future__ import annotations

import json
from pathlib import Path

from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry
from qualitrace.store import PROFILE, STATED
from qualitrace.store.saved import SMALL
from qualitrace.terms import RDF_TYPE, Fact, iri, literal
from tests.graphql.kitchens import BASE, KITCHEN, TERMS
from tests.history.kitchen import statement
from tests.web.processes import ask, serving

AREA = f"{BASE}area/large"
OTHERS = "https://elsewhere.example/counted"  # no rule reads it, so that the registry is made quickly


def _large(location: str) -> int:
    """Make a registry that is opened on disk; returns how many facts its store holds."""
    registry = Registry.create(location, load_profile(KITCHEN), base=BASE)
    facts = [Fact(AREA, RDF_TYPE, iri(TERMS + "Area"))]
    facts += [Fact(AREA, OTHERS, literal(str(number))) for number in range(SMALL + 1)]
    registry.commit(Change((), tuple(map(statement, facts)), ()), author="示例", message="large")
    held = registry.engine.count(STATED) + registry.engine.count(PROFILE)
    registry.close()
    for again in (False, True):  # opening takes long the first time, and leaves a checkpoint
        opened = Registry.open(location, load_profile(KITCHEN))
        assert opened.engine.on_disk is again
        opened.close()
    return held


def test_a_served_registry_goes_on_in_memory(tmp_path: Path) -> None:
    location = str(tmp_path / "large.db")
    held = _large(location)
    query = {"query": "{ areas { totalCount nodes { id } } }"}
    with serving(location, KITCHEN, tmp_path) as server:
        (moved,) = server.wait_for("registry in memory")
        assert moved["facts"] >= held
        _, _, answer = ask(server.connect(), "/graphql", query)
        assert json.loads(answer)["data"]["areas"]["totalCount"] == 1
    with serving(location, KITCHEN, tmp_path, registry_memory_facts=0) as server:
        _, _, answer = ask(server.connect(), "/graphql", query)
        assert json.loads(answer)["data"]["areas"]["totalCount"] == 1
        assert not server.events("registry in memory")
