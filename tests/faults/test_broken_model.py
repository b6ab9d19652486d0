"""An encoder that does not see the canary as recorded takes no work; the work waits for a good one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from rag.ingest import accept
from rag.library.tables import canaries
from rag.library.transactions import reading, writing
from rag.model import LOCAL_OWNER, AssetState
from rag.wiring import WiredServices, opened
from tests.faults.installation import LIBRARY, Installation, settings_of
from tests.faults.invariants import assert_nothing_lost, every_asset
from tests.faults.nursery import Programs
from tests.faults.pictures import Pictures, entries
from tests.flows.processes import Child, eventually

PICTURES = 4


@contextmanager
def another_canary(services: WiredServices) -> Iterator[None]:
    """Inside, the record is of another model: every encoder that starts now is a broken one."""
    with reading(services.engine) as connection:
        kept = [dict(row) for row in connection.execute(select(canaries)).mappings()]
    assert kept, "no worker has recorded its canary yet"
    other = np.zeros(len(kept[0]["vector"]) // 4, dtype="<f4")
    other[0] = 1
    replace(services, [{**row, "vector": other.tobytes()} for row in kept])
    try:
        yield
    finally:
        replace(services, kept)


def replace(services: WiredServices, rows: list[dict[str, object]]) -> None:
    with writing(services.engine) as connection:
        connection.execute(delete(canaries))
        connection.execute(insert(canaries), rows)


@pytest.mark.timeout(300)
def test_a_worker_whose_model_is_broken_takes_no_work_which_waits_for_a_good_one(
    installation: Installation, pictures: Pictures
) -> None:
    installation.ready_worker().stop()
    with another_canary(installation.services):
        job = installation.accept(pictures.take(PICTURES))
        broken = installation.worker()
        assert broken.wait() == 1
        assert "] received" not in broken.output()
        assert one_line_about_the_canary(broken)
        assert installation.counts(job) == {AssetState.ACCEPTED: PICTURES}
        assert not any(asset.attempts for asset in installation.assets_of(job))
    installation.worker()
    assert installation.wait_until_done(job).counts == {AssetState.INDEXED: PICTURES}
    assert_nothing_lost(installation.services)


@pytest.mark.timeout(300)
def test_a_server_whose_model_is_broken_is_never_ready_and_indexes_nothing(
    programs: Programs, pictures: Pictures, embedded: dict[str, str]
) -> None:
    """The embedded profile, where the server is the worker."""
    record_the_canary(programs, embedded)
    with opened(settings_of(embedded)) as looking, another_canary(looking):
        accept_and_leave(looking, pictures)
        serve = programs.picturedesk("serve", embedded, "serve", "--port", "0")
        answers = readiness_until_ended(serve)
        assert 200 not in answers
        assert serve.wait() == 1
        assert one_line_about_the_canary(serve)
        assert [(one.state, one.attempts) for one in every_asset(looking)] == [(AssetState.ACCEPTED, 0)] * PICTURES


@pytest.mark.timeout(300)
def test_an_ingest_whose_model_is_broken_indexes_nothing_and_says_why(
    programs: Programs, pictures: Pictures, embedded: dict[str, str], tmp_path: Path
) -> None:
    record_the_canary(programs, embedded)
    pictures.write(tmp_path / "pictures", PICTURES)
    with opened(settings_of(embedded)) as looking, another_canary(looking):
        ingest = programs.picturedesk("ingest", embedded, "ingest", str(tmp_path / "pictures"), "--library", LIBRARY)
        assert ingest.wait() == 1, ingest.output()
        assert one_line_about_the_canary(ingest)
        assert AssetState.INDEXED not in {asset.state for asset in every_asset(looking)}


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, str]:
    return {"PICTUREDESK_DATA": str(tmp_path / "data")}


def record_the_canary(programs: Programs, embedded: dict[str, str]) -> None:
    """By a server that is sound."""
    serve = programs.picturedesk("serve-sound", embedded, "serve", "--port", "0")
    serve.wait_for("Ready")
    serve.stop()


def accept_and_leave(services: WiredServices, pictures: Pictures) -> None:
    """As a process that was killed between accepting and indexing leaves it."""
    nobody = services.settings.model_copy(update={"broker": "redis://127.0.0.1:1/0"})
    with opened(nobody) as accepting:
        accept(accepting, LOCAL_OWNER, LIBRARY, entries(pictures.take(PICTURES)))


def one_line_about_the_canary(program: Child) -> bool:
    output = program.output()
    said = [line for line in output.splitlines() if "sees the canary picture differently" in line]
    return len(said) == 1 and "Traceback" not in output


def readiness_until_ended(serve: Child) -> list[int]:
    """Every answer of /readyz while the server lives."""
    answers: list[int] = []

    def look() -> bool:
        if serve.process.poll() is not None:
            return True
        if "Picture Desk is at " not in serve.output():
            return False
        url = serve.output().split("Picture Desk is at ")[1].split()[0]
        with suppress(httpx.TransportError):  # it has just ended
            answers.append(httpx.get(f"{url}/readyz", timeout=10, trust_env=False).status_code)
        return False

    eventually(look, deadline=60)
    return answers
