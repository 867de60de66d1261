"""However a past state is come by (links, a checkpoint, what is known of the present), it is the same."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qualitrace.errors import NotConformingError
from qualitrace.registry import Registry, checkpoint, copying, warming
from qualitrace.registry.moments import Moments
from qualitrace.registry.past import Past
from qualitrace.store import saved as stores
from qualitrace.terms import RDF_TYPE, Fact, is_iri, literal
from tests.graphql.kitchens import FACTS, name
from tests.history.kitchen import commit, copied, profile, statement
from tests.history.test_past import DAYS, everything, history


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry.create(tmp_path / "r.db", profile())
    history(made)
    yield made
    made.close()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds anything is large."""
    monkeypatch.setattr(copying, "LARGE", 0)
    monkeypatch.setattr(stores, "SMALL", 0)


def alone(registry: Registry, tmp_path: Path) -> Registry:
    """The same registry, opened by somebody who knows nothing of what was asked before."""
    return Registry.open(copied(tmp_path / "r.db", tmp_path / f"{registry.position}.db"), profile())


def rename(registry: Registry, text: str) -> None:
    alias = Fact(name("hazard/H1"), registry.profile.expand("qt:alias"), literal(text))
    commit(registry, [statement(alias, f"{text}.csv")])


def is_known(past: Past) -> bool:
    """Whether its findings can be had from those of another state."""
    known = past.standing()
    return known is not None and known.report() is not None


def break_links(registry: Registry, most: int) -> int:
    """Take away as many links as the rules let go, one after the other; findings change with them."""
    found = 0
    for fact in FACTS:
        if found < most and is_iri(fact.object) and fact.predicate != RDF_TYPE:
            before = registry.validate().findings
            with contextlib.suppress(NotConformingError):
                commit(registry, removed=[statement(fact)])
                found += set(registry.validate().findings) != set(before)
    return found


@pytest.mark.usefixtures("large")
def test_a_state_that_is_asked_for_again_goes_on_in_memory(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "LEAST", 0)
    other = alone(registry, tmp_path)
    makers: tuple[Callable[[Registry], Registry | Past], ...] = (
        lambda one: one.at(2),
        lambda one: one.on(DAYS[0]),
    )
    for make in makers:
        state = make(registry)
        assert state.engine.on_disk
        deadline = time.monotonic() + 60
        while make(registry).engine.on_disk:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert make(registry) is state
        assert everything(state) == everything(make(other))
    rename(registry, "又名")
    assert everything(registry.at(3)) == everything(other.at(3))
    other.close()


@pytest.mark.usefixtures("large")
def test_a_large_registry_in_memory_is_copied_by_links_to_its_checkpoint(
    registry: Registry, tmp_path: Path
) -> None:
    folder = checkpoint.place(registry.journal)
    assert folder is not None and not folder.exists() and not registry.engine.on_disk
    other = alone(registry, tmp_path)
    expected = {position: everything(other.at(position)) for position in (1, 2)}
    assert everything(registry.at(2)) == expected[2] and registry.at(2).engine.on_disk
    (made,) = (path for path in folder.iterdir() if path.name[:12].isdecimal())
    for number in range(3):  # the checkpoint stands behind the present, and before the past
        rename(registry, f"又名{number}")
    assert everything(registry.at(1)) == expected[1]
    later = alone(registry, tmp_path)
    assert everything(registry.at(5)) == everything(later.at(5))
    assert everything(registry.on(DAYS[0])) == everything(later.on(DAYS[0]))
    assert [path for path in folder.iterdir() if path.name[:12].isdecimal()] == [made]
    registry._pasts = None
    gc.collect()
    assert not list(folder.glob("work-*"))
    other.close()
    later.close()


@pytest.mark.usefixtures("large")
def test_where_no_checkpoint_can_be_written_facts_are_copied(registry: Registry, tmp_path: Path) -> None:
    folder = checkpoint.place(registry.journal)
    assert folder is not None
    folder.write_text("a file where a folder should be", encoding="utf-8")
    other = alone(registry, tmp_path)
    assert everything(registry.at(2)) == everything(other.at(2))
    assert not registry.at(2).engine.on_disk
    other.close()


@pytest.mark.usefixtures("large")
def test_a_store_taken_into_memory_has_nothing_left_on_disk(registry: Registry) -> None:
    registry.at(2)  # leaves a checkpoint
    opened = Registry.open(registry.journal.database.url.database or "", profile())
    before, folder = everything(opened), opened.engine.folder
    assert folder is not None
    stores.into_memory(opened.engine)
    assert opened.engine.folder is None
    opened._checkpoints.close()  # its files go
    gc.collect()
    assert everything(opened) == before
    assert not opened.engine.copy().on_disk
    opened.close()


def test_findings_follow_from_those_of_the_present(registry: Registry, tmp_path: Path) -> None:
    assert break_links(registry, 3) == 3
    other = alone(registry, tmp_path)
    registry.warm()
    for position in (registry.position - 1, 4, 3, 1):
        past = registry.at(position)
        assert isinstance(past, Past)
        assert is_known(past), position
        assert past.validate() == other.at(position).validate(), position
    for day in DAYS:
        there, unknown = registry.on(day), other.on(day)
        assert isinstance(there, Past) and isinstance(unknown, Past)
        assert is_known(there) and not is_known(unknown)
        assert there.validate() == unknown.validate(), day
    other.close()


def test_findings_of_a_past_state_stay_when_the_present_goes_on(registry: Registry, tmp_path: Path) -> None:
    other = alone(registry, tmp_path)
    unasked = registry.at(2)  # nothing is asked of it before the present is another one
    rename(registry, "又名")
    registry.validate()
    assert unasked.validate() == other.at(2).validate()
    other.close()


def test_a_state_at_hand_does_not_wait_for_another(registry: Registry) -> None:
    first, pasts = registry.at(1), registry._pasts
    assert pasts is not None
    found: list[object] = []
    with pasts._making:  # another state is being made
        asking = threading.Thread(target=lambda: found.append(registry.at(1)))
        asking.start()
        asking.join(60)
    assert found == [first]


def test_the_state_on_a_date_has_no_other_moments(registry: Registry) -> None:
    reduced = registry.on(DAYS[0])
    assert reduced is not registry and reduced.at(3) is reduced
    with pytest.raises(RuntimeError):
        reduced.at(2)


def test_what_a_moment_stood_for_is_looked_up_again_when_the_registry_goes_on(registry: Registry) -> None:
    moments, day = Moments(registry.journal), "2999-01-01"
    assert [moments.position(day, registry.position) for _ in range(2)] == [3, 3]
    rename(registry, "又名")
    assert moments.position(day, registry.position) == 4
