"""The embedded profile: its one process is killed in mid-batch, and the next one goes on."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from rag.model import LOCAL_OWNER, AssetState
from rag.wiring import WiredServices, opened
from tests.faults.installation import LIBRARY, settings_of
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost, every_asset, files_below
from tests.faults.nursery import Programs
from tests.faults.pictures import Pictures
from tests.flows.processes import Child, eventually

ROUNDS = 6
PICTURES = 60
UPLOADED = 4
SPAN = 0.6
"""Seconds after the first picture is safe within which the process is killed."""


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, str]:
    """One process that does everything. Kills count as attempts, and here they are many."""
    return {
        "PICTUREDESK_DATA": str(tmp_path / "data"),
        "PICTUREDESK_BATCH": "4",
        "PICTUREDESK_ATTEMPTS": "20",
        "PICTUREDESK_RESEND_AFTER": "1",
    }


@pytest.mark.timeout(300)
def test_an_ingest_that_is_killed_again_and_again_goes_on_where_it_was(
    embedded: dict[str, str], programs: Programs, pictures: Pictures, rng: random.Random, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    in_mid_work = 0
    with opened(settings_of(embedded)) as looking:
        for number in range(ROUNDS):
            pictures.write(folder, PICTURES // ROUNDS)
            before = len(accepted_at_all(looking))
            ingest = programs.picturedesk(f"ingest-{number}", embedded, "ingest", str(folder), "--library", LIBRARY)
            eventually(lambda seen=before: len(accepted_at_all(looking)) > seen)  # type: ignore[misc]
            time.sleep(rng.uniform(0, SPAN))
            ingest.kill()
            in_mid_work += bool(unfinished(looking))
    print(f"{ROUNDS} kills, {in_mid_work} with work left")  # noqa: T201
    last = programs.picturedesk("ingest-last", embedded, "ingest", str(folder), "--library", LIBRARY)
    assert last.wait() == 0, last.output()
    check(embedded, programs, expected=PICTURES // ROUNDS * ROUNDS)


@pytest.mark.timeout(300)
def test_what_the_api_accepted_is_indexed_although_it_is_killed_at_once(
    embedded: dict[str, str], programs: Programs, pictures: Pictures, rng: random.Random
) -> None:
    promised = 0
    for number in range(ROUNDS):
        serve = programs.picturedesk(f"serve-{number}", embedded, "serve", "--port", "0")
        answer = upload(serve, pictures.take(UPLOADED))
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        promised += UPLOADED
        if number:  # the first time at once
            time.sleep(rng.uniform(0, SPAN))
        serve.kill()
    last = programs.picturedesk("serve-last", embedded, "serve", "--port", "0")
    last.wait_for("Ready")
    with opened(settings_of(embedded)) as looking:
        eventually(lambda: not unfinished(looking), deadline=120)
        assert all(job.done for job in looking.catalog.jobs(LOCAL_OWNER))
    last.stop()
    check(embedded, programs, expected=promised)


@pytest.mark.timeout(300)
def test_an_upload_during_which_the_api_is_killed_is_there_as_a_whole_or_not_at_all(
    embedded: dict[str, str], programs: Programs, pictures: Pictures, rng: random.Random
) -> None:
    blobs = Path(embedded["PICTUREDESK_DATA"]) / "blobs"
    cut_off = 0
    for number in range(ROUNDS // 2):
        serve = programs.picturedesk(f"serve-{number}", embedded, "serve", "--port", "0")
        serve.wait_for("Picture Desk is at ")
        before = files_below(blobs)
        with ThreadPoolExecutor(1) as uploading:
            answer = uploading.submit(upload, serve, pictures.take(UPLOADED * 4))
            eventually(lambda seen=before: files_below(blobs) - seen)  # type: ignore[misc]
            time.sleep(rng.uniform(0, 0.1))
            serve.kill()
            cut_off += isinstance(answer.exception(), httpx.TransportError)
    print(f"{ROUNDS // 2} kills, {cut_off} before the answer")  # noqa: T201
    last = programs.picturedesk("serve-last", embedded, "serve", "--port", "0")
    last.wait_for("Ready")
    with opened(settings_of(embedded)) as looking:
        eventually(lambda: not unfinished(looking), deadline=120)
        eventually(lambda: all(job.done for job in looking.catalog.jobs(LOCAL_OWNER)), deadline=60)
    last.stop()
    check(embedded, programs, fix=True)


def url_of(serve: Child) -> str:
    return serve.output().split("Picture Desk is at ")[1].split()[0]


def upload(serve: Child, files: dict[str, bytes]) -> httpx.Response:
    serve.wait_for("Picture Desk is at ")
    sent = [("files", (name, content)) for name, content in files.items()]
    url = f"{url_of(serve)}/v1/assets"
    return httpx.post(url, files=sent, data={"library": LIBRARY}, timeout=60, trust_env=False)


def accepted_at_all(services: WiredServices) -> list[str]:
    return [asset.id for asset in every_asset(services)]


def unfinished(services: WiredServices) -> list[str]:
    return [asset.id for asset in every_asset(services) if asset.state is AssetState.ACCEPTED]


def check(embedded: dict[str, str], programs: Programs, *, expected: int | None = None, fix: bool = False) -> None:
    """The promise, once no process is left.

    Args:
        expected: how many pictures must be indexed, and nothing else be there.
        fix: let `picturedesk doctor --fix` first remove bytes that were never accepted.
    """
    if fix:
        doctor = programs.picturedesk("doctor-fix", embedded, "doctor", "--deep", "--fix")
        assert doctor.wait() == 0, doctor.output()
    with opened(settings_of(embedded)) as services:
        ends = [asset.state for asset in assert_nothing_lost(services)]
        assert set(ends) <= {AssetState.INDEXED}
        assert expected is None or len(ends) == expected
    assert_doctor_agrees(programs, embedded)
