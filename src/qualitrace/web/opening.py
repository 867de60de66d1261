"""What a server needs is opened, and closed again (floor 5)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from qualitrace.access.book import AccessBook
from qualitrace.access.oidc import Oidc
from qualitrace.access.oidc_grants import Registries
from qualitrace.errors import UnavailableError
from qualitrace.journal import location_shown
from qualitrace.profile.cached import cached_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.text import Text
from qualitrace.web.app import LOOPBACK, create_app
from qualitrace.web.heap import keep_trim, share_heaps
from qualitrace.web.served import Served
from qualitrace.web.settings import Settings
from qualitrace.web.settings_checks import is_loopback
from qualitrace.web.settings_neo4j import Graphs

# The driver of Neo4j is needed only where GraphQL is answered from it.
if TYPE_CHECKING:
    from qualitrace.registry.remote import Remote


@dataclass(frozen=True, slots=True)
class Work:
    """What is served, and how: all that a process needs to begin. ``title`` as in :func:`create_app`.

    ``unguarded``: nobody is asked who they are, and only this machine is answered (the demonstration).
    """

    settings: Settings
    title: Text | None = None
    directory: Path | None = field(default=None)  # of the profile; None for the one shipped
    unguarded: bool = False

    @classmethod
    def of(cls, settings: Settings, title: Text | None = None, *, unguarded: bool = False) -> Work:
        """Return the work that settings describe."""
        profile = settings.registry.profile
        return cls(settings, title, Path(profile) if profile else None, unguarded)


@contextmanager
def opened(work: Work) -> Iterator[FastAPI]:
    """Open the registry and who may ask, and make the application; all is closed at the end.

    Raises RegistryError, ProfileError, AccessError, and UnavailableError when nobody could be asked who they
    are.
    """
    share_heaps()
    settings = work.settings
    if settings.across.answers:
        with _across(work) as app:
            yield app
        return
    if work.unguarded:
        check_local(settings)
    if settings.neo4j.answers and not settings.neo4j.journal:
        with _without_journal(work) as app:
            yield app
        return
    registry = Registry.open(settings.registry.location, cached_profile(work.directory))
    with contextlib.ExitStack() as stack:
        stack.callback(registry.close)
        access = None if work.unguarded else access_of(settings, registry)
        if not work.unguarded:
            check_guarded(settings, access)
        if access is not None:
            stack.callback(access.close)
        graphs = None
        if settings.neo4j.answers:
            graphs = stack.enter_context(_graphs(settings.neo4j, registry.profile, registry))
        yield _made(work, registry, access, graphs)


@contextmanager
def _without_journal(work: Work) -> Iterator[FastAPI]:
    """Answer from Neo4j alone."""
    with contextlib.ExitStack() as stack:
        graphs = stack.enter_context(_graphs(work.settings.neo4j, cached_profile(work.directory), None))
        access = None if work.unguarded else access_of(work.settings, graphs)
        if not work.unguarded:
            check_guarded(work.settings, access)
        if access is not None:
            stack.callback(access.close)
        yield _made(work, graphs, access)


def _graphs(
    settings: Graphs, profile: Profile, registry: Registry | None
) -> contextlib.AbstractContextManager[Remote]:
    try:
        from qualitrace.web.graphs import graphs_of
    except ModuleNotFoundError as error:
        raise _no_driver(error) from error
    return graphs_of(settings, profile, registry)


def _across(work: Work) -> contextlib.AbstractContextManager[FastAPI]:
    """Answer for all registries in Neo4j."""
    try:
        from qualitrace.web.across import across_opened
    except ModuleNotFoundError as error:
        raise _no_driver(error) from error
    return across_opened(work)


def _no_driver(error: ModuleNotFoundError) -> UnavailableError:
    return UnavailableError(
        Text(zh="没有安装 Neo4j 的驱动程序。", en="The driver of Neo4j is not installed."),
        where=error.name or "",
        hint=Text(
            zh="请安装 qualitrace[neo4j]。",
            en="Install qualitrace[neo4j].",
        ),
    )


def _made(work: Work, registry: Served, access: AccessBook | None, graphs: Remote | None = None) -> FastAPI:
    settings = work.settings
    hosts = (*LOOPBACK, *(settings.server.names))
    app = create_app(registry, title=work.title, hosts=hosts, access=access, settings=settings, graphs=graphs)
    keep_trim(app.state.parts)
    return app


def access_of(
    settings: Settings,
    registry: Registry | Remote | None = None,
    *,
    registries: Registries | None = None,
) -> AccessBook | None:
    """Open who may ask; None when nobody has been given a token, and no identity provider is named.

    ``registry`` finds the units that the provider names; ``registries`` names those of a server that answers
    for many, and has none of its own.
    """
    provider = None
    if settings.oidc.issuer:
        provider = Oidc(settings.oidc.oidc(), registry.resolve if registry else None, registries)
    alone = registries is not None
    book = AccessBook.open(settings.registry.location, provider=provider, alone=alone)
    if provider is None and not book.tokens.all():
        book.close()
        return None
    return book


def check_guarded(settings: Settings, access: object) -> None:
    """Refuse to serve a registry while nobody is asked who they are. Raises UnavailableError.

    On this machine too: whoever else works on it, and any page open in a browser on it, would be answered.
    """
    if access is not None:
        return
    raise UnavailableError(
        Text(
            zh="还没有设置谁可以访问,不能启动服务。",
            en="Who may ask has not been configured, so it does not serve.",
        ),
        where=settings.server.host,
        hint=_first_token(settings),
    )


def _first_token(settings: Settings) -> Text:
    if settings.across.answers:
        make = f"qualitrace token make --across --registry {location_shown(settings.registry.location)} …"
        return Text(
            zh=f"请先发放令牌:{make} --grant 库名=角色,或设置 [oidc]。",
            en=f"Make a token first: {make} --grant NAME=ROLE, or set [oidc].",
        )
    return Text(
        zh="请先发放令牌:qualitrace token make --name … --role …,或设置 [oidc]。试用请运行 qualitrace demo。",
        en="Make a token first: qualitrace token make --name … --role …, or set [oidc]. To look around, "
        "run qualitrace demo.",
    )


def check_local(settings: Settings) -> None:
    """Refuse to answer anybody but this machine without asking who they are. Raises UnavailableError."""
    server = settings.server
    if is_loopback(server.host) and not server.behind_proxy:
        return
    raise UnavailableError(
        Text(
            zh="示例不问谁在访问,只能在本机应答。",
            en="The demonstration asks nobody who they are, so it answers this machine only.",
        ),
        where="server.behind_proxy" if is_loopback(server.host) else f"server.host = {server.host}",
        hint=Text(zh="请使用 127.0.0.1。", en="Use 127.0.0.1."),
    )
