"""Connections of the safe fetch: the address that was checked is the address that is connected to.

The check stands where the connection is made, so nothing can lie between the two: a name is resolved once, every
address it has is checked, and the socket is given the address, not the name. TLS still verifies the name.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence

import httpcore
from httpcore import SOCKET_OPTION

from rag.errors import PictureDeskError, Unavailable, UnsupportedMedia
from rag.media.fetch_limits import Network
from rag.media.fetch_targets import Address, address_of, check_address

Resolver = Callable[[str, int], Sequence[str]]
"""Host name and port -> its addresses, as text. Raises UnsupportedMedia (no such host) or Unavailable."""


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the operating system finds for a host name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Unavailable("the name server did not answer; try again later") from error
        raise UnsupportedMedia("there is no host of that name") from error
    except (OSError, UnicodeError) as error:
        raise UnsupportedMedia("its host name cannot be looked up") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only. Every timeout it is given is a deadline on `time.monotonic`.

    httpcore hands a timeout to each single read; a server that sends a byte now and then would never run into
    one. A deadline bounds all of a fetch, whatever the server does.
    """

    def __init__(self, resolver: Resolver, allow: Collection[Network]) -> None:
        self._resolver = resolver
        self._allow = allow
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises UnsupportedMedia for a host that has any forbidden address, before anything is sent."""
        addresses = self._addresses(host, port, timeout)
        for address in addresses:
            check_address(address, self._allow)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            wait = _seconds_until(timeout, httpcore.ConnectTimeout)
            share = None if wait is None else wait / left
            try:
                return _DeadlineStream(self._sockets.connect_tcp(str(address), port, share, None, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise UnsupportedMedia("its host has no address")

    def _addresses(self, host: str, port: int, deadline: float | None) -> list[Address]:
        literal = address_of(host)
        if literal is not None:
            return [literal]
        wait = _seconds_until(deadline, httpcore.ConnectTimeout)
        found = [address_of(text) for text in _in_time(lambda: self._resolver(host, port), wait)]
        return [address for address in found if address is not None]


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose timeouts are deadlines."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _seconds_until(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _seconds_until(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Raises UnsupportedMedia for a certificate that is not trusted or is another host's."""
        wait = _seconds_until(timeout, httpcore.ConnectTimeout)
        try:
            return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, wait))
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise UnsupportedMedia(f"its certificate is not trusted: {error.__cause__.verify_message}") from error
            raise

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _seconds_until(deadline: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("the time is up")
    return left


def _in_time(look_up: Callable[[], Sequence[str]], wait: float | None) -> Sequence[str]:
    """Run a look-up on a thread of its own: the system's resolver cannot be given a time limit."""
    answers: queue.SimpleQueue[Sequence[str] | PictureDeskError] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(look_up())
        except PictureDeskError as error:
            answers.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=wait)
    except queue.Empty as error:
        raise httpcore.ConnectTimeout("the name server did not answer in time") from error
    if isinstance(answer, PictureDeskError):
        raise answer
    return answer
