"""How long a step of a decoder may take, so that a hang is seen at once and a busy machine harms no good file.

A decoder's time by the clock is time on a CPU, time waiting for one, and time asleep. Linux says how much of
each (`/proc/PID/schedstat`). The first is bounded in the process itself, by a signal. The second is the fault of
the machine. Decoders read from memory and never sleep, so the third is a hang.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

BY_THE_CLOCK = 12
"""Times the limit after which a step ends in any case: twelve decoders may share one CPU."""
UNTOLD = 4
"""Times the limit, where the system does not say how a process spends its time."""
GRACE = 0.05
"""Seconds more than needed: the kernel's figures are a tick behind."""


@dataclass
class Patience:
    """With one step of one process, from now on."""

    pid: int
    seconds: float

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._awake = _awake(self.pid)

    @property
    def spent(self) -> float:
        """Seconds by the clock."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds that can be waited before it may be over; 0 when it is."""
        spent = self.spent
        awake = _awake(self.pid) if spent >= self.seconds else None
        if self._awake is None or (spent >= self.seconds and awake is None):
            return max(0.0, UNTOLD * self.seconds - spent)
        asleep = spent - ((awake or self._awake) - self._awake)
        at_most = BY_THE_CLOCK * self.seconds - spent
        return max(0.0, min(self.seconds + GRACE - asleep, at_most))


def _awake(pid: int) -> float | None:
    """Seconds that a process has run or waited for a CPU so far; None where the system does not say."""
    with suppress(OSError, ValueError), open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        running, waiting, _ = file.read().split()
        return (int(running) + int(waiting)) / 1e9
    return None
