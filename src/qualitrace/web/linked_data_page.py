"""The pages about nodes, and those of the same look (floor 5)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from qualitrace.exporting.description import Description
from qualitrace.exporting.diagram import BASIS_WORDS
from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.web.linked_data_addresses import Addresses
from qualitrace.web.linked_data_requests import Times

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


def node_page(
    told: Description,
    profile: Profile,
    addresses: Addresses,
    times: Times,
    *,
    modified: str = "",
    withheld: bool = False,
) -> str:
    """Render the page about a node."""

    def href(name: str, suffix: str = "", language: str = "") -> str:
        address = addresses.of(name, suffix)
        query = urlencode({**times.query, **({"language": language} if language else {})})
        return f"{address}{'&' if '?' in address else '?'}{query}" if query else address

    traced = {group.property for group in (*told.links, *told.incoming)} & set(profile.trace.properties)
    return page_template("node.html").render(
        told=told,
        href=href,
        title=profile.titles,
        times=times,
        modified=modified[:10],
        pictured=bool(traced),
        withheld=withheld,
        bases=BASIS_WORDS,
        exists=_exists(told, times),
    )


def missing_page() -> str:
    """Render the page for an identifier that nothing is known by."""
    return page_template("missing.html").render()


def _exists(told: Description, times: Times) -> bool:
    day = (times.as_of or dt.date.today()).isoformat()
    return (told.valid_from or day) <= day <= (told.valid_to or day)
