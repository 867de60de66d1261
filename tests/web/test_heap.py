"""What was freed goes back to the system. In processes of their own: nothing else is in their heaps."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what was freed")

# Threads that hold memory at the same time, then: how many heaps there are.
_HEAPS = """
import ctypes, re, tempfile, threading
from qualitrace.web.heap import share_heaps
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
shared = {shared} and share_heaps()
together = threading.Barrier(12)
def hold():
    together.wait()
    library.malloc(100)
    together.wait()
threads = [threading.Thread(target=hold) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
library.fdopen.restype = ctypes.c_void_p
with tempfile.TemporaryFile() as file:
    stream = ctypes.c_void_p(library.fdopen(file.fileno(), b"w"))
    library.malloc_info(0, stream)
    library.fflush(stream)
    file.seek(0)
    print(shared, len(re.findall(b"<heap nr", file.read())), flush=True)
    import os; os._exit(0)
"""

# 200 MB in small pieces, of which a few stay: how much of it is still held before and after.
_FREED = """
import ctypes, os
from pathlib import Path
from qualitrace.web.heap import give_back
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
def held(): return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
began = held()
pieces = [library.malloc(4000) for _ in range(50_000)]
for piece in pieces: ctypes.memset(piece, 1, 4000)
for at, piece in enumerate(pieces):
    if at % 100: library.free(ctypes.c_void_p(piece))
before = held() - began
print(give_back(), before, held() - began)
"""


def _ran(program: str, **environ: str) -> list[str]:
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**{k: v for k, v in os.environ.items() if k != "MALLOC_ARENA_MAX"}, **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return found.stdout.split()


def test_all_threads_share_few_heaps() -> None:
    assert _ran(_HEAPS.format(shared=True)) == ["True", "2"]
    alone = _ran(_HEAPS.format(shared=False))
    assert alone[0] == "False"
    assert int(alone[1]) > 2


def test_what_the_environment_says_of_heaps_stands() -> None:
    assert _ran(_HEAPS.format(shared=True), MALLOC_ARENA_MAX="4") == ["False", "4"]


def test_freed_memory_between_what_is_kept_goes_back() -> None:
    done, before, after = _ran(_FREED)
    assert done == "True"
    assert int(before) > 150_000_000
    assert int(after) < 50_000_000
