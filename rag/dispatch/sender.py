"""Sending through Celery: ids of assets, by the task's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from rag.dispatch.app import ADVANCE, BULK, INDEX, INTERACTIVE, QUEUES
from rag.errors import Unavailable
from rag.model import AssetRef
from rag.settings import without_credentials


class CeleryQueue:
    """A JobQueue over a Celery app. Safe to use from several threads."""

    def __init__(self, app: Celery) -> None:
        self.app = app

    def send(self, refs: Sequence[AssetRef], *, urgent: bool = False, alone: bool = False) -> None:
        ids, options = [str(ref) for ref in refs], {"alone": True} if alone else {}
        with translating(self.app):
            self.app.send_task(INDEX, args=[ids], kwargs=options, queue=INTERACTIVE if urgent else BULK)

    def advance(self, number: int) -> None:
        with translating(self.app):
            self.app.send_task(ADVANCE, args=[number], queue=BULK)

    def waiting(self) -> int:
        with translating(self.app), self.app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            channel = connection.default_channel
            return sum(channel.queue_declare(queue=name).message_count for name in QUEUES)

    def ping(self) -> None:
        self.waiting()

    def close(self) -> None:
        self.app.pool.force_close_all()
        self.app.close()


@contextmanager
def translating(app: Celery) -> Iterator[None]:
    """Celery's, kombu's and Redis's errors as ours. Their texts name the host and port, never the password."""
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unavailable(
            f"the broker at {without_credentials(app.conf.broker_url)} did not answer: {reason}"
        ) from error
