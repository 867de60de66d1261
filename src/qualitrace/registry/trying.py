"""What the registry would be if a change were committed (floor 3)."""

from __future__ import annotations

from qualitrace.registry.committing import net_change
from qualitrace.registry.copying import Copies
from qualitrace.registry.lifecycles import Lifecycles
from qualitrace.registry.model import Change
from qualitrace.registry.past import Past
from qualitrace.registry.records import finding_key
from qualitrace.registry.registry import Registry
from qualitrace.validation.model import Finding


def trial(registry: Registry, change: Change) -> Past:
    """Return the state that a change would lead to, for reading; the registry stays as it is.

    Its statements are not in the journal: :meth:`Past.sources` knows nothing of them.
    """
    with registry.reading():
        net = net_change(change, registry.engine, registry.journal)
        projection = Copies(registry.journal, registry._checkpoints).of(registry._projection)
        position, known = registry.position, registry.standing()
    delta = projection.try_change(*net)
    return Past(
        registry.journal.at(position),
        registry.profile,
        registry.base,
        projection,
        lambda: registry._compiled,
        tried=net,
        known=known.then(delta.added, delta.removed),
    )


def rejected(registry: Registry, tried: Past) -> tuple[Finding, ...]:
    """Return the findings of a tried state that would keep its change from being committed."""
    after, before = tried.full_report(), registry.full_report()
    known = {finding_key(finding) for finding in before.findings}
    found = [
        finding
        for finding in registry.decisions.rejecting(after.findings)
        if finding_key(finding) not in known
    ]
    if tried.tried is not None:
        lifecycles = Lifecycles.of(registry.profile)
        found += lifecycles.undeclared(registry.profile, registry.base, tried.engine, *tried.tried)
    return tried.without_private(found)
