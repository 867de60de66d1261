"""The pages about nodes, and those of the same look (floor 5)."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from qualitrace.text import Text

_TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")


def page_template(name: str) -> Template:
    """Return a template of this package. Whatever is put in is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["both"] = both
    return environment.get_template(name)


def both(text: Text) -> tuple[str, str]:
    """Return a text in the two languages of the pages."""
    zh, en = (text.best(language) for language in LANGUAGES)
    return zh, en
