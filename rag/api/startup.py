"""The life of the application: what opens before it answers, what loads beside it, what closes behind it."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from rag.api.problems import UNKNOWN
from rag.errors import PictureDeskError, Retryable
from rag.wiring import WiredServices

log = logging.getLogger(__name__)

TRY_AGAIN_AFTER = 5.0
"""Seconds until a part that did not answer at the start is tried again."""


class WarmUp:
    """Opens encoder, collection and queue in a thread, so that `/healthz` answers while they load.

    Attributes:
        trouble: why it has not worked so far, in one line; empty when nothing is wrong.
        failure: why it never will; None when nothing is known against it.
        on_end: called once, when all is open or nothing is left to wait for.
    """

    def __init__(self, services: WiredServices) -> None:
        self.trouble = ""
        self.failure: Exception | None = None
        self.on_end: Callable[[], None] = lambda: None
        self._services = services
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended; a model that is half loaded is loaded first."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._ended():
                self.on_end()
                return
            self._stop.wait(TRY_AGAIN_AFTER)

    def _ended(self) -> bool:
        """False when it is worth trying again."""
        try:
            self._services.warm_up()
            _ = self._services.queue
        except Retryable as error:
            if self.trouble != str(error):
                log.warning("not ready yet, trying on: %s", error)
            self.trouble = str(error)
            return False
        except Exception as error:
            self.failure = error
            self.trouble = str(error) if isinstance(error, PictureDeskError) else UNKNOWN
        else:
            self.trouble = ""
        return True


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database (a page without it says nothing), load the rest beside, and close all at the end."""
    services: WiredServices = app.state.services
    warm_up: WarmUp = app.state.warm_up
    await run_in_threadpool(open_database, services)
    warm_up.start()
    try:
        yield
    finally:
        await run_in_threadpool(warm_up.stop)
        await run_in_threadpool(services.close)


def open_database(services: WiredServices) -> None:
    """Open what is quick to open. Calling twice is harmless."""
    _ = services.catalog, services.ledger, services.blobs
