"""A listening socket that lets nobody in any more still has those who came."""

from __future__ import annotations

import socket
import sys

import pytest

from qualitrace.web.door import is_waited_at, shut

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters what a socket takes")


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_who_came_is_let_in_and_nobody_after(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as listening:
        try:
            listening.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        listening.listen(8)
        assert not is_waited_at(listening)
        came = socket.create_connection(listening.getsockname()[:2])
        shut(listening)
        shut(listening)  # several processes may
        with pytest.raises(TimeoutError):
            socket.create_connection(listening.getsockname()[:2], timeout=0.2)
        assert is_waited_at(listening)
        taken, _ = listening.accept()
        assert not is_waited_at(listening)
        came.sendall(b"asked")
        assert taken.recv(5) == b"asked"
        taken.sendall(b"answered")
        assert came.recv(8) == b"answered"
        came.close()
        taken.close()
