"""A registry in Neo4j: names, the server, and an engine without SPARQL (floor 1)."""

from qualitrace.store.neo4j.engine import Neo4jEngine
from qualitrace.store.neo4j.filling import Filling
from qualitrace.store.neo4j.marks import Mark
from qualitrace.store.neo4j.naming import Naming
from qualitrace.store.neo4j.server import Account, Server
from qualitrace.store.neo4j.writing import Changes

__all__ = ["Account", "Changes", "Filling", "Mark", "Naming", "Neo4jEngine", "Server"]
