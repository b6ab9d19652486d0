"""The Celery app's settings are those that the documentation promises, for senders and workers alike."""

from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from rag.dispatch.app import BULK, INTERACTIVE, make_celery, services_of
from rag.settings import Settings
from tests.contract.recorder import Recorder

REDIS = Settings(broker="redis://127.0.0.1:1/0")


@pytest.mark.parametrize("changes", [{}, {"visibility_timeout": 90.0}], ids=["an hour", "as set"])
def test_the_visibility_timeout_is_the_same_in_all_three_places(changes: dict[str, float]) -> None:
    conf = make_celery(Settings(broker="redis://127.0.0.1:1/0", **changes)).conf  # type: ignore[arg-type]
    places = [
        conf.broker_transport_options["visibility_timeout"],
        conf.result_backend_transport_options["visibility_timeout"],
        conf.visibility_timeout,
    ]
    assert places == [changes.get("visibility_timeout", 3600.0)] * 3


def test_a_task_is_acknowledged_at_its_end_and_taken_one_at_a_time() -> None:
    conf = make_celery(REDIS).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.worker_soft_shutdown_timeout == 30
    assert conf.worker_cancel_long_running_tasks_on_connection_loss


def test_only_json_travels_and_no_result_is_kept() -> None:
    conf = make_celery(REDIS).conf
    assert (conf.task_serializer, conf.result_serializer, conf.accept_content) == ("json", "json", ["json"])
    assert conf.task_ignore_result
    assert conf.result_backend is None
    content_type, encoding, body = dumps({"a": 1}, serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(body, content_type, encoding, accept=set(conf.accept_content))


def test_workers_run_on_threads_and_look_into_the_interactive_queue_first() -> None:
    app = make_celery(Settings(broker="redis://127.0.0.1:1/0", worker_threads=3))
    assert (app.conf.worker_pool, app.conf.worker_concurrency) == ("threads", 3)
    assert list(app.amqp.queues) == [INTERACTIVE, BULK]
    assert app.conf.broker_transport_options["queue_order_strategy"] == "priority"


def test_a_worker_waits_for_ever_for_its_broker() -> None:
    conf = make_celery(REDIS).conf
    assert conf.broker_connection_retry_on_startup
    assert conf.broker_connection_max_retries is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rediss://redis:6379/0", {"ssl_cert_reqs": ssl.CERT_REQUIRED}),
        ("rediss://redis:6379/0?ssl_cert_reqs=none", None),
        ("redis://redis:6379/0", None),
    ],
)
def test_tls_checks_the_certificate_unless_the_url_says_otherwise(url: str, expected: object) -> None:
    assert make_celery(Settings(broker=url)).conf.broker_use_ssl == expected


def test_an_app_gives_its_tasks_their_services(tmp_path: Path) -> None:
    services = Recorder(tmp_path).as_services()
    assert services_of(make_celery(REDIS, services)) is services
    with pytest.raises(RuntimeError, match="can send tasks but not run them"):
        services_of(make_celery(REDIS))


def test_importing_the_room_and_making_an_app_opens_no_socket_and_loads_no_torch() -> None:
    program = """
import socket, sys
def refuse(*_, **__): raise AssertionError("a socket was opened")
socket.socket.connect = refuse
from rag.dispatch import embedded, logs, outbox, queue
from rag.settings import Settings
queue.open_queue(Settings(broker="redis://127.0.0.1:1/0"), None)
print([name for name in ("torch", "sqlalchemy", "qdrant_client", "workers", "fastapi") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
