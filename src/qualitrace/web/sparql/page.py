"""The page to write a query on (floor 5)."""

from __future__ import annotations

from qualitrace.profile.model import Profile
from qualitrace.web.linked_data_page import page_template

_USED = ("rdf", "rdfs", "skos", "qt")


def query_page(profile: Profile) -> str:
    """Render the page, with the prefixes of the profile."""
    prefixes = "\n".join(f"PREFIX {name}: <{space}>" for name, space in sorted(profile.prefixes.items()))
    return page_template("sparql.html").render(title=profile.titles, prefixes=prefixes)
