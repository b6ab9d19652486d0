"""A flow that yields steps, followed by a response that may be hung up on.

The flow runs in a thread of its own, a few steps ahead at most. Whoever hangs up ends it:
the thread closes the flow at its next step, so that what it records is recorded.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

from rag.errors import PictureDeskError, Unavailable

log = logging.getLogger(__name__)

Item = TypeVar("Item")

AHEAD = 64
"""Steps that wait to be sent; a reader who is slower slows the flow down."""

LOOK_EVERY = 0.5
"""Seconds after which a full queue looks whether anybody still reads."""


class Followed(Generic[Item]):
    """The steps of one flow, for an async response. Use it once.

    Args:
        begin: makes the iterator; called in the flow's thread.
        closing: set when the server is about to stop.
    """

    def __init__(self, begin: Callable[[], Iterator[Item]], closing: threading.Event) -> None:
        self._begin = begin
        self._closing = closing
        self._gone = threading.Event()
        self._ended = threading.Event()
        self._steps: queue.Queue[Item | BaseException | None] = queue.Queue(AHEAD)
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def steps(self, *, patience: float) -> AsyncIterator[Item | None]:
        """Each step as it comes; None after every `patience` seconds without one, so that a proxy hears something.

        Raises:
            PictureDeskError: as the flow raised it.
        Unavailable: the server is about to stop.
        """
        thread = threading.Thread(target=self._run, name="answering", daemon=True)
        thread.start()
        try:
            while True:
                item = await self._next(patience)
                if item is _NOTHING:
                    yield None
                elif item is None:
                    return
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield item  # type: ignore[misc]
        finally:
            self._gone.set()

    async def _next(self, patience: float) -> object:
        while True:
            self._arrived.clear()
            ended = self._ended.is_set()
            with suppress(queue.Empty):
                return self._steps.get_nowait()
            if ended:  # and its end did not come through: the server is closing
                return Unavailable("the desk is about to stop; ask again when it is back")
            try:
                await asyncio.wait_for(self._arrived.wait(), patience)
            except TimeoutError:
                return _NOTHING

    def _run(self) -> None:
        steps = None
        try:
            steps = self._begin()
            for step in steps:
                if not self._put(step):
                    break
            else:
                self._put(None)
        except PictureDeskError as error:
            self._put(error)
        except Exception as error:
            log.exception("a streamed answer failed")
            self._put(error)
        finally:
            if steps is not None and hasattr(steps, "close"):
                self._close(steps)
            self._ended.set()
            self._wake()

    def _close(self, steps: Iterator[Item]) -> None:
        """Nobody waits for this any more, so what goes wrong in it is logged."""
        try:
            steps.close()  # type: ignore[attr-defined]
        except Exception as error:
            log.error("an answer that was hung up on could not be ended: %s", error)

    def _put(self, item: Item | BaseException | None) -> bool:
        """Whether somebody still reads."""
        while not (self._gone.is_set() or self._closing.is_set()):
            try:
                self._steps.put(item, timeout=LOOK_EVERY)
            except queue.Full:
                continue
            self._wake()
            return True
        return False

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop may be closed by now
            self._loop.call_soon_threadsafe(self._arrived.set)


_NOTHING = object()
