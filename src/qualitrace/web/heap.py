"""Memory that was freed goes back to the system (floor 5). Only glibc keeps it; elsewhere nothing is done.

Every change voids what is kept for whoever asks next, so a server frees much and asks for as much again.
glibc keeps what was freed, in a heap for each few threads: with many threads and changes that is several
times what is in use, and grows for hours.
"""

from __future__ import annotations

import ctypes
import os
import threading
from functools import cache

from qualitrace.web.beside import keep_beside
from qualitrace.web.parts import Parts

HEAPS = 2
EVERY = 20.0  # seconds; it takes some milliseconds, and other threads go on meanwhile
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def share_heaps() -> bool:
    """Have all threads of this process share few heaps; to be called before it has many threads.

    Tells whether it did. What the environment says of it (``MALLOC_ARENA_MAX``, ``GLIBC_TUNABLES``) stands.
    """
    if "MALLOC_ARENA_MAX" in os.environ or "malloc.arena_max" in os.environ.get("GLIBC_TUNABLES", ""):
        return False
    library = _glibc()
    return library is not None and library.mallopt(_ARENA_MAX, HEAPS) == 1


def give_back() -> bool:
    """Give pages that hold nothing back to the system; tells whether there were any."""
    library = _glibc()
    return library is not None and library.malloc_trim(0) == 1


def keep_trim(parts: Parts, every: float = EVERY) -> None:
    """Have a server give back what it freed, now and then, for as long as it answers."""
    if _glibc() is None:
        return
    stopped = threading.Event()

    def trim() -> None:
        while not stopped.wait(every):
            give_back()

    keep_beside(parts, "giving back memory", trim, stopped)


@cache
def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
        _ = library.gnu_get_libc_version, library.mallopt, library.malloc_trim
    except (OSError, AttributeError, TypeError):  # TypeError: Windows
        return None
    library.mallopt.argtypes = [ctypes.c_int, ctypes.c_int]
    library.malloc_trim.argtypes = [ctypes.c_size_t]
    return library
