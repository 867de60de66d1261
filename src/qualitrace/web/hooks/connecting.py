"""One request to an address that somebody else named, within bounds (floor 5).

The name is looked up here, and the connection made to the very address that was checked: a name that
answers differently the second time gains nothing. Redirects are not followed, proxies not asked, and all of
it together has one deadline, however slowly the other side drips.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from qualitrace.errors import QueryError
from qualitrace.text import Text

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


class RefusedAddressError(Exception):
    """The address is not one that may be connected to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: its status, and when it wants to be asked again, in seconds."""

    status: int
    retry_after: float | None = None


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # of a name that cannot be one
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed(address: str, *, private: bool) -> bool:
    """Tell whether a connection may be made to an IP address.

    Only to those of the public internet; with ``private`` also to private networks and this machine, but
    never to link-local addresses, where clouds keep their secrets.
    """
    try:
        found = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_multicast or found.is_unspecified or found.is_link_local:
        return False
    if found.is_global and not found.is_reserved:
        return True
    return private and (found.is_private or found.is_loopback)


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def checked_url(url: str, *, private: bool) -> str:
    """Return an address that may be sent to. Raises QueryError, saying what is wrong.

    What its name means is checked again at each connection.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise _wrong(url, "地址无法识别。", "The address cannot be understood.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or not _is_plain(url):
        raise _wrong(url, "须为 https 地址。", "It must be an https address.")
    if parts.username is not None or parts.fragment:
        raise _wrong(parts.hostname, "地址中不能有密码或片段。", "It may hold no password and no fragment.")
    if parts.scheme == "http" and not private:
        raise _wrong(url, "须为 https 地址。", "It must be an https address.")
    try:
        found = looked_up(parts.hostname, port)
    except OSError:
        return url  # cannot be told now; at a delivery it is
    if not any(allowed(address, private=private) for address in found):
        raise _wrong(
            url,
            "这个地址不在公共网络上;内部网络须加 --allow-private。",
            "It does not lie on the public internet; --allow-private allows private networks.",
        )
    return url


def _is_plain(url: str) -> bool:
    """Tell whether an address has nothing but printable ASCII, without blanks."""
    return all("!" <= character <= "~" for character in url)


def _wrong(where: str, zh: str, en: str) -> QueryError:
    return QueryError(Text(zh=zh, en=en), where=where)


def post(
    url: str,
    headers: dict[str, str],
    body: bytes,
    *,
    private: bool,
    seconds: float,
    lookup: Lookup = looked_up,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Send a body and return the status of the answer.

    Raises RefusedAddressError, and httpcore's errors or OSError when there is no answer within the time.
    """
    backend = _Guarded(time.monotonic() + seconds, lookup, private=private)
    limits = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
    secure = context or ssl.create_default_context()
    with (
        httpcore.ConnectionPool(ssl_context=secure, network_backend=backend) as pool,
        pool.stream(
            "POST", url, headers=[*headers.items()], content=body, extensions={"timeout": limits}
        ) as answer,
    ):
        # What else it says is not read: there is no use for it, and no end to be waited for.
        return Answer(answer.status, _retry_after(answer.headers))


def _retry_after(headers: list[tuple[bytes, bytes]]) -> float | None:
    """Return the seconds of ``Retry-After``; dates are not taken."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) < 9:
            return float(value)
    return None


class _Guarded(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing last beyond the deadline."""

    def __init__(self, deadline: float, lookup: Lookup, *, private: bool) -> None:
        self._deadline, self._lookup, self._private = deadline, lookup, private
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a name that may be and answers. Raises RefusedAddressError."""
        found = self._lookup(host, port)
        fitting = [address for address in found if allowed(address, private=self._private)]
        if not fitting:
            raise RefusedAddressError(host)
        for number, address in enumerate(fitting):
            left = _left(self._deadline) / (len(fitting) - number)
            try:
                stream = self._inner.connect_tcp(address, port, left, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address is fitting[-1]:
                    raise
            else:
                return _Hurried(stream, self._deadline)
        raise AssertionError("the last address was tried")


class _Hurried(httpcore.NetworkStream):
    """A connection whose every wait ends at one deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        return self._inner.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write bytes."""
        self._inner.write(buffer, _left(self._deadline))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted; the certificate is that of the name, not of the address."""
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Hurried(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._inner.get_extra_info(info)


def _left(deadline: float) -> float:
    """Return the seconds left. Raises httpcore.ReadTimeout when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("no answer within the time")
    return left
