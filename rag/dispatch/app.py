"""The Celery app: every setting in one place, the same for those who send and for those who work.

Making one opens no socket and imports no task. Apps are independent of each other:
none becomes the current or default app of its process.
"""

from __future__ import annotations

import ssl
import uuid
from typing import Any

from celery import Celery
from kombu import Queue

from rag.ports import Services
from rag.settings import Settings

INDEX = "ingest.index"
ADVANCE = "encoder.advance"
TASKS = "workers.tasks"
"""The tasks' names, and the module that workers import for them. `rag` never does."""

INTERACTIVE, BULK = "interactive", "bulk"
QUEUES = (INTERACTIVE, BULK)
"""In the order in which workers look: bulk work starts when nothing interactive waits."""

CONNECT_TIMEOUT, SOCKET_TIMEOUT = 3, 5
"""Seconds until a broker that does not answer counts as unreachable."""


def make_celery(settings: Settings, services: Services | None = None) -> Celery:
    """An app that can send, and that a worker can run on.

    Args:
        services: what tasks of a worker inside this process use; see `services_of`.
    """
    app = Celery("picturedesk", set_as_current=False, include=(TASKS,))
    app.conf.update(**reliability(), **queues(), **worker(settings), **broker(settings))
    app.services = services
    return app


def services_of(app: Celery) -> Services:
    """The services that tasks of this app run on.

    Raises:
        RuntimeError: the app is only for sending, or its worker is still starting.
    """
    if app.services is None:
        raise RuntimeError("this Celery app has no services: it can send tasks but not run them")
    services: Services = app.services
    return services


def reliability() -> dict[str, Any]:
    """A task is acknowledged when it has ended, however it ended: attempts are counted in the catalog.

    Celery itself retries nothing, so no task waits for an ETA longer than the
    visibility timeout; the outbox sends again what did not come to an end.
    """
    return {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
    }


def queues() -> dict[str, Any]:
    return {
        "task_queues": tuple(Queue(name) for name in QUEUES),
        "task_default_queue": BULK,
        "task_create_missing_queues": False,
    }


def worker(settings: Settings) -> dict[str, Any]:
    return {
        "worker_pool": "threads",  # never prefork: CUDA does not survive a fork, and each child would load the model
        "worker_concurrency": settings.worker_threads,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 30.0,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
    }


def broker(settings: Settings) -> dict[str, Any]:
    """How to reach the broker, and how long to wait for it. Workers wait for ever.

    The shortest visibility timeout among all programs on a broker wins, so it is set in
    all three places that Celery reads. The outbox sends again far sooner.
    """
    url, visibility_timeout = settings.broker, settings.visibility_timeout
    if url.startswith("memory:"):
        return memory_broker()
    options = {
        "visibility_timeout": visibility_timeout,
        "queue_order_strategy": "priority",
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": SOCKET_TIMEOUT,
        "socket_keepalive": True,
        "client_name": f"picturedesk-{uuid.uuid4().hex[:8]}",  # its own, or kombu shares connections between apps
    }
    return {
        "broker_url": url,
        "broker_use_ssl": verified_tls(url),
        "broker_transport_options": options,
        "result_backend_transport_options": {"visibility_timeout": visibility_timeout},
        "visibility_timeout": visibility_timeout,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
    }


def memory_broker() -> dict[str, Any]:
    from rag.dispatch.memory import POLLING_INTERVAL, private_transport

    return {
        "broker_url": "memory://localhost/",
        "broker_transport": private_transport(),
        "broker_transport_options": {"polling_interval": POLLING_INTERVAL},
        "worker_enable_remote_control": False,
    }


def verified_tls(url: str) -> dict[str, Any] | None:
    """Without this, kombu accepts any certificate on `rediss://`. The URL may say otherwise."""
    if url.startswith("rediss:") and "ssl_cert_reqs" not in url:
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    return None
