"""The life of a worker process: what opens before it takes work, what closes after its last task.

A worker that cannot be trusted takes no task: it says why in one line and exits non-zero.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, celeryd_after_setup, worker_init, worker_shutdown, worker_shutting_down

from rag.dispatch.app import QUEUES
from rag.dispatch.embedded import WorkerThread, express_lane
from rag.dispatch.logs import FORMAT, ContextFilter
from rag.dispatch.outbox import Reconciler
from rag.encoding.canary import canary_vector, check_canary
from rag.errors import PictureDeskError
from rag.wiring import WiredServices

log = logging.getLogger(__name__)

POOL_NAMES = {"celery.concurrency.thread": "threads", "celery.concurrency.solo": "solo"}


class Lifecycle:
    """Opens services before the worker of `app` consumes, and closes them when it has stopped."""

    def __init__(self, app: Celery, services: WiredServices) -> None:
        self._app = app
        self._services = services
        self._reconciler: Reconciler | None = None
        self._express: WorkerThread | None = None

    def connect(self) -> None:
        """Be told by Celery's signals, which every worker of the process sends."""
        worker_init.connect(self.refuse_other_pools, weak=False)
        after_setup_logger.connect(show_context, weak=False)
        celeryd_after_setup.connect(self.open, weak=False)
        worker_shutting_down.connect(self.stop_soon, weak=False)
        worker_shutdown.connect(self.close, weak=False)

    def refuse_other_pools(self, sender: Any, **_: object) -> None:
        if sender.app is self._app:
            require_threads(sender.pool_cls)

    def open(self, instance: Any, **_: object) -> None:
        if instance.app is not self._app:
            return
        try:
            make_ready(self._services)
        except Exception as error:  # Celery would log it, and take work all the same
            log.critical("this worker takes no work: %s", error, exc_info=not isinstance(error, PictureDeskError))
            self._services.close()
            raise SystemExit(1) from error
        self._app.services = self._services
        services = self._services
        self._reconciler = Reconciler(services.catalog, services.queue, services.settings, tidy=services.tidy)
        self._reconciler.start()
        services.watch()
        if set(instance.app.amqp.queues.consume_from) == set(QUEUES):
            self._express = WorkerThread(express_lane(self._app))
            self._express.start()

    def stop_soon(self, **_: object) -> None:
        """A worker that is told to end waits for its tasks; one that fills a collection has hours before it."""
        self._services.stop_soon()

    def close(self, sender: Any, **_: object) -> None:
        if sender.app is not self._app:
            return
        if self._express is not None:
            self._express.stop()
        if self._reconciler is not None:
            self._reconciler.stop()
        self._services.close()


def make_ready(services: WiredServices) -> None:
    """Load the encoder, open the collection, and compare the canary with its record.

    Raises:
        EncoderBroken: it cannot be loaded, or embeds the canary differently than before.
        Unavailable: database or store.
    """
    services.catalog.ping()  # first: loading a model takes long
    services.warm_up()
    encoder = services.encoder
    check_canary(encoder, services.catalog.canary(encoder.id, canary_vector(encoder)))
    log.info("the encoder %s sees the canary as recorded", encoder.id)


def require_threads(pool: type | str) -> None:
    """Exit unless tasks run on threads of this process: CUDA does not survive a fork.

    Args:
        pool: a pool's name, or its class.
    """
    name = pool if isinstance(pool, str) else POOL_NAMES.get(pool.__module__, pool.__module__)
    if name not in POOL_NAMES.values():
        raise SystemExit(f"error: workers run on --pool threads or --pool solo, not {name}: CUDA survives no fork")


def show_context(logger: logging.Logger, **_: object) -> None:
    """Let each line say which task wrote it, and leave out those about single HTTP requests."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for handler in logger.handlers:
        handler.addFilter(ContextFilter())
        handler.setFormatter(logging.Formatter(FORMAT))
