"""The services profile as it runs in production: API, workers, Redis, PostgreSQL and Qdrant, a process each."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.indexing import open_collections
from tests.flows.processes import Child, Processes, eventually, running
from tests.flows.test_ingest_and_ask import draw_pictures
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

PICTURES = 24
BATCH = 4
RESEND_AFTER = 3


@dataclass
class Installation:
    """Its settings, and its running programs."""

    environment: dict[str, str]
    processes: Processes
    api: httpx.Client
    workers: list[Child]

    def tasks(self) -> int:
        """How many tasks its workers were given so far."""
        return sum(worker.output().count("] received") for worker in self.workers)

    def cli(self, *arguments: str) -> Any:
        """What `picturedesk … --json` prints."""
        child = self.processes.python("cli", "-m", "rag.cli", *arguments, "--json", env=self.environment)
        assert child.wait() == 0, child.output()
        return json.loads(child.output().splitlines()[-1])

    def get(self, path: str, **parameters: str | int) -> Any:
        return self.api.get(path, params=parameters).raise_for_status().json()

    def post(self, path: str, body: object) -> Any:
        return self.api.post(path, json=body).raise_for_status().json()


@pytest.fixture(scope="module")
def vectors(qdrant_server: str) -> Iterator[str]:
    """URL of a Qdrant server; the collections made there are dropped in the end."""
    collections = open_collections(qdrant_server)
    before = set(collections.names())
    yield qdrant_server
    for name in set(collections.names()) - before:
        collections.drop(name)
    collections.close()


@pytest.fixture(scope="module")
def environment(
    redis_server: RedisServer, postgres_server: PostgresServer, vectors: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    return {
        "PICTUREDESK_BROKER": redis_server.empty_database(2),
        "PICTUREDESK_DATABASE": postgres_server.create_database("services_profile"),
        "PICTUREDESK_LEDGER_KEY": str(tmp_path_factory.mktemp("keys") / "ledger.key"),
        "PICTUREDESK_VECTORS": vectors,
        "PICTUREDESK_BLOBS": f"file://{tmp_path_factory.mktemp('blobs')}",
        "PICTUREDESK_BATCH": str(BATCH),
        "PICTUREDESK_RESEND_AFTER": str(RESEND_AFTER),
    }


@pytest.fixture(scope="module")
def installation(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything started at once, on empty stores: who comes first makes the tables and the collection."""
    with running(tmp_path_factory.mktemp("processes")) as processes:
        serve = processes.python("api", "-m", "rag.cli", "serve", "--port", "0", env=environment)
        workers = [processes.python(f"worker-{name}", "-m", "rag.cli", "worker", env=environment) for name in "ab"]
        for child in (serve, *workers):
            child.wait_for("Ready" if child is serve else "ready.")
        url = serve.output().split("Picture Desk is at ")[1].split()[0]
        with httpx.Client(base_url=url, timeout=60) as api:
            assert api.get("/readyz").json()["ready"]
            yield Installation(environment, processes, api, workers)


def upload(installation: Installation, *paths: Path, caption: str = "") -> str:
    """Upload files; returns the job's id."""
    files = [("files", (path.name, path.read_bytes())) for path in paths]
    taken = installation.api.post("/v1/assets", files=files, data={"library": "news", "caption": caption})
    assert taken.status_code == 202, taken.text
    job_id: str = taken.json()["job"]["id"]
    return job_id


def wait_until_done(installation: Installation, job_id: str) -> None:
    eventually(lambda: installation.get(f"/v1/jobs/{job_id}")["done"])


def kill_in_mid_task(worker: Child) -> None:
    """SIGKILL a worker that has begun a task and not ended it."""

    def look() -> bool:
        if not _busy(worker):
            return False
        worker.process.send_signal(signal.SIGSTOP)
        if not _busy(worker):
            worker.process.send_signal(signal.SIGCONT)
            return False
        worker.kill()
        return True

    eventually(look)


def _busy(worker: Child) -> bool:
    return worker.output().count("] received") > worker.output().count("] succeeded")


@pytest.mark.timeout(900)
def test_the_same_folder_taken_in_twice_changes_nothing_and_embeds_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    draw_pictures(tmp_path / "pictures", BATCH + 1)
    first = installation.cli("ingest", str(tmp_path / "pictures"), "--library", "twice")
    assert (first["indexed"], first["known"]) == (BATCH + 1, 0)
    tasks = installation.tasks()
    second = installation.cli("ingest", str(tmp_path / "pictures"), "--library", "twice")
    assert (second["indexed"], second["known"]) == (BATCH + 1, BATCH + 1)
    assert installation.tasks() == tasks
    assert installation.get("/v1/status", library="twice")["coverage"]["searched"] == BATCH + 1


@pytest.mark.timeout(900)
def test_pictures_go_in_over_http_and_answers_come_out_although_a_worker_is_killed(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    texts = draw_pictures(folder, PICTURES)
    whole = (folder / "0.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.md").write_text("no picture")
    wait_until_done(installation, upload(installation, folder / "0.jpg", caption=texts[0]))

    job_id = upload(installation, *sorted(folder.glob("*.jpg")), folder / "notes.md")
    kill_in_mid_task(installation.workers[0])
    wait_until_done(installation, job_id)
    ends = {item["name"]: item["state"] for item in installation.get(f"/v1/jobs/{job_id}/items")["items"]}
    indexed = {f"{number}.jpg": "indexed" for number in range(PICTURES)}
    assert ends == {**indexed, "truncated.jpg": "quarantined", "notes.md": "skipped"}

    found = installation.post("/v1/search", {"query": texts[0], "library": "news"})
    assert found["coverage"]["searched"] == PICTURES
    assert found["evidence"][0]["caption"]["text"] == texts[0]
    answer = installation.post("/v1/ask", {"question": texts[0], "library": "news"})
    assert 1 in answer["citations"]
    kinds = [event["kind"] for event in installation.get("/v1/ledger/events", limit=5)["events"]]
    assert [kind for kind in kinds if kind in ("answer", "retrieval")] == ["answer", "retrieval", "retrieval"]
    assert installation.get("/v1/ledger/verify")["holds"]
