"""Several processes that answer for one registry, and the one that watches over them (floor 5)."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing as mp
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType
from typing import Any

from qualitrace.errors import QualitraceError
from qualitrace.text import Text
from qualitrace.web.log_lines import configure, event
from qualitrace.web.opening import Work, opened
from qualitrace.web.running import CUT_OFF, STOPPED, notify, run

logger = logging.getLogger("qualitrace.server")
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their counts
FAILED = 1
MOST_DEATHS, WITHIN = 5, 60.0  # deaths in so many seconds after which there is no sense in going on
_PATIENCE = 10.0  # seconds beyond those a worker may take to stop
_PAUSE = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds before a worker is replaced, by how many died lately


def worker(work: Work, listening: socket.socket, told: Connection) -> None:
    """Answer in a process of its own. Ends when its supervisor says so, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's: the supervisor gets it too
    configure(work.settings.log)
    together = threading.Event()
    threading.Thread(target=_follow, args=(told, together), daemon=True).start()
    try:
        with opened(work) as app:
            code = run(app, work.settings.server, listening, lambda: told.send("ready"), together=together)
    except QualitraceError as error:
        event(logger, logging.ERROR, "worker cannot begin", error)
        with contextlib.suppress(OSError):
            told.send((error.code, dict(error.what), error.where, dict(error.hint)))
        code = FAILED
    logging.shutdown()
    os._exit(code)  # threads that answer requests that were cut off would keep it


def _follow(told: Connection, together: threading.Event) -> None:
    """Stop when the supervisor says that all do, or is gone: its end of the pipe closes with it."""
    with contextlib.suppress(EOFError, OSError):
        told.recv()
    together.set()
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class _Worker:
    """A worker as its supervisor sees it."""

    process: Any
    pipe: Connection
    ready: bool = False
    problem: QualitraceError | None = None


@dataclass
class Supervisor:
    """Keeps ``work.settings.server.workers`` processes answering. :meth:`run` is its whole life."""

    work: Work
    listening: socket.socket
    ready: Callable[[], object]
    problem: QualitraceError | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._context = mp.get_context("spawn")
        self._workers: list[_Worker] = []
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        self._due: list[float] = []  # when replacements begin
        self._signals: list[int] = []
        self._failed = False
        self._announced = False

    def run(self) -> int:
        """Start, watch, replace, stop. Returns 0 when all ended in good order; ``problem`` says why not."""
        folder = tempfile.mkdtemp(prefix="qualitrace-metrics-")
        os.environ[FOLDER] = folder
        try:
            with self._signalled() as woken:
                self._due = [0.0]  # the first alone: it leaves the checkpoint that the others go on from
                while not self._signals and not self._failed:
                    self._begin_due()
                    self._look(woken)
                return self._stop(woken)
        finally:
            del os.environ[FOLDER]
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _signalled(self) -> Iterator[socket.socket]:
        """Collect signals, and wake whoever waits."""
        waking, woken = socket.socketpair()
        waking.setblocking(False)
        woken.setblocking(False)

        def note(number: int, frame: FrameType | None) -> None:
            self._signals.append(number)

        before = {one: signal.signal(one, note) for one in (signal.SIGTERM, signal.SIGINT)}
        wakeup = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        try:
            yield woken
        finally:
            signal.set_wakeup_fd(wakeup)
            for one, handler in before.items():
                signal.signal(one, handler)
            waking.close()
            woken.close()

    def _begin_due(self) -> None:
        now = time.monotonic()
        for at in [one for one in self._due if one <= now]:
            self._due.remove(at)
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=worker, args=(self.work, self.listening, theirs))
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def _look(self, woken: socket.socket) -> None:
        """Wait for something to happen, and deal with it."""
        soonest = min(self._due, default=time.monotonic() + 60) - time.monotonic()
        pipes = {one.pipe: one for one in self._workers}
        ends = {one.process.sentinel: one for one in self._workers}
        for happened in wait([woken, *pipes, *ends], max(0.0, soonest)):
            if happened is woken:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
            elif happened in pipes:
                self._hear(pipes[happened])
            else:
                self._lose(ends[happened])

    def _hear(self, one: _Worker) -> None:
        try:
            said = one.pipe.recv()
        except (EOFError, OSError):
            return  # its sentinel tells the rest
        if said != "ready":
            one.problem = _error(*said)
            return
        one.ready = True
        event(logger, logging.INFO, "worker ready", worker=one.process.pid)
        if not self._announced:
            self._announced = True
            self._due += [0.0] * (self.work.settings.server.workers - 1)
            self.ready()

    def _lose(self, one: _Worker) -> None:
        """A worker ended that nobody told to."""
        if one.pipe.poll():
            self._hear(one)
        self._remove(one)
        code = one.process.exitcode
        event(logger, logging.ERROR, "worker died", worker=one.process.pid, code=code, ready=one.ready)
        now = time.monotonic()
        self._deaths.append(now)
        lately = sum(1 for at in self._deaths if now - at < WITHIN)
        if (one.problem is not None and not self._announced) or lately >= MOST_DEATHS:
            event(logger, logging.CRITICAL, "workers keep dying", deaths=lately)
            self._failed, self.problem = True, one.problem
        else:
            self._due.append(now + _PAUSE[min(lately, len(_PAUSE)) - 1])

    def _remove(self, one: _Worker) -> None:
        one.process.join()
        one.pipe.close()
        self._workers.remove(one)
        for path in Path(os.environ[FOLDER]).glob(f"gauge_live*_{one.process.pid}.db"):
            path.unlink(missing_ok=True)  # what it was doing, it does no longer

    def _stop(self, woken: socket.socket) -> int:
        """Have every worker stop; a second signal kills them."""
        server = self.work.settings.server
        event(logger, logging.INFO, "stopping", workers=len(self._workers))
        notify("STOPPING=1")
        for one in self._workers:
            with contextlib.suppress(OSError):
                one.pipe.send("stop")
            _tell(one, signal.SIGTERM)
        asked, begun = len(self._signals), time.monotonic()
        drained, until = begun + server.drain, begun + server.drain + server.stop_within + _PATIENCE
        codes = []
        while self._workers:
            now = time.monotonic()
            if now >= drained:
                self.listening.close()
                drained = float("inf")
            if len(self._signals) > asked or now >= until:
                for one in self._workers:
                    _tell(one, signal.SIGKILL)
                until = float("inf")
            ends = {one.process.sentinel: one for one in self._workers}
            for happened in wait([woken, *ends], max(0.0, min(drained, until, now + 1) - now)):
                if happened is woken:
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(4096)
                else:
                    one = ends[happened]
                    self._remove(one)
                    codes.append(one.process.exitcode if one.ready else 0)
        if len(self._signals) > asked:
            return 128 + self._signals[-1]
        event(logger, logging.INFO, "stopped")
        return FAILED if self._failed else CUT_OFF if any(codes) else STOPPED


def _error(code: str, what: dict[str, str], where: str, hint: dict[str, str]) -> QualitraceError:
    error = QualitraceError(Text(what), where=where, hint=Text(hint))
    error.code = code
    return error


def _tell(one: _Worker, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(one.process.pid, number)


def serve(work: Work, listening: socket.socket, ready: Callable[[], object]) -> int:
    """Answer with as many processes as the settings say. Returns the exit code.

    ``ready`` is called once, when the first request can come. Raises QualitraceError when it cannot begin.
    """

    def begun() -> None:
        notify("READY=1")
        ready()

    if work.settings.server.workers > 1:
        supervisor = Supervisor(work, listening, begun)
        code = supervisor.run()
        if supervisor.problem is not None:
            raise supervisor.problem
    else:
        with opened(work) as app:
            app.state.stopping.listen(lambda: notify("STOPPING=1"))
            code = run(app, work.settings.server, listening, begun)
    return code
