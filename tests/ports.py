"""Ports for servers that are told where to listen, some time before they do."""

from __future__ import annotations

import random
import socket

# Below what systems give to outgoing connections (RFC 6335: from 49152; Linux: from 32768): none of the many
# connections of tests takes such a port before the server listens there, or while it is started again.
FIRST, LAST = 12_000, 32_000


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that no connection gets by itself."""
    chosen = random.SystemRandom()  # a seed of the tests would give two workers the same
    while True:
        port = chosen.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
