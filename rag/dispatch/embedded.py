"""The queue of the embedded profile: a real Celery worker on a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import Celery
from celery.bootsteps import RUN
from celery.concurrency.thread import TaskPool
from celery.exceptions import WorkerShutdown
from celery.worker.consumer import Consumer
from kombu import Queue

from rag.dispatch.app import INTERACTIVE
from rag.dispatch.outbox import Reconciler
from rag.dispatch.sender import CeleryQueue
from rag.errors import Unavailable
from rag.model import AssetRef

SAY_AGAIN = 5.0
"""Seconds after which a worker that was told to stop is told again."""


class EmbeddedQueue(CeleryQueue):
    """A JobQueue whose workers run here, from the first `send` or `start` until `close`: one for everything, one
    that keeps free for what is interactive.

    What still waits when it closes is lost here, and sent again from the outbox.
    """

    def __init__(self, app: Celery) -> None:
        super().__init__(app)
        self._workers: list[WorkerThread] = []
        self._reconciler: Reconciler | None = None
        self._closed = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the workers unless they run. Returns at once; they take what was sent once they are ready.

        Raises:
            Unavailable: the queue was closed.
        """
        with self._lock:
            if self._closed:
                raise Unavailable("the queue inside this process was closed")
            if not self._workers:
                workers = [WorkerThread(self.app), WorkerThread(express_lane(self.app))]
                for worker in workers:
                    worker.start()
                self._workers = workers  # only now: `ping` takes a thread that is not alive for one that stopped

    def reconcile(self, reconciler: Reconciler) -> None:
        """Start `reconciler`; it stops when this queue closes."""
        self._reconciler = reconciler
        reconciler.start()

    def send(self, refs: Sequence[AssetRef], *, urgent: bool = False, alone: bool = False) -> None:
        self.start()
        super().send(refs, urgent=urgent, alone=alone)

    def advance(self, number: int) -> None:
        self.start()
        super().advance(number)

    def ping(self) -> None:
        if not all(worker.is_alive() for worker in self._workers):
            raise Unavailable("the worker inside this process has stopped; its log says why")

    def close(self) -> None:
        if self._reconciler is not None:
            self._reconciler.stop()
        with self._lock:
            workers, self._closed = self._workers, True
        for worker in workers:
            worker.stop()
        super().close()


def express_lane(app: Celery) -> Celery:
    """An app on the same broker and services whose worker takes only what is interactive, one task at a time.

    However many films a bulk job keeps the other worker busy with, a small upload finds
    this one free. What it indexes goes first in the pipeline that both share.
    """
    lane = Celery("picturedesk-interactive", set_as_current=False, include=app.conf.include)
    lane.conf.update(app.conf.changes)
    lane.conf.update(task_queues=(Queue(INTERACTIVE),), task_default_queue=INTERACTIVE, worker_concurrency=1)
    lane.services = app.services
    return lane


class WorkerThread(threading.Thread):
    """One Celery worker. Nothing of Celery's process-wide state decides when it stops."""

    def __init__(self, app: Celery) -> None:
        super().__init__(name="picturedesk-worker", daemon=True)
        self._app = app
        self._consumer: Consumer | None = None
        self._ready = threading.Event()

    def run(self) -> None:
        self._app.set_current()
        controller = self._app.WorkController(
            pool=AppThreads,
            use_eventloop=False,  # Celery has one a process, and two workers on it close each other's sockets
            ready_callback=self._on_ready,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        controller.start()

    @property
    def ready(self) -> bool:
        """Whether it takes tasks."""
        return self._ready.is_set()

    def stop(self) -> None:
        """Let the current task end, then end the thread. Calling twice is harmless."""
        while self.is_alive() and not self._ready.wait(timeout=0.05):
            pass
        while self.is_alive():  # told again: a consumer that loses its broker forgets what it was told
            if self._consumer is not None:
                self._consumer.call_soon(_shut_down, self._consumer)
            self.join(timeout=SAY_AGAIN)

    def _on_ready(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._ready.set()


class AppThreads(TaskPool):  # type: ignore[misc]
    """Celery's pool of threads, each of which knows its app: a process may have several."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.executor = ThreadPoolExecutor(
            max_workers=self.limit, thread_name_prefix="picturedesk-task", initializer=self.app.set_current
        )


def _shut_down(consumer: Consumer) -> None:
    """Run by the worker's own loop, as Celery does on SIGTERM; which may have come first, and is then under way."""
    if consumer.controller.blueprint.state == RUN:
        raise WorkerShutdown(0)
