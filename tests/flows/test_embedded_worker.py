"""The embedded profile's worker over the real parts: how it ends, and what the next process finds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rag.ingest import accept, entries_of
from rag.model import LOCAL_OWNER, AssetState, Job
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.processes import Processes, eventually
from tests.flows.test_ingest_and_ask import draw_pictures

PICTURES = 5

ACCEPT_AND_DIE = """
import os, sys
from pathlib import Path
from rag.ingest import accept, entries_of
from rag.model import LOCAL_OWNER
from rag.settings import Settings
from rag.wiring import WiredServices

services = WiredServices(Settings(data=Path("data"), batch=1))
job = accept(services, LOCAL_OWNER, "news", entries_of(services, Path("pictures")))
print(job.id, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One picture per task, so that there is something left when a process ends."""
    draw_pictures(tmp_path / "pictures", PICTURES)
    return Settings(data=tmp_path / "data", batch=1)


def accepted(services: WiredServices, settings: Settings) -> str:
    return accept(services, LOCAL_OWNER, "news", entries_of(services, settings.data.parent / "pictures")).id


def ended(services: WiredServices, job_id: str) -> Job:
    def look() -> Job | None:
        job = services.catalog.job(LOCAL_OWNER, job_id)
        return job if job.done else None

    return eventually(look)


def test_closing_waits_for_the_current_task_and_the_next_process_does_the_rest(settings: Settings) -> None:
    with opened(settings) as services:
        job_id = accepted(services, settings)
    with opened(settings) as services:
        left = services.catalog.job(LOCAL_OWNER, job_id).counts.get(AssetState.ACCEPTED, 0)
        assert left, "closing does not wait for what no worker has begun"
        services.queue.ping()
        assert ended(services, job_id).counts == {AssetState.INDEXED: PICTURES}
        assert services.store.count() == PICTURES


def test_what_a_killed_process_left_is_indexed_by_the_next_one(settings: Settings, processes: Processes) -> None:
    (processes.folder / "pictures").symlink_to(settings.data.parent / "pictures")
    killed = processes.python("accept", "-c", ACCEPT_AND_DIE)
    assert killed.wait() == -9, killed.output()
    job_id = killed.output().split()[-1]
    with opened(settings.model_copy(update={"data": processes.folder / "data"})) as services:
        services.queue.ping()
        assert ended(services, job_id).counts == {AssetState.INDEXED: PICTURES}


def test_a_process_may_close_while_its_first_task_still_loads_the_encoder(settings: Settings) -> None:
    services = WiredServices(settings)
    accepted(services, settings)
    closing = threading.Thread(target=services.close)
    closing.start()
    closing.join(timeout=120)
    assert not closing.is_alive()


def test_two_installations_of_one_process_index_each_their_own(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"data": tmp_path / "other" / "data"})
    (tmp_path / "other").mkdir()
    draw_pictures(tmp_path / "other" / "pictures", 1)
    with opened(settings) as services, opened(other) as others:
        jobs = [accepted(services, settings), accepted(others, other)]
        assert ended(services, jobs[0]).total == PICTURES
        assert ended(others, jobs[1]).total == 1
        assert (services.store.count(), others.store.count()) == (PICTURES, 1)
