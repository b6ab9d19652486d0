"""A job as server-sent events."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent

from rag.api.schemas.jobs import Job, JobItem, Progress
from rag.errors import NotFound, Retryable
from rag.model import Actor, AssetState
from rag.model import JobItem as Item
from rag.ports import Catalog
from rag.progress import Pace

log = logging.getLogger(__name__)

LOOK_EVERY = 0.4
"""Seconds between two looks at the catalog; longer where looking takes long."""

MOST_FILES = 1000
"""Files that are told; a client that wants all of more failures reads them in pages."""

RECONNECT_MS = 2000
FAILED = (AssetState.SKIPPED, AssetState.QUARANTINED)


async def watched(
    catalog: Catalog, actor: Actor, job_id: str, closing: threading.Event
) -> AsyncIterator[ServerSentEvent]:
    """Events until the job is done, is gone, or the server is about to stop."""
    look = Look(catalog, actor, job_id)
    yield ServerSentEvent(comment="the present state comes first", retry=RECONNECT_MS)
    while not closing.is_set():
        started = time.perf_counter()
        try:
            events = await run_in_threadpool(look.events)
        except Retryable as error:
            log.warning("job %s cannot be followed just now: %s", job_id, error)
            events = []
        except NotFound:
            return
        for event in events:
            yield event
        if look.done:
            return
        await asyncio.sleep(max(LOOK_EVERY, 10 * (time.perf_counter() - started)))


class Look:
    """One watcher's view of a job: what it was told already.

    Attributes:
        done: True once everything was told.
    """

    def __init__(self, catalog: Catalog, actor: Actor, job_id: str) -> None:
        self.done = False
        self._catalog, self._actor, self._job_id = catalog, actor, job_id
        self._pace = Pace()
        self._told: Progress | None = None
        self._failed = 0
        self._files: dict[int, AssetState] = {}

    def events(self) -> list[ServerSentEvent]:
        """What is new since the last look."""
        job = self._catalog.job(self._actor, self._job_id)
        now = Progress.of(self._pace.look(job))
        told = []
        if self._told is None or _moved(now, self._told):
            self._told = now
            told.append(ServerSentEvent(event="progress", data=now))
        failed = sum(job.counts.get(state, 0) for state in FAILED)
        if failed != self._failed:
            self._failed = failed
            told += [ServerSentEvent(event="file", data=JobItem.of(item)) for item in self._new_failures()]
        if job.done:
            self.done = True
            told.append(ServerSentEvent(event="done", data=Job.of(job)))
        return told

    def _new_failures(self) -> Sequence[Item]:
        if len(self._files) >= MOST_FILES:
            return []
        found = self._catalog.job_items(self._actor, self._job_id, states=FAILED, limit=MOST_FILES)
        new = [item for item in found if self._files.get(item.number) is not item.state]
        self._files |= {item.number: item.state for item in new}
        return new


def _moved(now: Progress, before: Progress) -> bool:
    return now.counts != before.counts or now.known != before.known
