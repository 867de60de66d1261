"""What if: a dry run says what the same change, really made in another registry, comes to."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from qualitrace import demonstration
from qualitrace.errors import ConflictError, ProfileError, QueryError, UnknownNodeError
from qualitrace.profile import load_profile
from qualitrace.registry import Registry, proposing
from qualitrace.registry.concluding import conclude
from qualitrace.registry.editing import FieldValue, NodeEdit, edited
from qualitrace.registry.model import Change
from qualitrace.registry.proposals import Actor, opened
from qualitrace.registry.removing import vanishing
from qualitrace.registry.scenarios import asked, change_of
from qualitrace.registry.what_if import WhatIf, what_if
from qualitrace.store import INFERRED, STATED
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of
from qualitrace.tracing.answering import Answered
from qualitrace.tracing.model import Basis, Ending, Verdict
from tests.deciding import decided

QA = "https://w3id.org/qualitrace/qa#"
ALIAS = "https://w3id.org/qualitrace/engine#alias"
DAYS = st.dates(dt.date(2024, 9, 2), dt.date(2026, 6, 30))
HANDFUL = settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate], database=None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("what-if") / "demo.db"


@pytest.fixture(scope="module")
def college(place: Path) -> Iterator[Registry]:
    registry = demonstration.build(load_profile(), place)
    registry.warm()
    yield registry
    registry.close()


def members(registry: Registry, *classes: str) -> list[str]:
    found = {
        fact.subject
        for name in classes
        for fact in registry.engine.facts(predicate=RDF_TYPE, object=iri(QA + name))
    }
    return sorted(found)


def objects(registry: Registry, subject: str, name: str) -> list[str]:
    return sorted(
        iri_of(fact.object) if is_iri(fact.object) else lit_of(fact.object).value
        for fact in registry.engine.facts(STATED, subject=subject, predicate=QA + name)
    )


def tried(
    registry: Registry, scenario: str, *nodes: str, since: dt.date, as_of: dt.date | None = None
) -> WhatIf:
    one = asked(registry, scenario, nodes, since)
    return what_if(registry, one, change_of(registry, one), as_of=as_of)


# The same changes by other means: fields that somebody edits.


def ended(registry: Registry, appointments: list[str], since: dt.date) -> list[NodeEdit]:
    last = (since - dt.timedelta(days=1)).isoformat()
    edits = []
    for one in appointments:
        start, end = objects(registry, one, "startDate"), objects(registry, one, "endDate")
        if start and start[0] >= since.isoformat():
            edits.append(NodeEdit(one, delete=True))
        elif not end or end[0] >= since.isoformat():
            edits.append(NodeEdit(one, set=(FieldValue("endDate", last),)))
    return edits


def by_hand(registry: Registry, scenario: str, nodes: tuple[str, ...], since: dt.date) -> list[NodeEdit]:
    last = (since - dt.timedelta(days=1)).isoformat()
    if scenario == "abolish-post":
        held = objects(registry, nodes[0], "hasAppointment")
        return [NodeEdit(nodes[0], set=(FieldValue("endDate", last),)), *ended(registry, held, since)]
    if scenario == "person-leaves":
        facts = registry.engine.facts(STATED, predicate=QA + "appointee", object=iri(nodes[0]))
        return ended(registry, sorted(fact.subject for fact in facts), since)
    if scenario == "withdraw-standard":
        state = FieldValue("lifecycle", QA.replace("qa#", "scheme/") + "lifecycle-withdrawn")
        return [NodeEdit(nodes[0], set=(state, FieldValue("effectiveTo", last)))]
    person, post = nodes
    number = person.rpartition("/")[2]
    made = f"{post.replace('/post/', '/appointment/')}/{number}/{since.isoformat()}"
    return [
        NodeEdit(made, of=QA + "Appointment", set=(FieldValue("startDate", since.isoformat()),
                                                   FieldValue("person", person))),
        NodeEdit(post, add=(FieldValue("appointments", made),)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def second(college: Registry, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry of its own, in which changes are really made, one after the other."""
    copy = tmp_path_factory.mktemp("second") / "r.db"
    shutil.copy(place, copy)
    registry = Registry.open(copy, college.profile)
    registry.warm()
    yield registry
    registry.close()


def really(registry: Registry, change: Change) -> None:
    """Make a change for good; what takes nodes away is proposed and approved."""
    if vanishing(change, registry.journal):
        one = opened(registry.journal, change, "really", Actor("甲"), registry.position)
        proposing.approve(registry, one.number, Actor("乙", "auditor"))
    else:
        registry.commit(change, author="示例", message="really")


@dataclass(frozen=True)
class Snapshot:
    """What a registry answers on a day."""

    verdicts: dict[str, Verdict]
    tasks: dict[str, Answered]
    findings: set[tuple[str, str, str]]
    conclusions: set[Fact]

    @classmethod
    def of(cls, registry: Registry, as_of: str) -> Snapshot:
        day = dt.date.fromisoformat(as_of)
        judged = [name for name, model in registry.profile.classes.items() if model.chains]
        return cls(
            {v.node.iri: v for name in judged for v in registry.coverage(name, as_of=day).verdicts},
            {node: answered(registry, node, day) for node in members(registry, "Task")},
            {(f.rule, f.focus, f.value) for f in registry.validate().findings},
            {c.fact for one in conclude(registry, as_of=day) for c in one.conclusions},
        )


def compare(found: WhatIf, before: Snapshot, after: Snapshot) -> None:
    """What the dry run said, beside what a registry answered before and after it was really done."""
    had, has = before.verdicts, after.verdicts
    broken = {n for n, v in has.items() if not v.complete and (n not in had or had[n].complete)}
    whole = {n for n, v in has.items() if v.complete and n in had and not had[n].complete}
    assert {v.node.iri for v in found.difference.verdicts if v.broken} == broken
    assert {v.node.iri for v in found.difference.verdicts if not v.broken} == whole
    for verdict in found.difference.verdicts:
        assert verdict.after is not None
        assert verdict.after == has[verdict.node.iri]
    told = {one.node.iri: (one.before, one.after) for one in found.answering}
    for node, now in after.tasks.items():
        assert told.get(node, (now, now)) == (before.tasks[node], now), node
    assert {(f.rule, f.focus, f.value) for f in found.difference.appeared} == after.findings - before.findings
    assert {(f.rule, f.focus, f.value) for f in found.difference.gone} == before.findings - after.findings
    new, old = after.conclusions - before.conclusions, before.conclusions - after.conclusions
    assert {one.conclusion.fact for one in found.concluded if one.new} == new
    assert {one.conclusion.fact for one in found.concluded if not one.new} == old


def answered(registry: Registry, node: str, day: dt.date) -> Answered:
    paths = [p for p in registry.trace(node, "Person", as_of=day).paths if p.ending is Ending.REACHED]
    if not paths:
        return Answered.NOBODY
    named = any(all(step.basis is not Basis.INHERITED for step in path.steps) for path in paths)
    return Answered.NAMED if named else Answered.INHERITED


@pytest.mark.parametrize(
    ("scenario", "classes"),
    [
        ("abolish-post", ("Post",)),
        ("person-leaves", ("Person",)),
        ("withdraw-standard", ("WorkStandard",)),
        ("appoint", ("Person", "Post")),
    ],
)
def test_as_if_it_were_really_done(second: Registry, scenario: str, classes: tuple[str, ...]) -> None:
    """Each dry run is of a registry that more has been recorded in, about any day."""
    pools = [members(second, name) for name in classes]

    @HANDFUL
    @given(st.data())
    def run(data: st.DataObject) -> None:
        nodes = tuple(data.draw(st.sampled_from(pool)) for pool in pools)
        since = data.draw(DAYS)
        edits = by_hand(second, scenario, nodes, since)
        if not edits:
            with pytest.raises(QueryError, match="nothing"):
                tried(second, scenario, *nodes, since=since)
            return
        found = tried(second, scenario, *nodes, since=since, as_of=data.draw(st.none() | DAYS))
        before = Snapshot.of(second, found.as_of)
        second.commit(decided(second, edited(second, edits, "by hand")), author="示例", message="really")
        compare(found, before, Snapshot.of(second, found.as_of))

    run()


def test_merging_moves_everything_and_leaves_nothing(second: Registry) -> None:
    unit, into = (f"{second.base}unit/{name}" for name in ("教务处", "高教研究中心"))
    day = dt.date(2025, 9, 15)
    one = asked(second, "merge-units", (unit, into), day)
    change = change_of(second, one)
    found = what_if(second, one, change, as_of=day)
    snapshot, before = Snapshot.of(second, found.as_of), set(second.engine.facts(STATED))
    second.commit(decided(second, change), author="示例", message="really")
    moved = {
        Fact(f.subject, f.predicate, iri(into)) if f.object == iri(unit) else f
        for f in before
        if f.subject != unit and not (f.object == iri(unit) and f.subject == into)
    }
    names = {
        Fact(into, ALIAS, f.object)
        for f in before
        if f.subject == unit and f.predicate in (RDFS_LABEL, ALIAS)
    }
    assert set(second.engine.facts(STATED)) == moved | names
    assert not list(second.engine.facts(subject=unit)) and not list(second.engine.facts(object=iri(unit)))
    assert second.resolve(lit_of(min(names).object).value) == into
    compare(found, snapshot, Snapshot.of(second, found.as_of))
    with pytest.raises(UnknownNodeError):
        asked(second, "merge-units", (unit, into))  # it is merged already
    with pytest.raises(QueryError, match="named twice"):
        asked(second, "merge-units", (lit_of(min(names).object).value, into))


def state_of(place: Path, registry: Registry) -> tuple[object, ...]:
    files = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(place.parent.glob("demo.db*"))
    }
    rows = [sorted(registry.engine.facts(graph)) for graph in (STATED, INFERRED)]
    return files, rows, registry.journal.head(), registry.position, registry.validate().findings


def test_nothing_is_touched(college: Registry, place: Path, tmp_path: Path) -> None:
    before = state_of(place, college)
    post = members(college, "Post")[0]
    tried(college, "abolish-post", post, since=dt.date(2025, 9, 15))
    rule = tmp_path / "odd.rq"
    rule.write_text("# title en: odd\nCONSTRUCT { ?x qa:standing qas:standing-met } WHERE { ?x a qa:Unit }")
    what_if(college, None, rules=[rule])
    assert state_of(place, college) == before


def test_a_task_whose_only_person_leaves_shows(college: Registry) -> None:
    """Whoever alone is named for a task, and for whom nobody is afterwards, is found for each such task."""
    day = dt.date(2025, 9, 15)
    tasks = {}
    for task in members(college, "Task"):
        paths = college.trace(task, "Person", as_of=day).paths
        ends = {
            p.steps[-1].target
            for p in paths
            if p.ending is Ending.REACHED and all(s.basis is not Basis.INHERITED for s in p.steps)
        }
        if len(ends) == 1:
            tasks[task] = ends.pop()
    assert tasks
    person = sorted(tasks.values())[0]
    found = tried(college, "person-leaves", person, since=day)
    shown = {one.node.iri: one for one in found.answering if one.worse}
    theirs = {task for task, who in tasks.items() if who == person}
    assert theirs <= shown.keys()
    for task in theirs:
        assert person in {one.iri for one in shown[task].had}
        assert shown[task].sentence["zh"] and shown[task].sentence["en"]


def test_what_is_appointed_mends_what_is_vacant(college: Registry) -> None:
    vacant = sorted({f.focus for f in college.validate().findings if f.rule.endswith("#post-filled")})
    person = next(p for p in members(college, "Person") if p.endswith("S9001"))
    found = tried(college, "appoint", person, vacant[0], since=dt.date(2025, 9, 15))
    assert found.whole and not found.broken
    assert any(f.rule.endswith("#post-filled") for f in found.difference.gone)


def test_clear_errors(college: Registry, tmp_path: Path) -> None:
    unit, post = members(college, "Department")[0], members(college, "Post")[0]
    for nodes, why in (
        ((), "missing"),
        ((unit,), "is no post"),
        ((post, unit), "too many"),
    ):
        with pytest.raises(QueryError, match=why):
            asked(college, "abolish-post", nodes)
    with pytest.raises(QueryError, match="named twice"):
        asked(college, "merge-units", (unit, unit))
    with pytest.raises(QueryError, match="no scenario"):
        asked(college, "no-such", (unit,))
    with pytest.raises(UnknownNodeError):
        asked(college, "abolish-post", ("post/no/such",))
    assert (
        asked(college, "merge-units", (f"into={unit}", members(college, "Department")[1])).given[1].node.iri
        == unit
    )
    with pytest.raises(QueryError, match="Name a scenario"):
        what_if(college, None)
    for name, text in (("a.txt", ""), ("b.rq", "SELECT * WHERE { ?s ?p ?o }"), ("c.ttl", "nonsense")):
        (tmp_path / name).write_text(text)
        with pytest.raises(ProfileError):
            what_if(college, None, rules=[tmp_path / name])


def test_rules_are_tried_as_if_they_were_in_the_profile(
    college: Registry, place: Path, tmp_path: Path
) -> None:
    """A stored rule, a dated one and a shape: the same as a registry opened with a profile that has them."""
    (tmp_path / "grand.rq").write_text(
        "# title zh: 示例\n# title en: made up\n"
        "CONSTRUCT { ?task qa:headAnswers ?head } WHERE { ?goal qa:includesTask ?task . "
        "?task qa:responsibleUnit/qa:headPost ?head }",
        encoding="utf-8",
    )
    (tmp_path / "dated.rq").write_text(
        "# title en: dated\n# title zh: 示例\n# dated: ?day\n"
        "CONSTRUCT { ?unit qa:standing qas:standing-met } WHERE "
        "{ ?unit a qa:Department FILTER (?day > '2000-01-01'^^xsd:date) }",
        encoding="utf-8",
    )
    (tmp_path / "shape.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix qa: <https://w3id.org/qualitrace/qa#> .\n"
        "<urn:x:shape> a sh:NodeShape ; sh:targetClass qa:Department ; sh:severity sh:Warning ;\n"
        "  sh:property [ sh:path qa:subUnitOf ; sh:minCount 1 ; sh:severity sh:Warning ] .",
        encoding="utf-8",
    )
    files = [tmp_path / name for name in ("grand.rq", "dated.rq", "shape.ttl")]
    found = what_if(college, None, rules=files, as_of=dt.date(2025, 9, 15))
    root = tmp_path / "profile"
    for folder in ("ontology", "shapes", "reasoning", "loaders", "exports", "graphql"):
        shutil.copytree(college.profile.directory / folder, root / folder)
    for file in files:
        shutil.copy(file, root / ("reasoning" if file.suffix == ".rq" else "shapes"))
    copy = tmp_path / "copy.db"
    shutil.copy(place, copy)
    with_them = Registry.open(copy, load_profile(root))
    new = set(with_them.engine.facts("https://w3id.org/qualitrace/engine#inferred")) - set(
        college.engine.facts("https://w3id.org/qualitrace/engine#inferred")
    )
    assert new and {one.fact for one in found.following} == new
    assert found.concluded and {one.conclusion.fact for one in found.concluded if one.new} == {
        c.fact for one in conclude(with_them, as_of=dt.date(2025, 9, 15)) for c in one.conclusions
    } - {c.fact for one in conclude(college, as_of=dt.date(2025, 9, 15)) for c in one.conclusions}
    both = [{(f.rule, f.focus) for f in state.validate().findings} for state in (college, with_them)]
    assert {(f.rule, f.focus) for f in found.difference.appeared} == both[1] - both[0] != set()
    with_them.close()


def test_it_is_kept_as_a_proposal_that_does_the_same(second: Registry) -> None:
    post = next(p for p in members(second, "Post") if p.endswith("教材管理岗"))
    one = asked(second, "abolish-post", (post,), dt.date(2026, 9, 1))
    change = change_of(second, one)
    found = what_if(second, one, change)
    before = Snapshot.of(second, found.as_of)
    kept = proposing.propose(second, change, "示例", Actor("甲"))
    assert kept.difference is not None and kept.difference.nodes == found.difference.nodes
    proposing.approve(second, kept.proposal.number, Actor("乙", "auditor"))
    compare(found, before, Snapshot.of(second, found.as_of))
    with pytest.raises(ConflictError):
        second.commit(change, author="示例", message="again")
