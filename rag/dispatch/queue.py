"""Which queue a broker's URL means."""

from __future__ import annotations

from collections.abc import Callable

from rag.dispatch.app import make_celery
from rag.dispatch.embedded import EmbeddedQueue
from rag.dispatch.outbox import Reconciler
from rag.dispatch.sender import CeleryQueue
from rag.errors import BadSettings
from rag.ports import JobQueue, Services
from rag.settings import Settings


def open_queue(settings: Settings, services: Services, *, tidy: Callable[[], None] = lambda: None) -> JobQueue:
    """The queue at `settings.broker`. Opens no connection; that waits until something is sent.

    With `memory://` the worker runs in this process on `services`, and what an earlier
    process left in the outbox is sent again now.

    Args:
        tidy: what the reconciler of that worker does besides.

    Raises:
        BadSettings: neither memory:// nor redis://.
    """
    scheme = settings.broker.partition("://")[0]
    if scheme == "memory":
        queue = EmbeddedQueue(make_celery(settings, services))
        queue.reconcile(Reconciler(services.catalog, queue, settings, tidy=tidy, forgetful=True))
        return queue
    if scheme in {"redis", "rediss"}:
        return CeleryQueue(make_celery(settings))
    raise BadSettings(
        f"PICTUREDESK_BROKER has the scheme {scheme}://; it takes memory:// or redis:// (rediss:// with TLS)"
    )
