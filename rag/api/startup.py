"""The life of the application: what opens before it answers, what loads beside it, what closes behind it."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from rag.api.fetching import Fetching
from rag.api.problems import UNKNOWN
from rag.audit.deeds import record_access
from rag.encoding.canary import canary_vector, check_canary
from rag.errors import LedgerUnavailable, PictureDeskError, Retryable
from rag.model import Json
from rag.settings import ApiKey
from rag.wiring import WiredServices

log = logging.getLogger(__name__)

TRY_AGAIN_AFTER = 5.0
"""Seconds until a part that did not answer at the start is tried again."""


class WarmUp:
    """Opens encoder, collection and queue in a thread, so that `/healthz` answers while they load.

    Before anything is searched or indexed here, the encoder must see the canary as it is recorded.

    Attributes:
        trouble: why it has not worked so far, in one line; empty when nothing is wrong.
        failure: why it never will; None when nothing is known against it.
        sound: whether the encoder was loaded and sees the canary as recorded.
        on_end: called once, when all is open or nothing is left to wait for.
    """

    def __init__(self, services: WiredServices) -> None:
        self.trouble = ""
        self.failure: Exception | None = None
        self.sound = False
        self.on_end: Callable[[], None] = lambda: None
        self._services = services
        self._tried = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended; a model that is half loaded is loaded first."""
        self._stop.set()
        self._thread.join()

    def require_sound(self) -> None:
        """Wait until the encoder was tried. Raises what is known against it for good."""
        self._tried.wait()
        if self.failure is not None:
            raise self.failure if isinstance(self.failure, PictureDeskError) else PictureDeskError(UNKNOWN)

    def _run(self) -> None:
        while not self._stop.is_set():
            ended = self._ended()
            self._tried.set()
            if ended:
                self.on_end()
                return
            self._stop.wait(TRY_AGAIN_AFTER)

    def _ended(self) -> bool:
        """False when it is worth trying again."""
        try:
            self._check_encoder()
            self._services.warm_up()
            _ = self._services.queue
            self._services.watch()
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

    def _check_encoder(self) -> None:
        if self.sound:
            return
        encoder = self._services.encoder
        check_canary(encoder, self._services.catalog.canary(encoder.id, canary_vector(encoder)))
        self.sound = True
        self._tried.set()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database (a page without it says nothing), load the rest beside, and close all at the end."""
    services: WiredServices = app.state.services
    warm_up: WarmUp = app.state.warm_up
    fetching: Fetching = app.state.fetching
    await run_in_threadpool(open_database, services)
    warm_up.start()
    try:
        yield
    finally:
        await run_in_threadpool(warm_up.stop)
        await run_in_threadpool(fetching.close)
        await run_in_threadpool(services.close)


def open_database(services: WiredServices) -> None:
    """Open what is quick to open. Calling twice is harmless."""
    _ = services.catalog, services.ledger, services.blobs
    with suppress(LedgerUnavailable):  # what asks or searches meets it again
        record_access(services.ledger, [_access(key) for key in services.settings.api_keys])


def _access(key: ApiKey) -> Json:
    """Without the key."""
    rights = {"roles": key.roles, "groups": key.groups, "libraries": key.libraries}
    return {"actor": key.actor, **{name: sorted(some) for name, some in rights.items()}}
