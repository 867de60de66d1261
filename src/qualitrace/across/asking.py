"""Asking many registries at once, with what could not be asked (floor 3)."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from qualitrace.across.model import Left, Reason, Standing, State
from qualitrace.across.one import One
from qualitrace.budget import TimeUpError, look
from qualitrace.errors import UnavailableError
from qualitrace.text import Text

Answer = TypeVar("Answer")

AT_ONCE = 8  # registries that are asked at the same time
_ATTEMPTS = 3  # times that one is asked while changes come in between

# Returns a registry as it is seen; None when it cannot be told apart what is.
Find = Callable[[Standing], One | None]
_Why = tuple[Text, Reason]


def each(
    standings: Sequence[Standing], find: Find, ask: Callable[[One], Answer]
) -> tuple[dict[str, Answer], tuple[Left, ...]]:
    """Ask every registry; returns answers by name, and those that were left out.

    A registry is left out that is being written, that another profile wrote, or for which no time was left.
    Raises whatever else a question raises.
    """
    context = contextvars.copy_context
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        work = [pool.submit(context().run, partial(_asked, one, find, ask)) for one in standings]
        found = [future.result() for future in work]
    answers: dict[str, Answer] = {}
    left = []
    for standing, answer in zip(standings, found, strict=True):
        if isinstance(answer, Left):
            left.append(answer)
        else:
            answers[standing.name] = answer
    return answers, tuple(left)


def _asked(standing: Standing, find: Find, ask: Callable[[One], Answer]) -> Answer | Left:
    name = standing.name
    if standing.state is not State.READY:
        return Left(name, *(_writing() if standing.state is State.WRITING else _other()))
    try:
        look(name)
        one = find(standing)
        if one is None:
            return Left(name, *_not_told_apart())
        before = one.engine.settled.look()
        for _ in range(_ATTEMPTS):
            answer = ask(one)
            after = one.engine.settled.look()
            if after == before:
                return answer
            before = after
        return Left(name, *_writing())
    except TimeUpError as error:
        return Left(name, error.what, Reason.TIME)
    except UnavailableError as error:
        return Left(name, error.what, Reason.AWAY)


def _writing() -> _Why:
    said = Text(
        zh="正在写入变更，现在只有一部分。", en="It is being written: only a part of a change is there."
    )
    return said, Reason.WRITING


def _other() -> _Why:
    said = Text(
        zh="由另一份配置或另一版程序写入，请重新发布（sync neo4j）。",
        en="It was written with another profile or version of the program: publish it anew (sync neo4j).",
    )
    return said, Reason.OTHER


def _not_told_apart() -> _Why:
    said = Text(
        zh="还没有写明谁能看什么，请重新发布（sync neo4j）。",
        en="It does not say yet who may see what: publish it anew (sync neo4j).",
    )
    return said, Reason.UNMARKED
