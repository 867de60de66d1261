"""What a server needs is opened, and closed again (floor 5)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from qualitrace.access.book import AccessBook
from qualitrace.access.oidc import Oidc
from qualitrace.errors import UnavailableError
from qualitrace.profile.cached import cached_profile
from qualitrace.registry import Registry
from qualitrace.text import Text
from qualitrace.web.app import LOOPBACK, create_app
from qualitrace.web.settings import Settings
from qualitrace.web.settings_checks import is_loopback


@dataclass(frozen=True, slots=True)
class Work:
    """What is served, and how: all that a process needs to begin. ``title`` as in :func:`create_app`."""

    settings: Settings
    title: Text | None = None
    directory: Path | None = field(default=None)  # of the profile; None for the one shipped

    @classmethod
    def of(cls, settings: Settings, title: Text | None = None) -> Work:
        """Return the work that settings describe."""
        profile = settings.registry.profile
        return cls(settings, title, Path(profile) if profile else None)


@contextmanager
def opened(work: Work) -> Iterator[FastAPI]:
    """Open the registry and who may ask, and make the application; all is closed at the end.

    Raises RegistryError, ProfileError, AccessError, and UnavailableError when it would answer beyond this
    machine while nobody is asked who they are.
    """
    settings = work.settings
    registry = Registry.open(settings.registry.location, cached_profile(work.directory))
    with contextlib.closing(registry):
        access = access_of(settings, registry)
        check_guarded(settings, access)
        with contextlib.closing(access) if access else contextlib.nullcontext():
            hosts = (*LOOPBACK, *(settings.server.names))
            yield create_app(registry, title=work.title, hosts=hosts, access=access, settings=settings)


def access_of(settings: Settings, registry: Registry | None = None) -> AccessBook | None:
    """Open who may ask; None when nobody has been given a token, and no identity provider is named.

    ``registry`` finds the units that the provider names.
    """
    provider = None
    if settings.oidc.issuer:
        provider = Oidc(settings.oidc.oidc(), registry.resolve if registry else None)
    book = AccessBook.open(settings.registry.location, provider=provider)
    if provider is None and not book.tokens.all():
        book.close()
        return None
    return book


def check_guarded(settings: Settings, access: object) -> None:
    """Refuse to answer beyond this machine while nothing guards who may ask. Raises UnavailableError."""
    server = settings.server
    if access is not None or (is_loopback(server.host) and not server.behind_proxy):
        return
    raise UnavailableError(
        Text(
            zh="还没有设置谁可以访问,不能在本机以外应答。",
            en="Who may ask has not been configured, so it does not answer beyond this machine.",
        ),
        where="server.behind_proxy" if is_loopback(server.host) else f"server.host = {server.host}",
        hint=Text(
            zh="请先用 qualitrace token make 发放令牌,或设置 [oidc];否则请使用 127.0.0.1。",
            en="Make a token first (qualitrace token make) or set [oidc]; else use 127.0.0.1.",
        ),
    )
