"""Limits of time around an iterator that may block for ever: it runs in a thread, and the reader keeps the clock.

A read timeout of HTTP counts bytes: an endpoint that sends comments to keep the line open, or its headers one
letter at a time, never meets it. This clock counts what the iterator yields.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")

AHEAD = 32
"""Items read before the reader wants them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, measured from the start: until the first item, between two, until the end."""

    first: float
    gap: float
    whole: float


class TooSlow(Exception):
    """`limit` is the field of `Pace` that was passed, `seconds` its value."""

    def __init__(self, limit: str, seconds: float) -> None:
        super().__init__(f"{limit}: {seconds:g} s")
        self.limit = limit
        self.seconds = seconds


class Call:
    """One reading in its thread. `hang_up` may come from any thread, and more than once."""

    def __init__(self) -> None:
        self._hung_up = threading.Event()
        self._line: Callable[[], object] | None = None

    def on_line(self, close: Callable[[], object]) -> None:
        """What to close when the reader goes: without it, the thread ends at the next item or read timeout."""
        self._line = close
        if self.over:
            close()

    @property
    def over(self) -> bool:
        return self._hung_up.is_set()

    def hang_up(self) -> None:
        self._hung_up.set()
        if self._line is not None:
            with suppress(Exception):  # the other thread reads from it, and may be closing it too
                self._line()


CALL: ContextVar[Call | None] = ContextVar("CALL", default=None)
"""The reading that the thread at hand works for."""


def line_opened(response: Any) -> None:
    """Event hook of an HTTP client: the response is closed when its reader goes."""
    if (call := CALL.get()) is not None:
        call.on_line(response.close)


def paced(produce: Callable[[], Iterator[Item]], pace: Pace) -> Iterator[Item]:
    """The items of `produce()`, as they come. Closing this iterator lets go of it at once.

    Raises:
        TooSlow: an item did not come in time.
        Exception: whatever `produce` raises.
    """
    reading: Reading[Item] = Reading(produce)
    started, wait, limit = time.monotonic(), pace.first, "first"
    try:
        while True:
            left = pace.whole - (time.monotonic() - started)
            if left < wait:
                wait, limit = max(left, 0.0), "whole"
            try:
                item = reading.next(wait)
            except queue.Empty:
                raise TooSlow(limit, getattr(pace, limit)) from None
            except StopIteration:
                return
            yield item
            wait, limit = pace.gap, "gap"
    finally:
        reading.call.hang_up()


class Reading(Generic[Item]):
    """An iterator in a thread of its own."""

    def __init__(self, produce: Callable[[], Iterator[Item]]) -> None:
        self.call = Call()
        self._items: queue.Queue[tuple[Item] | Exception] = queue.Queue(AHEAD)
        self._produce = produce
        context = copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="llm", daemon=True).start()

    def next(self, seconds: float) -> Item:
        """Raises queue.Empty after `seconds`, StopIteration at the end, and what the iterator raised."""
        item = self._items.get(timeout=seconds)
        if isinstance(item, Exception):
            raise item
        return item[0]

    def _run(self) -> None:
        CALL.set(self.call)
        try:
            for item in self._produce():
                if not self._put((item,)):
                    return
            self._put(StopIteration())
        except Exception as error:  # goes on in the reader's thread
            self._put(error)

    def _put(self, item: tuple[Item] | Exception) -> bool:
        while not self.call.over:
            with suppress(queue.Full):
                self._items.put(item, timeout=0.2)
                return True
        return False
