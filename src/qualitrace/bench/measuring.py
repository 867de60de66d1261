"""Measure work in a process of its own: wall time, CPU time and peak memory (floor 5)."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from qualitrace.errors import UnavailableError
from qualitrace.text import Text

_FILE_WIDTH = 160  # characters, where no terminal sets a width
_RUN = "from qualitrace.bench.measuring import child; child()"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a piece of work took: wall and CPU seconds, peak resident bytes, and what it answered."""

    seconds: float
    cpu: float
    peak: int
    answer: Any


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Run once; return wall seconds and what it gave."""
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


class TookTooLongError(UnavailableError):
    """Work in a child process was stopped at its limit; ``peak`` is its largest size so far, in bytes."""

    def __init__(self, function: str, timeout: float, peak: int | None) -> None:
        super().__init__(
            Text(zh="测量超时,已中止。", en="The measurement was stopped at its limit."),
            where=f"{function}: > {timeout:g} s",
        )
        self.peak = peak


def in_child(function: str, *arguments: Any, timeout: float | None = None) -> Measured:
    """Run ``module:function`` with JSON arguments in a new process; it returns something JSON can hold.

    The time is that of the function, without the start of Python; the peak is the whole process's
    (``VmHWM``, so what the parent held does not count). Raises UnavailableError when it fails, with the
    last line of what it wrote to stderr, and TookTooLongError when it takes more than ``timeout`` seconds.
    """
    request = orjson.dumps([function, list(arguments)])
    with subprocess.Popen(
        [sys.executable, "-c", _RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            stdout, stderr = process.communicate(request, timeout)
        except subprocess.TimeoutExpired as error:
            peak = _largest_size(process.pid)
            process.kill()
            raise TookTooLongError(function, error.timeout, peak) from error
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        last = stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise _failed(function, *(last or [f"exit {process.returncode}"]))
    # The work may print; the answer is the last line.
    seconds, cpu, peak, answer = orjson.loads(stdout.splitlines()[-1])
    return Measured(seconds, cpu, peak, answer)


def _failed(function: str, reason: str) -> UnavailableError:
    return UnavailableError(
        Text(zh="测量没有完成。", en="The measurement did not finish."), where=f"{function}: {reason}"
    )


def child() -> None:
    """Run what the parent asked for on stdin (the other side of :func:`in_child`)."""
    name, arguments = orjson.loads(sys.stdin.buffer.read())
    module, _, function = name.partition(":")
    __import__(module)
    work = getattr(sys.modules[module], function)
    before = time.process_time()
    seconds, answer = timed(lambda: work(*arguments))
    cpu = time.process_time() - before
    sys.stdout.flush()
    line = orjson.dumps([seconds, cpu, peak_memory(), answer])
    sys.stdout.buffer.write(b"\n" + line + b"\n")


def peak_memory() -> int:
    """Return the largest resident size this process has had, in bytes."""
    known = _largest_size("self")
    if known is not None:
        return known
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _largest_size(process: int | str) -> int | None:
    """The largest resident size of a process, in bytes; None where the system does not tell."""
    try:
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux, or the process is gone
    return None


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print a table; every column but the first is aligned to the right."""
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
