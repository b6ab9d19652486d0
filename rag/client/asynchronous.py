"""The client that lets others run while it waits: what `Client` does, on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Self, TypeVar

import httpx

from rag.client.call import Call, Request, Stream
from rag.client.endpoints import AsyncSender
from rag.client.events import EventDecoder
from rag.client.failures import Patience, broken_off, read_value
from rag.client.methods import Methods
from rag.client.options import LOCAL, TIMEOUT, Options

T = TypeVar("T")
E = TypeVar("E")
L = TypeVar("L")


class AsyncClient(Methods, AsyncSender):
    """A desk over HTTP. For one event loop; close it, or use it in an `async with`.

    Every method is that of `Client`, awaited; streams are for `async for`.
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
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, trust_env=trust_env)

    async def send(self, call: Call[T]) -> T:
        """Carry a call out, again where that helps, and read its answer."""
        async with aclosing(await self._sent(call.request)) as response:
            return read_value(call.read, await response.aread())

    async def stream(self, stream: Stream[E, L]) -> AsyncGenerator[E]:
        """The values of a stream. Ends after its last one; raises Unavailable when it breaks off before."""
        attempt = 0
        while True:
            trouble: httpx.TransportError | None = None
            try:
                async with aclosing(self._values(stream)) as values:
                    async for value in values:
                        attempt = 0
                        yield value
                        if isinstance(value, stream.last):
                            return
            except httpx.TransportError as error:
                trouble = error
            pause = self._options.patience.pause(attempt) if stream.resumes else None
            if pause is None:
                raise broken_off(self._options.url, trouble)
            await asyncio.sleep(pause)
            attempt += 1

    async def outcome(self, stream: Stream[E, L]) -> L:
        """Its last value."""
        async with aclosing(self.stream(stream)) as values:
            async for value in values:
                if isinstance(value, stream.last):
                    return value
        raise AssertionError("a stream ends with its last value")

    async def close(self) -> None:
        """Close the connections. Calling twice is harmless."""
        await self._http.aclose()

    async def _values(self, stream: Stream[E, L]) -> AsyncGenerator[E]:
        decoder = EventDecoder()
        async with aclosing(await self._sent(stream.request)) as response:
            async for piece in response.aiter_bytes():
                for event in decoder.feed(piece):
                    value = read_value(stream.read, event)
                    if value is not None:
                        yield value

    async def _sent(self, request: Request) -> httpx.Response:
        """The response to a request that was carried out, its body still to be read; a refusal is raised."""
        attempt = 0
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                with request.opened_files() as files:
                    outcome = await self._http.send(self._options.made(request, self._http, files), stream=True)
                if outcome.is_success:
                    return outcome
                async with aclosing(outcome):
                    await outcome.aread()
            except httpx.TransportError as error:
                outcome = error
            await asyncio.sleep(self._options.pause(attempt, request, outcome))
            attempt += 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
