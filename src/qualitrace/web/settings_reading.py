"""Settings put together from where they are written: option, environment, file, default (floor 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualitrace.errors import SettingsError
from qualitrace.text import Text
from qualitrace.web.declaring import Setting, declared, made
from qualitrace.web.settings import Settings
from qualitrace.web.settings_checks import contradictions, value_of
from qualitrace.web.settings_sources import (
    DEFAULT,
    Found,
    Given,
    from_environment,
    from_file,
    from_options,
)

DEFAULT_FILE = Path("/etc/qualitrace/settings.toml")
Options = Mapping[tuple[str, str], Any]  # by section and key


@dataclass(frozen=True, slots=True)
class Effective:
    """Settings in force. ``origins`` says for each (``section.key``) where its value comes from."""

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None


def settings_file(named: Path | None, default: Path = DEFAULT_FILE) -> Path | None:
    """Return the file to read: the one that is named, else the default if it is there."""
    if named is not None:
        return named
    return default if default.exists() else None


def read_settings(
    file: Path | None = None, environ: Mapping[str, str] | None = None, options: Options | None = None
) -> Effective:
    """Read and check settings: options before environment before file before defaults.

    Raises SettingsError with everything that is wrong.
    """
    known = tuple(declared(Settings))
    problems: list[SettingsError] = []
    values: dict[tuple[str, str], Any] = {}
    origins = dict.fromkeys((one.name for one in known), DEFAULT)
    for found in _all(known, file, environ or {}, options or {}):
        if isinstance(found, SettingsError):
            problems.append(found)
            continue
        try:
            values[found.setting.section, found.setting.key] = value_of(found)
        except SettingsError as error:
            problems.append(error)
        origins[found.setting.name] = found.where
    settings: Settings = made(Settings, values)
    named = {(one.section, one.key): f"{origins[one.name]} → {one.name}" for one in known}
    problems += contradictions(settings, lambda section, key: named[section, key])
    if problems:
        raise _together(problems)
    return Effective(settings, origins, file)


def _all(
    known: tuple[Setting, ...], file: Path | None, environ: Mapping[str, str], options: Options
) -> Iterator[Found]:
    """Everything that is written, what counts most last."""
    if file is not None:
        yield from from_file(file, known)
    yield from from_environment(environ, known)
    yield from from_options(options, known)


def _together(problems: list[SettingsError]) -> SettingsError:
    """One error that lists all, each as what / where / hint."""
    lines = {
        language: "\n".join(
            f"  {number}. "
            + " | ".join(
                part for part in (one.what.best(language), one.where, one.hint.best(language)) if part
            )
            for number, one in enumerate(problems, start=1)
        )
        for language in ("zh", "en")
    }
    count = len(problems)
    return SettingsError(
        Text(
            zh=f"设置有 {count} 处不对:\n{lines['zh']}",
            en=f"{count} problem(s) in the settings:\n{lines['en']}",
        ),
        hint=Text(
            zh="全部设置及其含义:qualitrace settings --example。",
            en="All settings and what they mean: qualitrace settings --example.",
        ),
        problems=tuple(problems),
    )


__all__ = ["DEFAULT_FILE", "Effective", "Given", "Options", "read_settings", "settings_file"]
