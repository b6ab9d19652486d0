"""Who may index at the same time: many, or one alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A readers–writer lock in which whoever wants to be alone goes before those who come after."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._alone = False
        self._want_alone = 0

    @property
    def wanted_alone(self) -> int:
        """How many wait to be alone."""
        return self._want_alone

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._alone and not self._want_alone)
            self._inside += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._condition:
            self._want_alone += 1
            self._condition.wait_for(lambda: not self._alone and not self._inside)
            self._want_alone -= 1
            self._alone = True
            self._inside += 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._condition:
            self._inside -= 1
            self._alone = False
            self._condition.notify_all()
