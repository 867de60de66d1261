"""The whole demonstration, as it is and damaged at random, checked at home and in a cluster.

Used by ``test_whole_profile.py`` for some statements, by ``tools/compare_checks.py`` for all of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from qualitrace import demonstration
from qualitrace.profile.model import Profile
from qualitrace.store import INFERRED, STATED, OxigraphEngine
from qualitrace.store.neo4j import Changes, Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, literal
from qualitrace.validation.cluster import ClusterReport, ClusterShapes, CypherCheck
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.model import Report
from tests.cluster_checks.comparing import counted
from tests.cluster_checks.small import at_home

SEED = 8
WRONG = (
    literal("2021-02-30", datatype=XSD + "date"),
    literal("2031-05-06", datatype=XSD + "date"),
    literal("2031-05-06+08:00", datatype=XSD + "date"),
    literal("12021-05-06", datatype=XSD + "date"),
    literal("明年", datatype=XSD + "date"),
    literal('a "quoted" \\ text\nof two lines'),
    literal("示例", language="zh"),
    literal("Example", language="en"),
    literal("07", datatype=XSD + "integer"),
    literal("99999999999999999999", datatype=XSD + "integer"),
    literal(""),
)


def facts_of(profile: Profile, place: Path) -> tuple[list[Fact], list[Fact]]:
    """Build the demonstration of a profile; returns what it states, and what follows."""
    registry = demonstration.build(profile, place)
    try:
        return sorted(registry.engine.facts(STATED)), sorted(registry.engine.facts(INFERRED))
    finally:
        registry.close()


def broken(stated: list[Fact], seed: int = SEED) -> list[Fact]:
    """Take two of three facts, and add values, links and classes that do not belong: as people err."""
    chance = random.Random(seed)
    kept = [fact for fact in stated if chance.random() > 0.67]
    nodes = sorted({fact.subject for fact in kept})
    by_class: dict[str, list[str]] = {}
    for fact in kept:
        if fact.predicate == RDF_TYPE:
            by_class.setdefault(fact.object, []).append(fact.subject)
    used: dict[str, set[str]] = {}
    classes = {node: name for name, some in by_class.items() for node in some}
    by_subject: dict[str, list[Fact]] = {}
    for fact in kept:
        by_subject.setdefault(fact.subject, []).append(fact)
        used.setdefault(classes.get(fact.subject, ""), set()).add(fact.predicate)
    for name, some in sorted(by_class.items()):  # each property of each class goes wrong somewhere
        for predicate in sorted(used[name] - {RDF_TYPE}):
            for value in chance.sample([*WRONG, *map(iri, chance.sample(nodes, 3))], 3):
                kept.append(Fact(chance.choice(some), predicate, value))
            for fact in chance.sample(by_subject[chance.choice(some)], 1):  # what is said twice, in two ways
                kept.append(Fact(fact.subject, predicate, fact.object))
        kept.append(Fact(chance.choice(some), RDF_TYPE, chance.choice(sorted(by_class))))
    return sorted(set(kept))


def published(
    server: Server, profile: Profile, name: str, stated: list[Fact], inferred: list[Fact]
) -> tuple[OxigraphEngine, Neo4jEngine]:
    """Put a registry into a store at home and into Neo4j."""
    home, engine = at_home(profile, stated, inferred), Neo4jEngine.of(server, profile, name)
    engine.prepare()
    facts = list(dict.fromkeys([*home.facts(STATED), *engine.concept_links()]))
    engine.put(Changes(facts, (), list(home.facts(INFERRED)), ()))
    return home, engine


def at_home_too(shapes: ClusterShapes) -> list[CypherCheck]:
    """Return the checks that home makes as well."""
    return [one for one in shapes.checks if not shapes.is_across(one.check)]


def kind(check: CypherCheck) -> str:
    """Name the kind of a check: its component, and whether it is a node's or of values along a path."""
    return f"{check.check.constraint.label} {type(check.check.shape.path).__name__}"


def one_of_each(checks: Iterable[CypherCheck], home: Report) -> list[CypherCheck]:
    """Choose a check of each kind: the one that finds most at home."""
    finds = Counter(one.check for one in home.findings)
    ranked = sorted(checks, key=lambda one: (-finds[one.check.name], one.check.name))
    return list({kind(one): one for one in reversed(ranked)}.values())


def different(
    home: Report, report: ClusterReport, name: str, checks: Iterable[CypherCheck]
) -> tuple[Counter[tuple[object, ...]], Counter[tuple[object, ...]]]:
    """Return what only home finds, and what only the cluster finds, of some checks in one registry."""
    here = {one.check.name for one in checks}
    ours = counted(one for one in home.findings if one.check in here)
    theirs = counted(
        one.finding for one in report.findings if one.registry == name and one.finding.check in here
    )
    return ours - theirs, theirs - ours


def looked_at(
    home: Report, report: ClusterReport, name: str, checks: Iterable[CypherCheck], whole: ClusterShapes
) -> dict[str, tuple[int, int]]:
    """Return how many nodes each rule was checked on, at home and in the cluster, where they can be compared.

    Of which shapes a rule's nodes are depends on all its checks: a rule of which some were left out is not
    compared.
    """
    theirs = {
        line.rule.rule: one.targeted for line in report.rules for one in line.counts if one.registry == name
    }
    chains, of_all = _chains(checks), _chains(whole.checks)
    return {
        line.rule: (line.targeted, theirs[line.rule])
        for line in home.rules
        if line.rule in theirs and chains[line.rule] == of_all[line.rule]
    }


def _chains(checks: Iterable[CypherCheck]) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for one in checks:
        names = tuple(shape.name for shape in one.check.shapes)
        found.setdefault(rule_of(one.check.shapes), set()).add(names)
    return found
