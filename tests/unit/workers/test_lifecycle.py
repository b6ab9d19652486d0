"""A worker process from its start to its end: SQLite, Qdrant Edge, Redis, the demo encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from rag.ingest import accept, entries_of
from rag.model import LOCAL_OWNER, AssetState
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.processes import Child, Processes, eventually
from tests.flows.test_ingest_and_ask import draw_pictures


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> Mapping[str, str]:
    return {"PICTUREDESK_BROKER": redis_url, "PICTUREDESK_DATA": str(tmp_path / "data")}


@pytest.fixture
def sender(redis_url: str, tmp_path: Path) -> Iterator[WiredServices]:
    """Another process's view of the same installation; it leaves the vectors to the worker."""
    with opened(Settings(broker=redis_url, data=tmp_path / "data", attempts=1)) as services:
        yield services


def start(processes: Processes, environment: Mapping[str, str], *arguments: str) -> Child:
    return processes.python("worker", "-m", "workers", *arguments, env=environment)


def reasons(worker: Child) -> list[str]:
    """The lines in which a worker says why it does not start."""
    return [line for line in worker.output().splitlines() if "takes no work" in line or line.startswith("error: ")]


def test_a_worker_indexes_what_is_sent_and_ends_when_told_to(
    processes: Processes, environment: Mapping[str, str], sender: WiredServices, tmp_path: Path
) -> None:
    draw_pictures(tmp_path / "pictures", 2)
    (tmp_path / "pictures" / "broken.jpg").write_bytes((tmp_path / "pictures" / "0.jpg").read_bytes()[:900])
    worker = start(processes, environment)
    worker.wait_for("sees the canary as recorded")
    job = accept(sender, LOCAL_OWNER, "news", entries_of(sender, tmp_path / "pictures"))
    eventually(lambda: sender.catalog.job(LOCAL_OWNER, job.id).done)
    counts = sender.catalog.job(LOCAL_OWNER, job.id).counts
    assert counts == {AssetState.INDEXED: 2, AssetState.QUARANTINED: 1}
    assert worker.stop() == 0
    assert "Warm shutdown" in worker.output()


def test_an_encoder_that_fails_its_canary_takes_no_work(
    processes: Processes, environment: Mapping[str, str], sender: WiredServices, tmp_path: Path
) -> None:
    encoder = sender.encoder
    other = np.zeros(encoder.dim, dtype=np.float32)
    other[0] = 1
    sender.catalog.canary(encoder.id, other)
    draw_pictures(tmp_path / "pictures", 1)
    accept(sender, LOCAL_OWNER, "news", entries_of(sender, tmp_path / "pictures"))
    worker = start(processes, environment)
    assert worker.wait() == 1
    (reason,) = reasons(worker)
    assert f"this worker takes no work: Encoder {encoder.id} sees the canary picture differently" in reason
    assert "Traceback" not in worker.output()
    assert sender.queue.waiting() == 1


@pytest.mark.parametrize(
    ("changes", "arguments", "expected"),
    [
        ({"PICTUREDESK_ENCODER": "ViT-B-99/nobody"}, (), "this worker takes no work: "),
        ({"PICTUREDESK_DATABASE": "postgresql+psycopg://me:geheim@127.0.0.1:1/x"}, (), "this worker takes no work: "),
        ({}, ("--pool", "processes"), "error: workers run on --pool threads or --pool solo"),
        ({"PICTUREDESK_BROKER": "memory://"}, (), "error: with PICTUREDESK_BROKER=memory://"),
    ],
    ids=["encoder", "database", "pool", "broker"],
)
def test_what_keeps_a_worker_from_starting_is_one_line_and_an_exit_code(
    processes: Processes,
    environment: Mapping[str, str],
    changes: Mapping[str, str],
    arguments: tuple[str, ...],
    expected: str,
) -> None:
    worker = start(processes, {**environment, **changes}, *arguments)
    assert worker.wait() == 1, worker.output()
    (reason,) = reasons(worker)
    assert expected in reason
    assert "Traceback" not in worker.output()
    assert "geheim" not in worker.output()
