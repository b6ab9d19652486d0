"""Group commit: what several threads want written at the same time goes in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from rag.errors import PictureDeskError

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Ticket(Generic[Item, Result]):
    """One thread's item, and what became of it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.result is not None or self.error is not None


class GroupCommit(Generic[Item, Result]):
    """Threads queue with what they want written; the first in line writes for all who wait.

    Nobody waits for others to come: alone, an item is written at once. `submit` returns when its item is
    written, and no later than the others of its batch.

    Args:
        write: writes all of its items or none; returns one result for each, not None.
        most: items in one batch.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]], *, most: int = 64) -> None:
        self._write = write
        self._most = most
        self._waiting: list[_Ticket[Item, Result]] = []
        self._queue = Lock()
        self._turn = Lock()

    def submit(self, item: Item) -> Result:
        """Raises what `write` raised for the batch that the item was in."""
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._queue:
            self._waiting.append(ticket)
        while not ticket.done:
            with self._turn:
                if not ticket.done:
                    self._write_some()
        if isinstance(ticket.error, PictureDeskError):
            raise type(ticket.error)(*ticket.error.args) from ticket.error  # one of its own for each thread
        if ticket.error is not None:
            raise ticket.error
        assert ticket.result is not None
        return ticket.result

    def _write_some(self) -> None:
        with self._queue:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            for ticket, result in zip(batch, self._write([one.item for one in batch]), strict=True):
                ticket.result = result
        except BaseException as error:
            for ticket in batch:
                ticket.error = error
            if not isinstance(error, Exception):
                raise
