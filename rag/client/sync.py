"""The client that waits."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from types import TracebackType
from typing import Self, TypeVar

import httpx

from rag.client.call import Call, Request, Stream
from rag.client.endpoints import Sender
from rag.client.events import EventDecoder
from rag.client.failures import Patience, broken_off, read_value
from rag.client.methods import Methods
from rag.client.options import LOCAL, TIMEOUT, Options

T = TypeVar("T")
E = TypeVar("E")
L = TypeVar("L")


class Client(Methods, Sender):
    """A desk over HTTP. Safe to share between threads; close it, or use it in a `with`.

    Every method raises the errors of `rag.errors` that the desk answers with, and Unavailable when it does
    not answer. What was refused with 503 is sent again after the time that the desk names.
    """

    def __init__(
        self,
        url: str = LOCAL,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        patience: Patience | None = None,
        trust_env: bool = True,
    ) -> None:
        self._options = Options(url, key, patience or Patience())
        headers = self._options.headers
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=trust_env)

    def send(self, call: Call[T]) -> T:
        """Carry a call out, again where that helps, and read its answer."""
        with closing(self._sent(call.request)) as response:
            return read_value(call.read, response.read())

    def stream(self, stream: Stream[E, L]) -> Generator[E]:
        """The values of a stream. Ends after its last one; raises Unavailable when it breaks off before."""
        attempt = 0
        while True:
            trouble: httpx.TransportError | None = None
            try:
                with closing(self._values(stream)) as values:
                    for value in values:
                        attempt = 0
                        yield value
                        if isinstance(value, stream.last):
                            return
            except httpx.TransportError as error:
                trouble = error
            pause = self._options.patience.pause(attempt) if stream.resumes else None
            if pause is None:
                raise broken_off(self._options.url, trouble)
            time.sleep(pause)
            attempt += 1

    def outcome(self, stream: Stream[E, L]) -> L:
        """Its last value."""
        with closing(self.stream(stream)) as values:
            for value in values:
                if isinstance(value, stream.last):
                    return value
        raise AssertionError("a stream ends with its last value")

    def close(self) -> None:
        """Close the connections. Calling twice is harmless."""
        self._http.close()

    def _values(self, stream: Stream[E, L]) -> Generator[E]:
        decoder = EventDecoder()
        with closing(self._sent(stream.request)) as response:
            for piece in response.iter_bytes():
                for event in decoder.feed(piece):
                    value = read_value(stream.read, event)
                    if value is not None:
                        yield value

    def _sent(self, request: Request) -> httpx.Response:
        """The response to a request that was carried out, its body still to be read; a refusal is raised."""
        attempt = 0
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                with request.opened_files() as files:
                    outcome = self._http.send(self._options.made(request, self._http, files), stream=True)
                if outcome.is_success:
                    return outcome
                with closing(outcome):
                    outcome.read()
            except httpx.TransportError as error:
                outcome = error
            time.sleep(self._options.pause(attempt, request, outcome))
            attempt += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
