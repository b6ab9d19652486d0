"""Jobs over HTTP: as they go on, stopped, and tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.settings import Settings
from tests.flows.desk import Desk, drawn, finished, serving, until
from tests.flows.test_http import jpeg, problem

NOWHERE = "http://127.0.0.1:1"
Told = list[tuple[str, Any]]


@pytest.fixture
def client(running_desk: Desk) -> Iterator[httpx.Client]:
    with running_desk.client() as client:
        yield client


@pytest.fixture(scope="module")
def waiting_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose vector store is away: it accepts, and indexes nothing."""
    folder = tmp_path_factory.mktemp("waiting-desk")
    with serving(Settings(data=folder / "data", vectors=NOWHERE), ready=False) as desk:
        yield Desk(desk.url, folder)


def pictures(folder: Path, count: int, seed: int) -> list[bytes]:
    return [path.read_bytes() for path, _ in drawn(folder, count, size=160, seed=seed)]


def told(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events as (kind, data), comments left out."""
    kind = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            yield kind, json.loads(value)


def events(client: httpx.Client, job: dict[str, Any]) -> Told:
    """All events of a job until its stream ends."""
    with client.stream("GET", job["events_url"]) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(told(response.iter_lines()))


def hand_in(client: httpx.Client, files: list[bytes], library: str) -> dict[str, Any]:
    named = [jpeg(f"{number}.jpg", content) for number, content in enumerate(files)]
    job: dict[str, Any] = client.post("/v1/assets", files=named, data={"library": library}).json()["job"]
    return job


def test_the_page_is_told_how_a_job_goes_on_what_failed_and_that_it_is_done(
    client: httpx.Client, tmp_path: Path
) -> None:
    good, other, cut = pictures(tmp_path, 3, seed=501)
    job = hand_in(client, [good, other, cut[: len(cut) // 2], b"no picture"], "told")
    seen = events(client, job)
    progress = [data for kind, data in seen if kind == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == 4
    assert progress[-1]["counts"]["indexed"] == 2
    failed = {data["name"]: data for kind, data in seen if kind == "file"}
    assert {name: item["state"] for name, item in failed.items()} == {"2.jpg": "quarantined", "3.jpg": "skipped"}
    assert "cannot be decoded" in failed["2.jpg"]["reason"]
    kind, last = seen[-1]
    assert kind == "done"
    assert (last["done"], last["total"], last["cancelled"]) == (True, 4, False)


def test_whoever_connects_late_gets_the_present_state_and_the_end(client: httpx.Client, tmp_path: Path) -> None:
    job = hand_in(client, pictures(tmp_path, 1, seed=502), "late")
    finished(client, job)
    assert [kind for kind, _ in events(client, job)] == ["progress", "done"]


def test_the_newest_jobs_come_first_and_files_in_pages(client: httpx.Client, tmp_path: Path) -> None:
    older = hand_in(client, pictures(tmp_path / "a", 3, seed=503), "listed")
    newer = hand_in(client, [b"words"] * 2, "listed")
    listed = client.get("/v1/jobs", params={"library": "listed"}).json()["jobs"]
    assert [job["id"] for job in listed] == [newer["id"], older["id"]]
    finished(client, older)
    page = client.get(older["items_url"], params={"limit": 2}).json()
    rest = client.get(older["items_url"], params={"limit": 2, "after": page["next"]}).json()
    assert [item["name"] for item in page["items"] + rest["items"]] == ["0.jpg", "1.jpg", "2.jpg"]
    assert rest["next"] is None
    only = client.get(newer["items_url"], params={"state": ["skipped", "quarantined"]}).json()["items"]
    assert len(only) == 2


def test_a_job_that_is_stopped_skips_the_rest_and_can_be_taken_up_again(waiting_desk: Desk, tmp_path: Path) -> None:
    with waiting_desk.client() as client:
        job = hand_in(client, pictures(tmp_path, 2, seed=504), "stopped")
        assert job["counts"]["accepted"] == 2
        stopped = client.post(f"{job['url']}/cancel").json()
        assert (stopped["cancelled"], stopped["done"], stopped["counts"]["skipped"]) == (True, True, 2)
        seen = events(client, job)
        assert [data["reason"] for kind, data in seen if kind == "file"] == ["its job was cancelled"] * 2
        assert client.post(f"{job['url']}/cancel").status_code == 200
        again = client.post(f"{job['url']}/retry")
        assert again.status_code == 202
        assert again.json()["counts"]["accepted"] == 2
        recorded = client.get("/v1/ledger/events", params={"library": "stopped", "kind": "ingest"}).json()["events"]
        told = [(event["body"]["phase"], event["body"]["door"], event["body"]["job"]) for event in recorded[::-1]]
        assert told == [(phase, "http", job["id"]) for phase in ("begun", "cancelled", "done", "cancelled", "retried")]


def test_a_stream_ends_when_its_job_is_stopped_meanwhile(waiting_desk: Desk, tmp_path: Path) -> None:
    with waiting_desk.client() as client, waiting_desk.client() as other:
        job = hand_in(client, pictures(tmp_path, 1, seed=505), "meanwhile")
        with client.stream("GET", job["events_url"]) as response:
            stream = told(response.iter_lines())
            assert next(stream)[1]["counts"]["accepted"] == 1
            other.post(f"{job['url']}/cancel")
            assert [kind for kind, _ in stream][-1] == "done"


def test_a_desk_that_stops_does_not_wait_for_those_who_watch(tmp_path: Path) -> None:
    ended = threading.Event()

    def watch(url: str, path: str) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=None) as client, client.stream("GET", path) as stream:
            for _ in stream.iter_lines():
                begun.set()
        ended.set()

    begun = threading.Event()
    with serving(Settings(data=tmp_path / "data", vectors=NOWHERE), ready=False) as desk:
        with desk.client() as client:
            job = hand_in(client, pictures(tmp_path / "p", 1, seed=506), "watched")
        watching = threading.Thread(target=watch, args=(desk.url, job["events_url"]))
        watching.start()
        assert begun.wait(60)
    watching.join(60)
    assert ended.is_set()


def test_what_failed_is_tried_again_from_the_first_attempt(client: httpx.Client, tmp_path: Path) -> None:
    (cut,) = pictures(tmp_path, 1, seed=507)
    job = hand_in(client, [cut[: len(cut) // 2]], "again")
    (item,) = finished(client, job)
    assert client.get(f"/v1/assets/{item['asset_id']}").json()["attempts"] == 1
    assert client.post(f"/v1/assets/{item['asset_id']}/retry").json()["state"] == "accepted"
    until(lambda: bool(client.get(job["url"]).json()["done"]))
    listed = client.get("/v1/assets", params={"library": "again", "state": "quarantined"}).json()["assets"]
    assert [asset["attempts"] for asset in listed] == [1]


def test_jobs_that_are_not_there(client: httpx.Client) -> None:
    for path in ("/v1/jobs/nothing/events", "/v1/jobs/nothing"):
        problem(client.get(path), 404, "not-found")
    for path in ("/v1/jobs/nothing/cancel", "/v1/jobs/nothing/retry"):
        problem(client.post(path), 404, "not-found")
