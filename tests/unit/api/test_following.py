"""A flow that is followed by a response: nothing is lost, and hanging up ends it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from rag.api.following import AHEAD, Followed
from rag.errors import BadQuery, Unavailable


class Flow:
    """Counts to `end`; remembers whether it was closed."""

    def __init__(self, end: int, *, fails: Exception | None = None, waits: threading.Event | None = None) -> None:
        self._end, self._fails, self._waits = end, fails, waits
        self.closed = threading.Event()
        self.made = 0

    def __call__(self) -> Iterator[int]:
        try:
            for number in range(self._end):
                self.made += 1
                yield number
            if self._waits is not None:
                self._waits.wait(60)
            if self._fails is not None:
                raise self._fails
        finally:
            self.closed.set()


async def followed(flow: Flow, *, closing: threading.Event | None = None, most: int | None = None) -> list[int | None]:
    steps = Followed(flow, closing or threading.Event()).steps(patience=0.2)
    seen: list[int | None] = []
    async for step in steps:
        seen.append(step)
        if most is not None and len(seen) >= most:
            await steps.aclose()  # type: ignore[attr-defined]
            break
    return seen


def test_every_step_comes_in_order_whatever_the_pace() -> None:
    assert asyncio.run(followed(Flow(10 * AHEAD))) == list(range(10 * AHEAD))


def test_an_error_comes_after_what_was_before_it() -> None:
    with pytest.raises(BadQuery, match="no"):
        asyncio.run(followed(Flow(3, fails=BadQuery("no"))))


def test_hanging_up_closes_the_flow_and_it_does_not_run_ahead() -> None:
    flow = Flow(100 * AHEAD)
    assert asyncio.run(followed(flow, most=2)) == [0, 1]
    assert flow.closed.wait(60)
    assert flow.made <= AHEAD + 4


def test_silence_is_told_so_that_a_proxy_hears_something() -> None:
    waits = threading.Event()
    seen = asyncio.run(followed(Flow(1, waits=waits), most=3))
    waits.set()
    assert seen == [0, None, None]


def test_a_server_that_stops_says_so_and_closes_the_flow() -> None:
    closing, flow = threading.Event(), Flow(100 * AHEAD)

    async def stopped() -> None:
        steps = Followed(flow, closing).steps(patience=5)
        assert await anext(steps) == 0
        closing.set()
        async for _ in steps:
            pass

    with pytest.raises(Unavailable, match="about to stop"):
        asyncio.run(stopped())
    assert flow.closed.is_set()
