"""Taking files in while somebody watches, and may stop it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

from rag.errors import NotFound
from rag.ingest import accept
from rag.model import Actor, Job
from rag.progress import Pace
from rag.sources.entry import Entry
from rag.terminal.live import View
from rag.wiring import WiredServices

LOOK_EVERY = 0.25
"""Seconds between two looks at a job; longer where looking takes long."""


STOPPING = "Stopping: what was accepted is kept. Once more to stop at once."


def ingest(
    services: WiredServices,
    actor: Actor,
    library: str,
    entries: Iterable[Entry],
    view: View,
    *,
    expected: int | None = None,
    wait: bool = True,
    stop: Event,
    source: str,
    door: str,
) -> Job:
    """Take files in, and show the job from its first file on: indexing goes on beside accepting.

    Args:
        expected: how many files the source said it has.
        wait: until everything is indexed, skipped or quarantined.
        stop: ends it early; what was accepted until then stays. Nobody waits for it here, so that a signal's handler
            may set it.
        source: what kind of source they come from, for the ledger.

    Raises:
        As `rag.ingest.accept`.
    """
    job_id = str(uuid.uuid4())
    _ = services.queue  # what an earlier run left waiting goes on, even where this one brings nothing new
    watched = Watched(services, actor, job_id, view, stop)
    watched.expected = expected
    with ThreadPoolExecutor(1, thread_name_prefix="accept") as one:
        take_in = partial(accept, job_id=job_id, source=source, door=door)
        accepting = one.submit(take_in, services, actor, library, _until(stop, entries))
        try:
            watched.until(accepting.done)
        except BaseException:
            stop.set()
            raise
        accepting.result()
    if wait:
        watched.until(lambda: False)
    return services.catalog.job(actor, job_id)


def follow(services: WiredServices, actor: Actor, job_id: str, view: View, stop: Event) -> Job:
    """Show a job that was handed in before, until every file of it has its end."""
    Watched(services, actor, job_id, view, stop).until(lambda: False)
    return services.catalog.job(actor, job_id)


class Watched:
    """A job that is shown as it goes on.

    Attributes:
        expected: how many files its source said it has.
    """

    def __init__(self, services: WiredServices, actor: Actor, job_id: str, view: View, stop: Event) -> None:
        self._services, self._actor, self._job_id = services, actor, job_id
        self._view, self._stop = view, stop
        self._pace = Pace()
        self.expected: int | None = None

    def until(self, ended: Callable[[], bool]) -> None:
        """Show it until `ended`, until every file of it has its end, or until somebody stops it."""
        while not self._stop.is_set():
            started = time.perf_counter()
            job = self._job()
            if job is not None:
                self._view.show(self._pace.look(job, self.expected))
            if ended() or (job is not None and job.done):
                return
            self._require_room()
            self._pause(max(LOOK_EVERY, 10 * (time.perf_counter() - started)), ended)
        self._view.say(STOPPING)

    def _job(self) -> Job | None:
        """None while its first files are still being read."""
        try:
            return self._services.catalog.job(self._actor, self._job_id)
        except NotFound:
            return None

    def _require_room(self) -> None:
        """Without it nothing goes on here until somebody makes room, which may be long: better to say so and end."""
        if self._services.is_open("collections"):
            self._services.collections.require_room()

    def _pause(self, seconds: float, ended: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._stop.is_set() and not ended():
            time.sleep(0.05)


def _until(stop: Event, entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if stop.is_set():
            return
        yield entry
