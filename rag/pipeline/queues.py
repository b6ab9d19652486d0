"""Queues between stages: urgent things first, otherwise in the order they came."""

from __future__ import annotations

import itertools
import queue
import time
from typing import Generic, TypeVar

T = TypeVar("T")

URGENT, BULK, END = range(3)


class StageQueue(Generic[T]):
    """A bounded queue that many threads fill and empty. Its end comes after everything that was put before."""

    def __init__(self, room: int = 0) -> None:
        """
        Args:
            room: items it holds before `put` waits; 0 means any number.
        """
        self._items: queue.PriorityQueue[tuple[int, int, T | None]] = queue.PriorityQueue(room)
        self._numbers = itertools.count()

    def put(self, item: T, *, urgent: bool = False) -> None:
        self._items.put((URGENT if urgent else BULK, next(self._numbers), item))

    def end(self) -> None:
        """Tell everybody who takes from it that nothing will follow."""
        self._items.put((END, next(self._numbers), None))

    def take(self) -> T | None:
        """The next item; None when the queue has come to its end."""
        _, _, item = self._items.get()
        if item is None:
            self.end()
        return item

    def take_some(self, most: int, *, wait: float = 0.0) -> list[T]:
        """At least one item and at most `most`; none when the queue has come to its end.

        Args:
            wait: seconds in all for which a bulk item waits for others to come with it. An urgent one never does.
        """
        taken: list[T] = []
        rank, _, item = self._items.get()
        deadline = time.monotonic() + wait
        while item is not None:
            taken.append(item)
            left = 0.0 if rank == URGENT else max(0.0, deadline - time.monotonic())
            if len(taken) == most:
                return taken
            try:
                rank, _, item = self._items.get(block=left > 0, timeout=left or None)
            except queue.Empty:
                return taken
        self.end()
        return taken
