"""A real browser, driven over the Chrome DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.missing import missing

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60


class Page:
    """One tab: what it logs and asks the network for is kept."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.logged: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Go to an address."""
        self._call("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """Evaluate an expression (it may be a promise) in the page."""
        told = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, script: str, fits: Callable[[Any], bool] = bool) -> Any:
        """Evaluate an expression until its value fits."""
        until = time.monotonic() + SECONDS
        while not fits(found := self.run(script)):
            assert time.monotonic() < until, (
                f"{script}: {found!r}; {self.logged}; {self.run('document.body.innerText')}"
            )
            time.sleep(0.05)
        return found

    def click(self, selector: str) -> None:
        """Click what a selector finds, once it is there."""
        chosen = json.dumps(selector)
        self.wait(f"document.querySelector({chosen}) !== null")
        self.run(f"document.querySelector({chosen}).click()")

    def type(self, text: str) -> None:
        """Type a text where the cursor is."""
        self._call("Input.insertText", text=text)

    def press(self, key: str, modifiers: int = 0) -> None:
        """Press a key; modifiers as the protocol counts them (2: Ctrl)."""
        code = ord(key.upper()) if len(key) == 1 else 13
        for kind in ("rawKeyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent", type=kind, key=key, modifiers=modifiers, windowsVirtualKeyCode=code
            )

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._connection.send(json.dumps(message))
        while True:
            told = json.loads(self._connection.recv(timeout=SECONDS))
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "Log.entryAdded":
            self.logged.append(f"{params['entry']['level']}: {params['entry']['text']}")
        elif told.get("method") == "Runtime.exceptionThrown":
            self.logged.append(f"exception: {params['exceptionDetails']}")
        elif told.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif told.get("method") == "Network.webSocketCreated":
            self.requests.append(params["url"])


@contextmanager
def browser() -> Iterator[Page]:
    """Start a browser with an empty profile; a failure in CI where there is none, elsewhere a skip."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        missing("no browser is installed (Debian: chromium)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ]
        options += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        options += [f"--user-data-dir={folder}", "--remote-debugging-port=0", "--lang=zh-CN"]
        with (Path(folder) / "log").open("wb+") as log:
            running = subprocess.Popen([program, *options, "about:blank"], stdout=log, stderr=log)
            try:
                with connect(_address(running, Path(folder) / "log"), max_size=None) as connection:
                    yield Page(connection)
            finally:
                running.terminate()
                running.wait()


def _address(running: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and running.poll() is None:
        found = re.search(rb"DevTools listening on (ws://\S+)", log.read_bytes())
        if found:
            return found.group(1).decode()
        time.sleep(0.05)
    raise AssertionError(f"the browser did not start: {log.read_text(errors='replace')[-2000:]}")
