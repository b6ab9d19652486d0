"""How fast a job goes, and how long it still takes: the same for every door that shows one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rag.model import AssetState, Job

WINDOW = 10.0
"""Seconds that the rate is an average of: long enough to be calm, short enough to follow a change."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands at one moment.

    Attributes:
        done: files that have reached their end.
        total: files that are expected; those handed in so far where its source did not tell.
        rate: files a second that reached their end, over the last `WINDOW` seconds.
        seconds_left: None while nothing moves, or nobody knows how many files will come.
    """

    job: Job
    done: int
    total: int
    rate: float
    seconds_left: float | None


class Pace:
    """Looks at a job again and again. One for each time that somebody watches it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def look(self, job: Job, expected: int | None = None) -> Progress:
        """
        Args:
            expected: files that its source said it has.
        """
        done = job.total - job.counts.get(AssetState.ACCEPTED, 0)
        total = job.total if job.complete else max(job.total, expected or 0)
        rate = self._rate(done)
        known = job.complete or expected is not None
        left = (total - done) / rate if known and rate else None
        return Progress(job, done, total, rate, 0.0 if job.done else left)

    def _rate(self, done: int) -> float:
        now = self._clock()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW:
            self._seen.popleft()
        then, before = self._seen[0]
        return max(0.0, (done - before) / (now - then)) if now > then else 0.0
