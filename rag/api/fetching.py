"""URLs that are fetched after their request was answered with a job."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from rag import ingest
from rag.audit.ingesting import open_job
from rag.errors import PictureDeskError, Unavailable, UnsupportedMedia
from rag.model import Actor, Job
from rag.sources.entry import Entry
from rag.wiring import WiredServices

log = logging.getLogger(__name__)

JOBS_AT_ONCE = 2
"""Each fetches a few URLs at a time, so that slow servers hold up nobody but themselves."""

MOST_WAITING = 32


class Fetching:
    """Runs `ingest.accept` over URLs on threads of its own, a few jobs at a time."""

    def __init__(self, services: WiredServices) -> None:
        self._services = services
        self._threads = ThreadPoolExecutor(JOBS_AT_ONCE, thread_name_prefix="fetch-job")
        self._places = threading.Semaphore(MOST_WAITING)
        self._closing = threading.Event()

    def start(self, actor: Actor, library: str, entries: Sequence[Entry], *, door: str) -> Job:
        """Open a job that goes on by itself. URLs that the process had no time for end as skipped, and say so.

        Raises:
            NotAllowed, BadQuery: see `ingest.require_editor`.
            Unavailable: too many jobs wait already, or the process is about to end.
        """
        ingest.require_editor(actor, library)
        if self._closing.is_set() or not self._places.acquire(blocking=False):
            raise Unavailable("too many URLs wait to be fetched; send these again later")
        try:
            job_id = open_job(self._services, actor, library, source="url", door=door)
            job = self._services.catalog.job(actor, job_id)
            self._threads.submit(self._run, actor, job, [replace(one, read=self._in_time(one.read)) for one in entries])
        except BaseException:
            self._places.release()
            raise
        return job

    def close(self) -> None:
        """Begin no other fetch; returns when those under way have ended. Calling twice is harmless."""
        self._closing.set()
        self._threads.shutdown()

    def _run(self, actor: Actor, job: Job, entries: Sequence[Entry]) -> None:
        try:
            ingest.accept(self._services, actor, job.library, entries, urgent=True, job_id=job.id)
        except PictureDeskError as error:
            log.warning("the URLs of job %s were not all taken in: %s", job.id, error)
        except Exception:
            log.exception("the URLs of job %s were not all taken in", job.id)
        finally:
            self._places.release()

    def _in_time(self, read: Callable[[], bytes]) -> Callable[[], bytes]:
        def unless_closing() -> bytes:
            if self._closing.is_set():
                raise UnsupportedMedia("the desk stopped before it was fetched; hand it in again")
            return read()

        return unless_closing
