"""A real Redis server for tests: Debian's binary, on a free loopback port, in a folder of its own.

When there is no binary, tests skip on a laptop and fail where `CI` is set.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

START_TIMEOUT_S = 30
START_ATTEMPTS = 5


class RedisServer(NamedTuple):
    """A running server. `url` is its database 0."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop it at once. Calling twice is harmless."""
        self.process.kill()
        self.process.wait(timeout=START_TIMEOUT_S)

    def empty_database(self, number: int) -> str:
        """The URL of a database in which nothing is kept any more: no queue, no task."""
        url = f"{self.url.rpartition('/')[0]}/{number}"
        with redis.Redis.from_url(url) as client:
            client.flushdb()
        return url


def start_redis(folder: Path, port: int | None = None) -> RedisServer:
    """Start a server that dies with this process, set as compose.yaml sets it: AOF, no eviction.

    Args:
        folder: where it keeps its data and its log; a server started there again goes on with the data.
        port: None takes a free one.

    Raises:
        FileNotFoundError: there is no redis-server.
    """
    if shutil.which("redis-server") is None:
        raise FileNotFoundError("no redis-server: apt install redis-server")
    for _ in range(START_ATTEMPTS):
        server = _start(folder, port or free_port())
        if _answers(server):
            return server
        server.stop()
    raise RuntimeError((folder / "redis.log").read_text())


def free_port() -> int:
    """A TCP port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start(folder: Path, port: int) -> RedisServer:
    options = {"bind": "127.0.0.1", "port": port, "dir": folder, "save": "", "appendonly": "yes"}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(["setpriv", "--pdeathsig=KILL", "redis-server", *words], stdout=log, stderr=log)
    return RedisServer(f"redis://127.0.0.1:{port}/0", process)


def _answers(server: RedisServer) -> bool:
    """False when it ended: another program took the port meanwhile."""
    deadline = time.monotonic() + START_TIMEOUT_S
    with redis.Redis.from_url(server.url) as client:
        while server.process.poll() is None and time.monotonic() < deadline:
            try:
                return bool(client.info("server")["process_id"] == server.process.pid)
            except redis.ConnectionError:
                time.sleep(0.02)
    return False


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One server for the whole run."""
    try:
        server = start_redis(tmp_path_factory.mktemp("redis"))
    except FileNotFoundError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """A database that is empty now; tests have it one after another."""
    return redis_server.empty_database(0)
