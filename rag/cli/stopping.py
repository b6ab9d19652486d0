"""Ctrl-C and SIGTERM while files are taken in: the first stops gently, the second at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Event):
    """Set by the first signal. Asked with `is_set`, never waited for: its lock must be free when a signal comes.

    Attributes:
        by: number of that signal; 0 while none came.
    """

    by = 0

    @property
    def exit_code(self) -> int:
        """As shells have it: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + self.by


@contextmanager
def stopping() -> Iterator[Stopped]:
    """Inside, signals set the flag. Nothing is lost by the second one either: what is accepted survives SIGKILL."""
    stop = Stopped()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.by = number
        stop.set()

    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
