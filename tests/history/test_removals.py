"""A load that takes whole nodes out of the registry waits to be approved; changed values do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualitrace.errors import QueryError
from qualitrace.profile import Profile
from qualitrace.registry import Registry, proposing
from qualitrace.registry.proposals import Actor, ProposalState, Step, decision, opened, proposals
from qualitrace.store import STATED
from qualitrace.terms import Fact
from tests.deciding import decided
from tests.history.conftest import STAFF, UNITS, Program, write

TWO = (
    "S1,示例甲,示例处,综合科,处长,,2022-01-01,",
    "S2,示例乙,示例处,综合科,科员,,2022-01-01,",
)


@pytest.fixture
def staff(program: Program, tmp_path: Path) -> Path:
    """A list of two people, loaded: the first load of a document never waits."""
    units = write(tmp_path / "units.csv", UNITS, "示例处,职能部门,资源建设,处长")
    path = write(tmp_path / "staff.csv", STAFF, *TWO)
    assert program("load", units, path).exit_code == 0
    return path


def facts(location: Path, profile: Profile) -> set[Fact]:
    registry = Registry.open(location, profile)
    found = set(registry.engine.facts(STATED))
    registry.close()
    return found


def said(program: Program, *arguments: object) -> Any:
    return json.loads(program(*arguments, "--json").stdout)


def test_a_dropped_row_waits_with_the_rest_of_its_document(
    program: Program, staff: Path, registry_file: Path, college: Profile
) -> None:
    before = facts(registry_file, college)
    write(staff, STAFF, TWO[0].replace("示例甲", "示例丁"))  # a corrected name, and a row that is gone
    result = program("load", staff, "--yes", "--author", "示例员")
    assert result.exit_code == 1, result.stderr
    assert "qualitrace approve 1" in result.stdout and "示例乙" in result.stdout and "示例处" in result.stdout
    assert facts(registry_file, college) == before
    again = said(program, "load", staff, "--author", "示例员")
    kinds = sorted(name.removeprefix(college.base).split("/")[0] for name in again["vanishing"])
    assert (again["number"], kinds) == (1, ["appointment", "person", "post"])
    assert len(said(program, "proposals")) == 1  # the same change waits once
    for author, role in (("示例员", "auditor"), ("另一员", "office"), ("另一员", "steward")):
        refused = program("approve", "1", "--author", author, "--role", role)
        assert refused.exit_code == 2 and facts(registry_file, college) == before, (author, role)
    assert program("approve", "1", "--author", "另一员", "--role", "auditor").exit_code == 0
    after = facts(registry_file, college)
    assert any("示例丁" in fact.object for fact in after)
    assert not any("示例乙" in fact.object for fact in after)
    assert program("load", staff).exit_code == 0  # nothing is left to change
    assert len(said(program, "proposals")) == 1


def test_a_changed_value_needs_nobody_else(program: Program, staff: Path) -> None:
    write(staff, STAFF, TWO[0].replace("示例甲", "示例丁"), TWO[1])
    assert program("load", staff).exit_code == 2  # agreement is asked for
    assert program("load", staff, "--yes").exit_code == 0
    assert said(program, "proposals") == []


def test_anything_may_wait(program: Program, staff: Path, registry_file: Path, college: Profile) -> None:
    before = facts(registry_file, college)
    write(staff, STAFF, *TWO, "S3,示例丙,示例处,综合科,科员,,2022-01-01,")
    told = said(program, "load", staff, "--propose", "--role", "steward", "--author", "示例员")
    assert (told["number"], told["role"], told["vanishing"]) == (1, "steward", [])
    assert facts(registry_file, college) == before
    assert program("approve", "1", "--author", "另一员").exit_code == 0  # the office, for a steward
    assert facts(registry_file, college) > before


def test_what_another_document_still_describes_does_not_vanish(
    program: Program, staff: Path, tmp_path: Path
) -> None:
    other = write(tmp_path / "more.csv", STAFF, TWO[1])
    assert program("load", other).exit_code == 0
    write(staff, STAFF, TWO[0])
    assert program("load", staff, "--yes").exit_code == 0
    assert said(program, "proposals") == []


def test_nobody_commits_a_removal_that_was_not_approved(
    staff: Path, registry_file: Path, college: Profile
) -> None:
    registry = Registry.open(registry_file, college)
    write(staff, STAFF, TWO[0])
    change, before = registry.prepare([staff]), set(registry.engine.facts(STATED))
    gone = proposing.vanishing(registry, change)
    assert gone
    with pytest.raises(QueryError) as refused:
        registry.commit(change, author="示例员", message="straight in")
    assert all(node in refused.value.where for node in gone)
    smaller = replace(change, removed=change.removed[:1])
    found = opened(registry.journal, smaller, "另一项", Actor("示例员"), registry.position)
    note = decision(found, Step.APPROVED, Actor("另一员", "auditor"), "")
    with pytest.raises(QueryError):  # approved was something else
        registry.commit(replace(change, notes=(note,)), author="示例员", message="another's approval")
    commented = replace(note, kind=Step.COMMENT)
    with pytest.raises(QueryError):
        registry.commit(replace(change, notes=(commented,)), author="示例员", message="only talked about")
    assert set(registry.engine.facts(STATED)) == before
    assert [one.state for one in proposals(registry.journal)] == [ProposalState.OPEN]
    registry.commit(decided(registry, change), author="示例员", message="approved")
    assert not any(fact.subject in gone for fact in registry.engine.facts(STATED))
    registry.close()
