"""The settings of a server (floor 5): one TOML file and environment variables, checked at the start."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Listening:
    """``[server]``: where and how it listens."""

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()  # names a request may address it by, beside those of loopback
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section."""

    server: Listening = field(default_factory=Listening)
