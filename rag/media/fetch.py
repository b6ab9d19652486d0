"""Fetch a file from an address that somebody else wrote down, without being led astray.

What is guarded against, and where: odd URLs and forbidden networks in `fetch_targets`, rebinding of names and slow
servers in `fetch_network`; here redirects, sizes and compressed bombs. Nothing of ours goes along: no cookies, no
credentials, no referrer, and no proxy from the environment.
"""

from __future__ import annotations

import time
import weakref
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpcore
import httpx

from rag.errors import Unavailable, UnsupportedMedia
from rag.media.fetch_limits import FetchLimits
from rag.media.fetch_network import CheckedBackend, Resolver, system_resolver
from rag.media.fetch_targets import checked_url

REDIRECTS = {301, 302, 303, 307, 308}
LATER = {408, 425, 429}
"""Answers that ask to come back, beside those of 500 and above."""
WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
HEADERS = (
    (b"Accept", b"image/*, video/*, application/pdf;q=0.9, */*;q=0.1"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"PictureDesk (fetches pictures for an image library)"),
)


class SafeFetch:
    """Fetches URLs within limits. Safe to call from several threads; connections are kept for the next URL.

    Args:
        resolver: looks up host names; what it finds is checked and connected to, and asked for once a connection.
    """

    def __init__(self, limits: FetchLimits, *, resolver: Resolver = system_resolver) -> None:
        self._limits = limits
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            network_backend=CheckedBackend(resolver, limits.allow),
        )
        weakref.finalize(self, self._pool.close)

    def fetch(self, url: str) -> bytes:
        """The bytes that an address answers with. What they are is not looked at.

        Raises:
            UnsupportedMedia: trying again would not help: the address or one it redirects to is refused, the answer
                is too large, or the server says that there is no such file or that it is not for us.
            Unavailable: the server or the name server did not answer in time, broke off, or asks to come back later.
        """
        deadline = time.monotonic() + self._limits.seconds
        target = checked_url(url, self._limits.ports)
        for _ in range(self._limits.redirects + 1):
            with _translating(self._limits.seconds), self._answer(target, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return self._body(answer)
            target = self._next(target, answer)
        raise UnsupportedMedia(f"it redirects more than {self._limits.redirects} times")

    def close(self) -> None:
        """Close the connections that are kept; a later fetch opens new ones."""
        self._pool.close()

    @contextmanager
    def _answer(self, target: httpx.URL, deadline: float) -> Iterator[httpcore.Response]:
        url = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        waits = {"connect": deadline, "read": deadline, "write": deadline}  # deadlines: see CheckedBackend
        headers = ((b"Host", target.netloc), *HEADERS)
        with self._pool.stream("GET", url, headers=headers, extensions={"timeout": waits}) as answer:
            yield answer

    def _next(self, target: httpx.URL, answer: httpcore.Response) -> httpx.URL:
        location = _header(answer, b"location")
        if not location:
            raise UnsupportedMedia(f"the server answered {answer.status} and names no other address")
        try:
            joined = str(target.join(location)) if "\\" not in location else location
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise UnsupportedMedia("it redirects to something that is no URL") from error
        try:
            return checked_url(joined, self._limits.ports)
        except UnsupportedMedia as error:
            raise UnsupportedMedia(f"it redirects to an address that is refused: {error}") from error

    def _body(self, answer: httpcore.Response) -> bytes:
        _check_status(answer.status)
        declared = _header(answer, b"content-length")
        if declared.isdecimal() and int(declared) > self._limits.max_bytes:
            raise UnsupportedMedia(f"{int(declared):,} bytes are over the limit of {self._limits.max_bytes:,}")
        content = bytearray()
        for chunk in _decoded(answer, self._limits.max_bytes + 1):
            content += chunk
            if len(content) > self._limits.max_bytes:
                raise UnsupportedMedia(f"it has more bytes than the limit of {self._limits.max_bytes:,}")
        return bytes(content)


def fetch(url: str, limits: FetchLimits) -> bytes:
    """One fetch on a connection of its own; see `SafeFetch.fetch`. For many, keep a `SafeFetch`."""
    fetcher = SafeFetch(limits)
    try:
        return fetcher.fetch(url)
    finally:
        fetcher.close()


def _header(answer: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1").strip() for key, value in answer.headers if key.lower() == name), "")


def _check_status(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "an unknown status"
    if status in LATER or status >= 500:
        raise Unavailable(f"the server answered {status} {phrase}; try again later")
    raise UnsupportedMedia(f"the server answered {status} {phrase}")


def _decoded(answer: httpcore.Response, most: int) -> Iterator[bytes]:
    """The body in pieces, decompressed where a server compresses although it was asked not to.

    A piece that could be blown up further than `most` bytes is cut there: the caller has refused it by then.
    """
    chunks: Iterable[bytes] = answer.iter_stream()
    coding = _header(answer, b"content-encoding").lower()
    if coding in ("", "identity"):
        yield from chunks
        return
    if coding not in WBITS:
        raise UnsupportedMedia(f"the server compressed its answer with {coding!r}, although it was asked not to")
    inflate = zlib.decompressobj(WBITS[coding])
    try:
        for chunk in chunks:
            yield inflate.decompress(chunk, most)
    except zlib.error as error:
        raise UnsupportedMedia(f"its {coding} compression is broken") from error
    if not inflate.eof:
        raise Unavailable("the server broke off before the end; try again later")


@contextmanager
def _translating(seconds: float) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise Unavailable(f"the server did not answer in {seconds:g} seconds; try again later") from error
    except httpcore.ConnectError as error:
        raise Unavailable("no connection to the server could be made; try again later") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Unavailable("the server broke off or does not speak HTTP; try again later") from error
