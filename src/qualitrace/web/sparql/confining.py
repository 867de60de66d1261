"""What a process that runs one query may take: time, memory, nothing else (floor 5).

All limits are the kernel's, so that they hold whatever the query engine is doing.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
from pathlib import Path

_NO_MORE = (
    resource.RLIMIT_CORE,  # a process out of memory leaves no image of the registry on disk
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,  # no file and no socket can be opened: nothing leaves by the network
)


def confine(seconds: float, memory: int) -> None:
    """Bound this process: wall-clock time, ``memory`` bytes beyond what it has now, nothing to open.

    Out of time it is ended by SIGALRM, out of memory by SIGABRT.
    """
    gc.disable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _limit(resource.RLIMIT_CPU, int(seconds) + 2)
    _limit(resource.RLIMIT_AS, _address_space() + memory)
    for kind in _NO_MORE:
        _limit(kind, 0)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # one that this system does not know
        resource.setrlimit(kind, (bound, bound))


def _address_space() -> int:
    """Return the bytes of address space this process has now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # another system than Linux: counted from nothing
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def why_it_ended(status: int) -> str:
    """Say from a wait status why a process gave no answer: ``time``, ``memory`` or ``died``."""
    if os.WIFSIGNALED(status):
        ended = os.WTERMSIG(status)
        if ended in (signal.SIGALRM, signal.SIGXCPU):
            return "time"
        if ended in (signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL, signal.SIGBUS):
            return "memory"
    return "died"
