"""Where settings are written: a TOML file, environment variables, options of a command (floor 5)."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualitrace.errors import SettingsError
from qualitrace.text import Text
from qualitrace.web.declaring import PREFIX, Setting

FILE, ENVIRONMENT, OPTION, DEFAULT = "file", "environment", "option", "default"
_SUFFIX = "_file"  # of the key that names the file a secret is in
_ALIKE = 0.85  # how close an unknown variable must come to a known one to be taken for a mistake


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written, and where."""

    setting: Setting
    value: Any
    source: str
    where: str


Found = Given | SettingsError


def from_file(path: Path, known: Sequence[Setting]) -> Iterator[Found]:
    """Read a TOML file."""
    try:
        text = path.read_text(encoding="utf-8")
        read = tomllib.loads(text)
    except OSError as error:
        yield SettingsError(
            Text(zh="设置文件无法读取。", en="The settings file cannot be read."),
            where=f"{path}: {error.strerror}",
        )
        return
    except ValueError as error:  # not UTF-8, or not TOML: the message names line and column
        yield SettingsError(
            Text(zh="设置文件不是正确的 TOML。", en="The settings file is not correct TOML."),
            where=f"{path}: {error}",
            hint=Text(
                zh="文字值须加引号;完整的例子见 qualitrace settings --example。",
                en="Put text in quotes; qualitrace settings --example shows a whole file.",
            ),
        )
        return
    lines = _Lines(text)
    for section, held in read.items():
        where = f"{path}:{lines.of(section)}: "
        if section not in {one.section for one in known}:
            yield _unknown(f"{where}[{section}]", section, [one.section for one in known])
        elif not isinstance(held, dict):
            yield SettingsError(
                Text(zh=f"{section} 是一节,不是一个值。", en=f"{section} is a section, not a value."),
                where=f"{where}{section}",
                hint=Text(zh=f"请写成 [{section}]。", en=f"Write [{section}]."),
            )
        else:
            own = [one for one in known if one.section == section]
            yield from _section(own, held, lambda key, at=section: f"{path}:{lines.of(at, key)}: {at}.{key}")


def _section(known: Sequence[Setting], held: Mapping[str, Any], where: Any) -> Iterator[Found]:
    keys = {one.key: one for one in known}
    secret = {one.key + _SUFFIX: one for one in known if one.declared.secret}
    for key, value in held.items():
        if key in keys:
            yield Given(keys[key], value, FILE, where(key))
        elif key in secret:
            yield _secret(secret[key], value, FILE, where(key), key.removesuffix(_SUFFIX) in held)
        else:
            yield _unknown(where(key), key, [*keys, *secret])


def from_environment(environ: Mapping[str, str], known: Sequence[Setting]) -> Iterator[Found]:
    """Read environment variables. An empty one counts as not set."""
    variables = {one.variable: one for one in known}
    secret = {f"{one.variable}{_SUFFIX.upper()}": one for one in known if one.declared.secret}
    begins = tuple({f"{PREFIX}{one.section}_".upper() for one in known})
    for name, text in environ.items():
        if not name.startswith(PREFIX) or not text:
            continue
        if name in variables:
            yield Given(variables[name], text, ENVIRONMENT, name)
        elif name in secret:
            yield _secret(secret[name], text, ENVIRONMENT, name, bool(environ.get(secret[name].variable)))
        elif name.startswith(begins) or difflib.get_close_matches(name, variables, 1, _ALIKE):
            yield _unknown(name, name, [*variables, *secret])


def from_options(options: Mapping[tuple[str, str], Any], known: Sequence[Setting]) -> Iterator[Found]:
    """Take what the command line says; None counts as not set."""
    named = {(one.section, one.key): one for one in known}
    for place, value in options.items():
        if value is not None:
            yield Given(named[place], value, OPTION, f"--{place[1].replace('_', '-')}")


def _secret(setting: Setting, path: Any, source: str, where: str, twice: bool) -> Found:
    """Read a secret from the file that is named for it."""
    if twice:
        return SettingsError(
            Text(zh="同一个机密写了两处。", en="One secret is given twice."),
            where=where,
            hint=Text(zh="值与文件请只留一个。", en="Keep either the value or the file."),
        )
    try:
        text = Path(str(path)).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        return SettingsError(
            Text(zh="机密所在的文件无法读取。", en="The file of a secret cannot be read."),
            where=f"{where}: {path}: {getattr(error, 'strerror', None) or 'UTF-8'}",
        )
    if not text:
        return SettingsError(
            Text(zh="机密所在的文件是空的。", en="The file of a secret is empty."), where=f"{where}: {path}"
        )
    return Given(setting, text, source, f"{where} ({path})")


def _unknown(where: str, name: str, names: Sequence[str]) -> SettingsError:
    near = difflib.get_close_matches(name, dict.fromkeys(names), 1, 0.5)
    return SettingsError(
        Text(zh="没有这项设置。", en="There is no such setting."),
        where=where,
        hint=Text(zh=f"是否指 {near[0]}?", en=f"Did you mean {near[0]}?")
        if near
        else Text(
            zh="qualitrace settings --example 列出全部设置。", en="qualitrace settings --example lists all."
        ),
    )


class _Lines:
    """On which line of a TOML text a section or a key stands: where somebody would look for it."""

    _HEADER = re.compile(r"\s*\[\[?\s*([^\]#]+?)\s*\]")
    _KEY = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[str, str], int] = {}
        section = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if header := self._HEADER.match(line):
                section = header[1].strip("\"'")
                self._at.setdefault((section.partition(".")[0], ""), number)
            elif key := self._KEY.match(line):
                place, _, rest = key[1].partition(".") if not section else (section, "", key[1])
                self._at.setdefault((place, rest), number)
                self._at.setdefault((place, ""), number)

    def of(self, section: str, key: str = "") -> int:
        return self._at.get((section, key)) or self._at.get((section, ""), 1)
