"""The end of a listening socket: nobody new, and nobody lost who has come (floor 5)."""

from __future__ import annotations

import contextlib
import ctypes
import select
import socket
import struct
import sys
from ctypes import c_ushort, c_void_p

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of Linux, which Python does not name
# A classic BPF program (socket(7), Linux's filter.rst): load the flags of TCP (byte 13), keep SYN and ACK,
# drop what is SYN alone, take all else. Without it the kernel completes connections that nobody will accept.
_DROP_SYN = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)


class _Program(ctypes.Structure):
    """``struct sock_fprog``: how many instructions, and where they are."""

    _fields_ = (("length", c_ushort), ("instructions", c_void_p))


def shut(listening: socket.socket) -> None:
    """Have the kernel begin no more connections, for every process that has the socket.

    Those who were let in stay in the queue and can be accepted. Who comes now tries again in a second, and
    is refused once the socket is closed. Where the kernel has no filters, the queue is made as short as can
    be instead.
    """
    if sys.platform == "linux":
        code = b"".join(struct.pack("HBBI", *one) for one in _DROP_SYN)
        kept = ctypes.create_string_buffer(code)
        with contextlib.suppress(OSError):
            program = _Program(len(_DROP_SYN), ctypes.addressof(kept))
            listening.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, bytes(program))
            return
    listening.listen(0)


def is_waited_at(listening: socket.socket) -> bool:
    """Tell whether somebody waits to be accepted."""
    looking = select.poll()
    looking.register(listening, select.POLLIN)
    return bool(looking.poll(0))
