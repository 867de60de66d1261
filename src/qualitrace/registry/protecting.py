"""The personal texts of a registry, so that it can be noted who was shown them (floor 3)."""

from __future__ import annotations

from qualitrace.registry.seen import Seeing, Seen

Texts = tuple[tuple[str, str], ...]


def protected_values(registry: Seeing | Seen) -> Texts:
    """Return each text that is not for everybody, with the IRI of the node that it is about.

    These are the values of protected and private properties, and the identifiers of nodes of protected
    classes. Of a view: those that its audience sees. The same object comes back until one of them changes,
    so that what was made of it can be kept. Reading them all takes time once; following a commit what the
    commit touched.
    """
    return registry.protected_texts()
