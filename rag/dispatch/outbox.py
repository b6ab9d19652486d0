"""What the broker lost is sent again.

Redis may lose messages, a worker may die, and a process may end between commit and
send: whatever is in the outbox for too long is sent anew. Tasks that run twice change
nothing.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable

from rag.batching import in_batches
from rag.errors import Retryable
from rag.ports import Catalog, JobQueue
from rag.settings import Settings

log = logging.getLogger(__name__)

AT_A_TIME = 10_000
"""Assets sent again in one go."""

WITH_BACKLOG = 24 * 3600.0
"""Seconds after which a sent task counts as lost although others still wait before it."""

PAUSE = 30.0
"""Longest pause in seconds between two looks into the outbox."""


def resend(catalog: Catalog, queue: JobQueue, *, batch: int, older_than: float, attempts: int = 3) -> int:
    """Send what waits in the outbox, never sent or sent more than `older_than` seconds ago.

    An asset before its last of `attempts` is sent to be indexed alone: should it take the
    worker down with it, no other asset is given up for that.

    Returns:
        How many assets were sent, at most 10,000 or so; the rest is left for the next time.

    Raises:
        Unavailable: broker or catalog; what was sent so far is marked as sent.
    """
    doubtful = catalog.unsent(limit=AT_A_TIME, older_than=older_than, tried=max(1, attempts - 1))
    alone = set(doubtful)
    others = [ref for ref in catalog.unsent(limit=AT_A_TIME, older_than=older_than) if ref not in alone]
    for refs in itertools.chain(in_batches(others, batch), in_batches(doubtful, 1)):
        queue.send(refs, alone=refs[0] in alone)
        catalog.mark_sent(refs)
    return len(others) + len(doubtful)


class Reconciler:
    """Looks into the outbox every now and then, on a thread of its own. Failures are logged, and tried again.

    While tasks wait in the broker, nothing that was sent counts as lost: it waits as
    well, and sending it again would only lengthen the queue.

    Args:
        tidy: run at each look, for what else a process that died may have left undone.
        forgetful: the broker starts empty, so all that waits in the outbox was lost; it is sent at once.
    """

    def __init__(
        self,
        catalog: Catalog,
        queue: JobQueue,
        settings: Settings,
        *,
        tidy: Callable[[], None] = lambda: None,
        forgetful: bool = False,
    ) -> None:
        self._catalog, self._queue, self._settings = catalog, queue, settings
        self._tidy = tidy
        self._forgetful = forgetful
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended, if it was started. Calling twice is harmless."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = min(PAUSE, self._settings.resend_after / 2)
        while True:
            self._look()
            if self._stop.wait(pause):
                return

    def _look(self) -> None:
        try:
            sent = self._resend(self._patience())
            self._tidy()
        except Retryable as error:
            log.warning("the outbox waits: %s", error)
        except Exception:
            log.exception("the outbox could not be looked into; it is tried again")
        else:
            self._forgetful = False
            if sent:
                log.info("%d assets were sent again from the outbox", sent)

    def _patience(self) -> float:
        if self._forgetful:
            return 0.0
        return WITH_BACKLOG if self._queue.waiting() else self._settings.resend_after

    def _resend(self, older_than: float) -> int:
        settings = self._settings
        return resend(
            self._catalog, self._queue, batch=settings.batch, older_than=older_than, attempts=settings.attempts
        )
