"""A registry in Neo4j, opened for a server (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.registry.publishing import publish, registry_name
from qualitrace.registry.remote import Remote
from qualitrace.store.neo4j import Account, Neo4jEngine, Server
from qualitrace.web.settings_neo4j import Graphs


@contextmanager
def graphs_of(settings: Graphs, profile: Profile, home: Registry | None) -> Iterator[Remote]:
    """Open what Neo4j answers from. It may be away: then whoever asks is told so, until it is back.

    Raises RegistryError for an address or a name that is none.
    """
    base = home.base if home is not None else profile.base
    with Server(account_of(settings)) as server:
        engine = Neo4jEngine.of(server, profile, registry_name_of(settings.name, base))
        yield Remote(engine, profile, base, home, publish if home is not None else None)


def account_of(settings: Graphs) -> Account:
    """Return whom a server asks as."""
    return Account(
        settings.uri,
        settings.user,
        settings.password,
        settings.database,
        patience=settings.patience,
        statement_time=settings.seconds,
    )


def registry_name_of(name: str, base: str) -> str:
    """Return what a registry is called in Neo4j. Raises RegistryError for what is no name."""
    return registry_name(_Based(base), name)  # type: ignore[arg-type]


class _Based:
    def __init__(self, base: str) -> None:
        self.base = base
