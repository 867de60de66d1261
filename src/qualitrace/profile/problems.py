"""Errors of a profile: made in one way, and gathered so that a person sees all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qualitrace.errors import ProfileError
from qualitrace.text import Text


def problem(zh: str, en: str, *, where: str = "", hint_zh: str = "", hint_en: str = "") -> ProfileError:
    """Return one problem of a profile; the caller raises or collects it."""
    hint = Text(zh=hint_zh, en=hint_en) if hint_zh or hint_en else None
    return ProfileError(Text(zh=zh, en=en), where=where, hint=hint)


def gathered(problems: Sequence[ProfileError], directory: Path) -> ProfileError:
    """Return one error for ``problems`` (not empty): the problem itself when it is alone."""
    if len(problems) == 1:
        return problems[0]
    return ProfileError(
        Text(zh=_listed(problems, "zh", directory), en=_listed(problems, "en", directory)),
        where=str(directory),
        hint=Text(zh="请逐条改正后重试。", en="Correct them one by one, then try again."),
        problems=tuple(problems),
    )


def _listed(problems: Sequence[ProfileError], language: str, directory: Path) -> str:
    head = {
        "zh": f"配置目录 {directory.name} 有 {len(problems)} 处问题：",
        "en": f"the profile {directory.name} has {len(problems)} problems:",
    }[language]
    lines = [head]
    for number, found in enumerate(problems, start=1):
        bits = [found.what.best(language), found.where, found.hint.best(language)]
        lines.append(f"{number}. " + " | ".join(bit for bit in bits if bit))
    return "\n".join(lines)
