"""A thread that follows the catalog: it takes a switch that another process made, and sends waiting work to workers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from rag.errors import Retryable
from rag.migration.openings import LOOK_EVERY
from rag.migration.work import send_what_waits
from rag.ports import Services

log = logging.getLogger(__name__)


class Watch:
    """Looks once a second, until it is stopped. Failures are logged, and tried again.

    Args:
        look: takes what became live.
    """

    def __init__(self, services: Services, look: Callable[[], None]) -> None:
        self._services, self._look = services, look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generations", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended. Calling twice is harmless."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self._look()
                send_what_waits(self._services)
            except Retryable as error:
                log.warning("a coming encoder waits: %s", error)
            except Exception:
                log.exception("coming encoders could not be looked after; it is tried again")
