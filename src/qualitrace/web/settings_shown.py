"""Settings as people read them: what is in force, an example file, the table of the manual (floor 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from qualitrace.journal import location_shown
from qualitrace.web.declaring import Setting, declared
from qualitrace.web.settings import Settings
from qualitrace.web.settings_checks import bounds
from qualitrace.web.settings_reading import Effective

_HIDDEN = "***"


def rows(effective: Effective) -> Iterator[dict[str, Any]]:
    """Return each setting, its value and where that comes from. Secrets are masked, and passwords."""
    for one in declared(Settings):
        value = getattr(getattr(effective.settings, one.section), one.key)
        yield {"setting": one.name, "value": shown(one, value), "from": effective.origins[one.name]}


def shown(setting: Setting, value: Any) -> Any:
    """Return a value as it may be shown."""
    if setting.declared.secret:
        return _HIDDEN if value else ""
    if isinstance(value, str) and "://" in value:
        return location_shown(value)
    return list(value) if isinstance(value, tuple) else value


def example() -> str:
    """Return a whole settings file: every setting with its default, commented out and explained."""
    lines = [
        "# 质溯服务的设置 / settings of a Qualitrace server",
        "# 优先顺序:命令行、环境变量、本文件、默认值。未注释掉的才起作用。",
        "# The command line goes before environment variables, these before this file, the file before the",
        "# defaults, which are what stands here (or an example). Take away the # to set one.",
    ]
    for section, settings in groupby(declared(Settings), key=lambda one: one.section):
        lines += ["", f"[{section}]"]
        for one in settings:
            limits = bounds(one).both()
            choices = " | ".join(one.declared.choices)
            more = f" ({limits or choices})" if limits or choices else ""
            lines += [f"# {text}" for text in one.declared.text.values()]
            lines.append(f"# {one.variable}{_file(one)}{more}")
            lines.append(f"# {one.key} = {_toml(_exemplary(one))}")
            lines.append("")
        lines.pop()
    return "\n".join(lines) + "\n"


def table() -> str:
    """Return all settings as Markdown, for docs/running.md."""
    lines = []
    for section, settings in groupby(declared(Settings), key=lambda one: one.section):
        lines += [f"**`[{section}]`**", "", "| key | default | is | variable |", "|---|---|---|---|"]
        for one in settings:
            limits = bounds(one).best("en") or ", ".join(one.declared.choices)
            text = one.declared.text.best("en") + (f" ({limits})" if limits else "")
            lines.append(f"| `{one.key}` | `{_toml(one.default)}` | {text} | `{one.variable}`{_file(one)} |")
        lines.append("")
    return "\n".join(lines)


def _file(setting: Setting) -> str:
    return ", `…_FILE`" if setting.declared.secret else ""


def _exemplary(setting: Setting) -> Any:
    return setting.default if setting.declared.example is None else setting.declared.example


def _toml(value: Any) -> str:
    """Write a value as TOML does, which for these kinds is as JSON does."""
    if isinstance(value, tuple):
        value = list(value)
    return '""' if value is None else json.dumps(value, ensure_ascii=False)
