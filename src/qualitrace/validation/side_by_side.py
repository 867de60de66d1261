"""Independent pieces of work at the same time: the store answers queries without Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
MOST_THREADS = 4  # each query also reads rows in Python, so that more would wait for one another


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def side_by_side(pieces: Sequence[Callable[[], T]]) -> Iterator[T]:
    """Do pieces of work in as many threads as there are processors; answer in the order of the pieces.

    What a piece raises is raised here, and the pieces that have not begun are dropped.
    """
    threads = min(processors(), MOST_THREADS, len(pieces) // 4)  # not worth it for a few
    if threads < 2:
        yield from (piece() for piece in pieces)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="validate") as pool:
        running = [pool.submit(piece) for piece in pieces]
        try:
            yield from (piece.result() for piece in running)
        finally:
            for piece in running:
                piece.cancel()
