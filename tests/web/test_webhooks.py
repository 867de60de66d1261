"""Other systems are told what happens: signed, in order, at least once, by one of several servers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from qualitrace.access.book import AccessBook
from qualitrace.access.database import writing
from qualitrace.access.hooks import Hook, HookEvent, Told
from qualitrace.journal import Changeset, SourcedFact
from qualitrace.profile.exposure import Exposures
from qualitrace.registry import Registry, proposing
from qualitrace.registry.proposals import Actor
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, literal
from qualitrace.web.hooks import Deliverer
from qualitrace.web.hooks.deliverer import wait
from qualitrace.web.hooks.messages import following, start
from qualitrace.web.hooks.public import PublicNodes
from qualitrace.web.settings_access import Hooking
from tests.databases import DATABASES, Server
from tests.graphql.kitchens import BASE, FACTS, TERMS, node
from tests.history.kitchen import commit, profile, statement
from tests.web.hook_receiver import SECRET, Receiver

# An attempt that took too long comes again: no attempt of these tests takes so long by itself.
QUICK = Hooking(poll_seconds=0.02, first_seconds=0.05, longest_seconds=0.2, timeout_seconds=60.0, tries=4)


# Most of it does not depend on the database: what does is done on both.
on_both = pytest.mark.parametrize("location", DATABASES, indirect=True)


@pytest.fixture
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") == "sqlite":
        return str(tmp_path / "r.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def registry(location: str) -> Iterator[Registry]:
    with closing(Registry.create(location, profile())) as made:
        yield made


@pytest.fixture
def book(location: str, registry: Registry) -> Iterator[AccessBook]:
    with closing(AccessBook.open(location)) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


Run = Callable[..., Deliverer]


@pytest.fixture
def run(registry: Registry, book: AccessBook) -> Iterator[Run]:
    """Start a deliverer; all of them are stopped at the end."""
    running: list[Deliverer] = []

    def started(
        settings: Hooking = QUICK, of: Registry = registry, by: AccessBook = book, stop_seconds: float = 60.0
    ) -> Deliverer:
        running.append(Deliverer(of, by, settings, stop_seconds=stop_seconds))
        running[-1].start()
        return running[-1]

    yield started
    for one in running:
        one.stop()


def hooked(
    book: AccessBook, registry: Registry, receiver: Receiver, *events: HookEvent, told: Told | None = None
) -> Hook:
    wanted = events or (HookEvent.CHANGES,)
    return book.hooks.add(receiver.url, SECRET, wanted, told or start(registry.journal), private=True, by="t")


def area(number: int) -> list[SourcedFact]:
    """The statements of a node that needs no other."""
    return [statement(fact) for fact in node(f"area/{number:04}", "Area", f"区域{number}")]


def add(registry: Registry, number: int = 0) -> None:
    """Commit one node more."""
    commit(registry, area(number))


def procedure() -> list[SourcedFact]:
    """The statements of a node that a rule warns of."""
    return [statement(fact) for fact in FACTS if fact.subject == BASE + "procedure/S3"]


def settled(book: AccessBook, condition: Callable[[Hook], bool], seconds: float = 120.0) -> Hook:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        hook = book.hooks.all()[0]
        if condition(hook):
            return hook
        time.sleep(0.01)
    pytest.fail(f"it never came to that: {book.hooks.all()}")


# ------------------------------------------------------------------ what is told


@on_both
def test_every_commit_is_told_once_in_order_and_signed(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    add(registry, 0)  # before the hook: not told
    hooked(book, registry, receiver)
    run()
    for number in range(1, 8):
        add(registry, number)
    came = receiver.wait(7)
    assert all(one.signed for one in came)
    assert [one.said["data"]["position"] for one in came] == list(range(2, 9))
    made = list(registry.journal.changesets(1, changes=False))
    assert [one.said["data"]["changeset"] for one in came] == [changeset.id for changeset in made]
    assert [one.said["timestamp"] for one in came] == [changeset.at for changeset in made]
    assert [one.said["id"] for one in came] == [one.id for one in came] and len({one.id for one in came}) == 7
    hook = settled(book, lambda one: one.delivered == 7)
    assert (hook.told.position, hook.failures, hook.problem, hook.dead) == (8, 0, "", False)


def test_a_message_names_nodes_and_what_became_of_them(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    hooked(book, registry, receiver)
    run()
    made = area(1)
    commit(registry, made)
    commit(registry, removed=made[1:])
    commit(registry, removed=made[:1])
    told = [one.said["data"]["nodes"] for one in receiver.wait(3)]
    named = {"id": BASE + "area/0001", "kinds": ["Area"]}
    assert told == [[{**named, "change": change}] for change in ("added", "changed", "removed")]


def test_a_message_is_the_same_whenever_it_is_made(
    registry: Registry, book: AccessBook, receiver: Receiver
) -> None:
    hook = hooked(book, registry, receiver)
    commit(registry, area(1))
    first = following(registry, hook)
    commit(registry, removed=area(1))
    assert following(registry, hook) == first
    assert first[0] is not None and b"area/0001" in first[0].body


def test_nothing_personal_is_told(registry: Registry, book: AccessBook, receiver: Receiver, run: Run) -> None:
    hooked(book, registry, receiver, *HookEvent)
    run()
    commit(registry, [statement(fact) for fact in FACTS], author="示例作者", message="给厨师甲的话")
    cards = [statement(fact) for fact in FACTS if fact.predicate.endswith("cardNumber")]
    assert cards
    proposing.propose(
        registry, proposing.removal(registry, [BASE + "cook/1"]), "给厨师甲的提议", Actor("示例作者")
    )
    commit(registry, removed=cards, author="示例作者", message="x")
    settled(book, lambda one: one.told.position == 2 and one.told.event == 1)
    everything = b"".join(one.body for one in receiver.came).decode()
    assert "changes" in receiver.kinds and "proposals" in receiver.kinds and "findings" in receiver.kinds
    for secret in ("cook/", "厨师", "示例作者", "给厨师甲", '"C1"', '"123"'):
        assert secret not in everything
    assert BASE + "hazard/H1" in everything and BASE + "shift/1" in everything


def test_an_identifier_that_holds_a_protected_value_is_not_told(
    registry: Registry,
) -> None:
    """What is protected of a public class is not told by way of its identifier either."""
    given = [
        Fact(BASE + "role/甲", RDF_TYPE, iri(TERMS + "Role")),
        Fact(BASE + "role/甲", RDFS_LABEL, literal("甲")),
        Fact(BASE + "role/2", RDF_TYPE, iri(TERMS + "Role")),
        Fact(BASE + "role/2", RDFS_LABEL, literal("乙")),
    ]
    changeset = Changeset(1, "", "", "", "", (), (), (), tuple(given))
    found = PublicNodes(registry, changeset)
    assert [node.iri for node in found.changed()] == [BASE + "role/2", BASE + "role/甲"]
    found._exposures = Exposures({RDFS_LABEL: {TERMS + "Role": "protected"}}, {}, {})
    assert [node.iri for node in found.changed()] == [BASE + "role/2"]


def test_findings_that_appear_and_go_are_told(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    hooked(book, registry, receiver, HookEvent.FINDINGS)
    run()
    commit(registry, procedure())
    found = {(one.rule, one.focus) for one in registry.validate().findings}
    assert found
    commit(registry, removed=procedure())
    came = [one.said["data"] for one in receiver.wait(2)]
    assert {(one["rule"], one["node"]) for one in came[0]["appeared"]} == found
    assert came[1]["gone"] == came[0]["appeared"] and came[1]["appeared"] == []
    assert came[0]["gone"] == [] and came[0]["count"]["appeared"] == len(came[0]["appeared"])
    assert set(receiver.kinds) == {"findings"}


def test_changes_and_findings_of_a_commit_come_one_after_the_other(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    hooked(book, registry, receiver, HookEvent.CHANGES, HookEvent.FINDINGS)
    run()
    commit(registry, procedure())
    add(registry, 0)
    settled(book, lambda one: one.told.position == 2)
    assert receiver.kinds[:3] == ["changes", "findings", "changes"]


@on_both
def test_what_happens_to_proposals_is_told_before_what_they_change(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    add(registry, 0)
    hooked(book, registry, receiver, HookEvent.CHANGES, HookEvent.PROPOSALS)
    run()
    proposing.propose(registry, proposing.removal(registry, [BASE + "area/0000"]), "示例", Actor("甲"))
    proposing.comment(registry, 1, Actor("乙"), "为何")
    proposing.approve(registry, 1, Actor("乙", "auditor"))
    came = [one.said for one in receiver.wait(4)]
    assert [one["type"] for one in came] == ["proposals", "proposals", "proposals", "changes"]
    assert [one["data"].get("step") for one in came[:3]] == ["proposed", "comment", "approved"]
    assert {one["data"]["proposal"] for one in came[:3]} == {1}


def test_a_large_change_is_told_in_part_and_said_to_be(
    registry: Registry, book: AccessBook, receiver: Receiver
) -> None:
    hook = hooked(book, registry, receiver)
    commit(registry, [entry for number in range(450) for entry in area(number)])
    message, _ = following(registry, hook)
    assert message is not None and len(message.body) < 40_000
    data = json.loads(message.body)["data"]
    assert (data["count"], data["complete"]) == (450, False)
    listed = [one["id"] for one in data["nodes"]]
    assert listed == [f"{BASE}area/{number:04}" for number in range(len(listed))] and len(listed) > 100


# ------------------------------------------------------------------ failing, and going on


def test_a_message_that_fails_comes_again_with_its_id_and_later_ones_wait(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    receiver.answer = lambda number: 500 if number < 2 else 200
    hooked(book, registry, receiver)
    run()
    add(registry, 0)
    add(registry, 1)
    came = receiver.wait(4)
    assert [one.said["data"]["position"] for one in came] == [1, 1, 1, 2]
    assert len({one.id for one in came[:3]}) == 1 and came[0].body == came[2].body
    assert all(one.signed for one in came)
    assert settled(book, lambda one: one.delivered == 2).failures == 0


@on_both
def test_a_hook_is_dead_after_so_many_tries_and_goes_on_where_it_stopped(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    receiver.answer = lambda number: 503 if number < QUICK.tries else 200
    made = hooked(book, registry, receiver)
    run()
    add(registry, 0)
    dead = settled(book, lambda one: one.dead)
    assert (dead.failures, dead.problem, dead.told.position) == (QUICK.tries, "HTTP 503", 0)
    receiver.wait(QUICK.tries)
    add(registry, 1)
    time.sleep(0.3)
    receiver.wait(QUICK.tries)  # a dead hook is told nothing
    book.hooks.resume(made.id)
    came = receiver.wait(QUICK.tries + 2)
    assert [one.said["data"]["position"] for one in came[-2:]] == [1, 2]


def test_what_was_noted_since_a_turn_looked_counts(
    registry: Registry, book: AccessBook, receiver: Receiver
) -> None:
    """A turn may read a hook just before the thread that serves it notes a failure."""
    read = hooked(book, registry, receiver)
    add(registry, 0)
    deliverer = Deliverer(registry, book, QUICK)
    assert deliverer._leads()
    book.hooks.failed(read, "HTTP 503", next_at=time.time() + 100, dead=False)
    deliverer._serve(read)
    receiver.wait(0)
    book.hooks.resume(read.id)
    deliverer._serve(read)
    receiver.wait(1)
    deliverer.stop()


def test_who_is_gone_is_dead_at_once(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    receiver.answer = lambda number: 410
    hooked(book, registry, receiver)
    run()
    add(registry, 0)
    assert settled(book, lambda one: one.dead).failures == 1
    receiver.wait(1)


def test_waits_grow_up_to_a_bound_and_are_never_the_same() -> None:
    settings = Hooking(first_seconds=5, longest_seconds=3_600)
    for failures in range(12):
        full = min(3_600, 5 * 4**failures)
        found = {wait(settings, failures, None) for _ in range(50)}
        assert len(found) > 1 and all(full / 2 <= one <= full for one in found)
    assert wait(settings, 0, 100.0) == 100.0
    assert wait(settings, 0, 99_999.0) == 3_600


def test_when_to_come_again_is_heeded(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    receiver.answer, receiver.headers = lambda number: 429, {"Retry-After": "3000"}
    hooked(book, registry, receiver)
    run(Hooking(poll_seconds=0.02, first_seconds=0.01, longest_seconds=6_000.0, timeout_seconds=60.0))
    before = time.time()
    add(registry, 0)
    hook = settled(book, lambda one: one.failures == 1)
    assert before + 3_000 <= hook.next_at <= time.time() + 3_000
    receiver.wait(1)


def test_a_hook_that_fails_or_is_slow_holds_up_no_other(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    with Receiver(holds=True) as slow, Receiver(answer=lambda number: 500) as failing:
        for one in (slow, failing, receiver):
            hooked(book, registry, one)
        run()
        for number in range(5):
            add(registry, number)
        receiver.wait(5)
        assert len(slow.came) == 1
        assert {one.said["data"]["position"] for one in failing.came} <= {1}  # more may come meanwhile


def test_an_answer_that_never_ends_is_left(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    receiver.answer, receiver.drip = lambda number: 200, 0.05
    hooked(book, registry, receiver)
    run()
    add(registry, 0)
    add(registry, 1)
    receiver.wait(2)
    assert settled(book, lambda one: one.delivered == 2).problem == ""


# ------------------------------------------------------------------ several servers, stops and starts


@on_both
def test_one_of_several_servers_delivers_and_another_takes_over(
    location: str, registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    with (
        closing(Registry.open(location, profile())) as second,
        closing(AccessBook.open(location)) as its_book,
    ):
        hooked(book, registry, receiver)
        first = run()
        other = run(of=second, by=its_book)
        for number in range(6):
            add(registry, number)
        came = receiver.wait(6)
        assert [one.said["data"]["position"] for one in came] == [1, 2, 3, 4, 5, 6]
        settled(book, lambda one: one.delivered == 6)  # what is not noted yet may be told again
        leading = [one for one in (first, other) if one._leads_until]
        assert len(leading) == 1
        leading[0].stop()
        add(registry, 6)
        assert receiver.wait(7)[-1].said["data"]["position"] == 7
        other.stop()


def test_what_was_not_told_is_told_after_a_restart(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    hooked(book, registry, receiver)
    first = run()
    add(registry, 0)
    receiver.wait(1)
    settled(book, lambda one: one.delivered == 1)
    first.stop()
    add(registry, 1)
    add(registry, 2)
    time.sleep(0.1)
    receiver.wait(1)
    run()
    assert [one.said["data"]["position"] for one in receiver.wait(3)] == [1, 2, 3]


@on_both
def test_what_was_sent_and_not_noted_comes_again_with_the_same_id(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    made = hooked(book, registry, receiver)
    add(registry, 0)
    first = run()
    receiver.wait(1)
    hook = settled(book, lambda one: one.delivered == 1)
    first.stop()
    assert book.hooks.passed(hook, made.told)  # as if the server had died before it noted the delivery
    run()
    came = receiver.wait(2)
    assert came[0].id == came[1].id and came[0].body == came[1].body


@on_both
def test_a_position_never_goes_back_when_two_note_at_once(
    registry: Registry, book: AccessBook, receiver: Receiver
) -> None:
    hook = hooked(book, registry, receiver)
    assert book.hooks.delivered(hook, Told(3))
    assert not book.hooks.delivered(hook, Told(1))
    assert not book.hooks.failed(hook, "late", next_at=0, dead=True)
    assert book.hooks.all()[0].told == Told(3) and not book.hooks.all()[0].dead


def test_a_removed_hook_is_told_nothing_more(
    registry: Registry, book: AccessBook, receiver: Receiver, run: Run
) -> None:
    made = hooked(book, registry, receiver)
    run()
    add(registry, 0)
    receiver.wait(1)
    book.hooks.remove(made.id)
    add(registry, 1)
    time.sleep(0.2)
    receiver.wait(1)


def test_stopping_does_not_wait_for_a_slow_receiver_for_ever(
    registry: Registry, book: AccessBook, run: Run
) -> None:
    with Receiver(holds=True) as receiver:
        hooked(book, registry, receiver)
        running = run(stop_seconds=0.1)
        add(registry, 0)
        receiver.wait(1)
        running.stop()
        assert receiver.answered == 0
        assert book.hooks.lease("another", 30)


def test_who_has_stopped_does_not_take_the_job_again(book: AccessBook, registry: Registry) -> None:
    """A turn may be under way when the server stops."""
    deliverer = Deliverer(registry, book, QUICK)
    assert deliverer._leads()
    deliverer.stop()
    assert not deliverer._leads()
    assert book.hooks.lease("another", 30)


@on_both
def test_the_lease_is_one_servers_until_it_ends_or_is_left(book: AccessBook) -> None:
    assert book.hooks.lease("a", 300)
    assert not book.hooks.lease("b", 30)
    assert book.hooks.lease("a", 0.1)
    deadline = time.monotonic() + 120
    while not book.hooks.lease("b", 30):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not book.hooks.lease("a", 30)
    book.hooks.release("a")
    assert not book.hooks.lease("a", 30)
    book.hooks.release("b")
    assert book.hooks.lease("a", 30)


@on_both
def test_a_secret_is_changed_for_another(book: AccessBook) -> None:
    hooks = book.hooks
    hook = hooks.add("https://8.8.8.8/", SECRET, [HookEvent.CHANGES], Told(), private=False, by="t")
    assert hooks.secrets(hook) == (SECRET,)
    others = [f"the secret of number {number:02}, long enough".encode() for number in range(7)]
    for number, other in enumerate(others):
        hooks.rotate(hook.id, other, 3_600)
        expected = [other, *reversed(others[:number]), SECRET][:5]
        assert hooks.secrets(hook) == tuple(expected)
    hooks.rotate(hook.id, others[3], 3_600)  # one that was there before is signed with once
    assert len(set(hooks.secrets(hook))) == len(hooks.secrets(hook))
    hooks.rotate(hook.id, SECRET, 0)
    assert hooks.secrets(hook) == (SECRET,)
    hooks.rotate(hook.id, others[0], 1e-9)  # over at once
    assert hooks.secrets(hook) == (others[0],)
    hooks.remove(hook.id)
    assert hooks.secrets(hook) == ()


@on_both
def test_what_was_kept_by_the_format_before_is_brought_up_to_date(location: str, book: AccessBook) -> None:
    hook = book.hooks.add("https://8.8.8.8/", SECRET, [HookEvent.CHANGES], Told(), private=False, by="t")
    with writing(book.hooks._engine) as connection:
        connection.execute(sa.text("ALTER TABLE access_hook DROP COLUMN older"))
        connection.execute(sa.text("ALTER TABLE access_token DROP COLUMN grants"))
        connection.execute(sa.text("UPDATE access_meta SET value = '1' WHERE key = 'format'"))
    with closing(AccessBook.open(location)) as again:
        assert again.hooks.all() == [hook]
        assert again.hooks.secrets(hook) == (SECRET,)
        again.hooks.rotate(hook.id, b"another secret, long enough also.", 60)
        assert len(again.hooks.secrets(hook)) == 2
