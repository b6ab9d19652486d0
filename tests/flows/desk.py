"""The running product for tests: a real server over the embedded profile, with drawn pictures in it."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.settings import Settings

PATIENCE = 120.0
"""Seconds that anything may take on a busy machine before a test gives up."""

PICTURES = 24


@dataclass(frozen=True)
class Desk:
    """A server that answers.

    Attributes:
        captions: of the pictures in the library `default`, in the order they went in.
    """

    url: str
    folder: Path
    captions: tuple[str, ...] = ()

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False, **options)


@contextmanager
def serving(settings: Settings, *, ready: bool = True) -> Iterator[Desk]:
    """A desk on a free port, in a thread of this process; with `ready`, one that can be searched."""
    from rag.api.serve import server_for
    from rag.wiring import WiredServices

    listening = socket.create_server(("127.0.0.1", 0))
    answering = threading.Event()
    server = server_for(WiredServices(settings), listening, say=lambda line: answering.set())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="desk")
    thread.start()
    try:
        assert answering.wait(PATIENCE), "the server did not start"
        desk = Desk(f"http://127.0.0.1:{listening.getsockname()[1]}", settings.data)
        with desk.client() as client:
            until(lambda: not ready or client.get("/readyz").status_code == httpx.codes.OK)
        yield desk
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()


def until(holds: Callable[[], bool], *, every: float = 0.05) -> None:
    """Wait for something to hold."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(every)


def finished(client: httpx.Client, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a job, once all of them have reached their end."""
    until(lambda: bool(client.get(job["url"]).json()["done"]))
    items: list[dict[str, Any]] = client.get(job["items_url"]).json()["items"]
    return items


def drawn(folder: Path, count: int, *, size: int = 256, seed: int = 11) -> list[tuple[Path, str]]:
    """Drawn pictures, each with its caption; no two captions alike."""
    from rag.scenes import captions, draw, sample_scene

    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    made: dict[str, Path] = {}
    while len(made) < count:
        scene = sample_scene(rng)
        caption = captions(scene)[0]
        if caption not in made:
            made[caption] = folder / f"{len(made):02d}.jpg"
            draw(scene, size).save(made[caption], quality=90)
    return [(path, caption) for caption, path in made.items()]


def manifest(pictures: list[tuple[Path, str]]) -> Path:
    """A JSONL manifest beside the pictures."""
    path = pictures[0][0].parent / "manifest.jsonl"
    rows = [
        {"path": picture.name, "caption": caption, "source": "Drawn for tests", "licence": "CC0-1.0"}
        for picture, caption in pictures
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def stock(settings: Settings, pictures: list[tuple[Path, str]]) -> None:
    """Take pictures into the default library before a server opens it."""
    from rag.ingest import accept, entries_of, follow
    from rag.model import LOCAL_OWNER
    from rag.wiring import opened

    with opened(settings) as services:
        job = accept(services, LOCAL_OWNER, settings.library, entries_of(services, manifest(pictures)))
        for _ in follow(services, LOCAL_OWNER, job.id, every=0.05):
            pass


@pytest.fixture(scope="session")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for every test that does not change its default library."""
    folder = tmp_path_factory.mktemp("running-desk")
    settings = Settings(data=folder / "data", top_k=8)
    pictures = drawn(folder / "pictures", PICTURES)
    stock(settings, pictures)
    with serving(settings) as desk:
        yield Desk(desk.url, folder, tuple(caption for _, caption in pictures))
        with desk.client() as client:
            coverage = client.get("/v1/status", params={"library": "default"}).json()["coverage"]
        assert coverage["searched"] == PICTURES, "a test has changed the library that all tests share"
