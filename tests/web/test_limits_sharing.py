"""What callers have left, and whose turn it is, by a clock and a loop of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from qualitrace.access.model import Caller, Principal, Role
from qualitrace.graphql import TooOftenError
from qualitrace.web.buckets import Buckets
from qualitrace.web.limit_settings import LimitSettings
from qualitrace.web.limiting import key_of, limits_of
from qualitrace.web.slots import BusyError, Slots


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_by_what_is_taken_and_fills_with_time() -> None:
    clock = Clock()
    buckets = Buckets(clock=clock)
    assert buckets.take("a", 40, 60) == 20
    with pytest.raises(TooOftenError) as refused:
        buckets.take("a", 30, 60)
    assert refused.value.retry_after == 10
    assert buckets.take("b", 30, 60) == 30, "another's is its own"
    clock.now += refused.value.retry_after
    assert buckets.take("a", 30, 60) == 0
    assert buckets.state("a", 60) == (0, 60)
    assert buckets.give("a", 25, 60) == 25
    clock.now += 1000
    assert buckets.state("a", 60) == (60, 0)


def test_what_is_dearer_than_a_full_bucket_takes_all_of_it() -> None:
    buckets = Buckets(clock=Clock())
    assert buckets.take("a", 1000, 60) == 0
    with pytest.raises(TooOftenError):
        buckets.take("a", 1, 60)


def test_buckets_that_are_not_used_are_forgotten() -> None:
    buckets = Buckets(clock=Clock(), most=10)
    for number in range(1000):
        buckets.take(str(number), 1, 60)
    assert len(buckets._held) == 10


def test_workers_share_what_a_minute_gives() -> None:
    """Each of several processes gives its part, so that together they give no more than one would."""
    settings, workers = LimitSettings(), 4
    shares = [Buckets(clock=Clock()) for _ in range(workers)]
    taken = 0
    for buckets in shares:
        while True:
            try:
                buckets.take("a", 1000, settings.per_minute / workers)
            except TooOftenError:
                break
            taken += 1000
    assert taken == settings.per_minute


def test_a_token_a_person_and_an_address_have_shares_of_their_own() -> None:
    def key(name: str, token: str, address: str) -> str:
        return key_of(Caller(Principal(name, frozenset(), token=token), address=address))

    keys = [key("a", "1", "x"), key("a", "2", "x"), key("a", "", "x"), key("", "", "10.0.0.1")]
    assert len({*keys, key("", "", "10.0.0.2")}) == 5
    assert key("", "", "2001:db8::1") == key("", "", "2001:db8::ffff"), "one house has many addresses"
    assert key("", "", "2001:db8::1") != key("", "", "2001:db8:0:1::1")
    assert key("", "", "::ffff:10.0.0.1") == key("", "", "10.0.0.1")


def test_roles_have_factors() -> None:
    settings = LimitSettings(cost=1000, factor_system=7)
    reader, system = (limits_of(settings, frozenset({role})) for role in (Role.READER, Role.SYSTEM))
    assert (reader.cost, system.cost) == (1000, 7000)
    assert reader.depth == system.depth, "what protects the parser is the same for all"
    assert limits_of(settings, frozenset({Role.READER, Role.SYSTEM})) == system
    assert limits_of(settings, frozenset()) == reader


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_who_has_much_waiting_keeps_nobody_out() -> None:
    async def work() -> None:
        slots = Slots(running=4, each=2, waiting=50, spare=2)
        order: list[str] = []

        async def one(key: str) -> None:
            await slots.enter(key, 10)
            order.append(key)

        greedy = [asyncio.create_task(one("greedy")) for _ in range(50)]
        await asyncio.sleep(0)
        assert order == ["greedy"] * 2
        for other in ("a", "b", "c", "d"):
            await asyncio.wait_for(one(other), 1)  # at once, two of them in the spare
        assert order == ["greedy", "greedy", "a", "b", "c", "d"]
        late = asyncio.create_task(one("e"))
        await asyncio.sleep(0)
        assert not late.done()
        slots.leave("greedy")
        await asyncio.sleep(0.01)
        assert order[-1] == "e", "whoever has nothing running comes before the forty-eight"
        for key in ("a", "b", "c", "d", "e"):
            slots.leave(key)
        await asyncio.sleep(0.01)
        assert order.count("greedy") == 3
        for done in range(3, 51):
            slots.leave("greedy")
            await asyncio.sleep(0)
            assert order.count("greedy") <= done + 1
        await asyncio.gather(*greedy, late)
        assert order.count("greedy") == 50

    run(work)


def test_too_many_waiting_are_sent_away() -> None:
    async def work() -> None:
        slots = Slots(running=1, each=1, waiting=3, spare=0)
        await slots.enter("a", 10)
        waiting = [asyncio.create_task(slots.enter("a", 10)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await slots.enter("a", 10)
        for _ in range(4):
            slots.leave("a")
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        assert slots._total == 0 and not slots._queues

    run(work)


def test_who_waited_too_long_or_left_takes_no_slot() -> None:
    async def work() -> None:
        slots = Slots(running=1, each=1, waiting=10, spare=0)
        await slots.enter("a", 10)
        with pytest.raises(BusyError):
            await slots.enter("b", 0.01)
        gone = asyncio.create_task(slots.enter("c", 10))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert not slots._queues
        slots.leave("a")
        await asyncio.wait_for(slots.enter("d", 10), 1)
        slots.leave("d")
        assert slots._total == 0 and not slots._mine

    run(work)


def test_whoever_is_alone_is_not_kept_to_a_share() -> None:
    async def work() -> None:
        slots = Slots(running=4, each=1, waiting=10, spare=0)
        for _ in range(4):
            await asyncio.wait_for(slots.enter("only", 10, alone=True), 1)
        assert slots._mine["only"] == 4

    run(work)
