"""The engine on a real server: facts in, the same facts out."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from qualitrace.store.neo4j import Neo4jEngine
from tests.store import test_engine_contract as contract

FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(contract.changes())
def test_what_is_stated_is_what_is_read_back(engine: Neo4jEngine, sequence: list[contract.Change]) -> None:
    def made() -> Neo4jEngine:
        engine.clear()
        return Neo4jEngine(engine.server, engine.naming, engine.registry)

    contract.test_what_is_stated_is_what_is_read_back.hypothesis.inner_test(made, sequence)
