"""A Qdrant server for tests: the one that PICTUREDESK_TEST_QDRANT_URL names, else our stand-in over real HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from rag.indexing import open_collections

START_TIMEOUT_S = 30


def start_qdrant_standin(key: str = "") -> tuple[str, subprocess.Popen[bytes]]:
    """Start the stand-in as a process that dies with this one; see `tests.services.qdrant_standin` for what it is not.

    Returns:
        Its URL, and the process to end with `stop`.
    """
    port = _free_port()
    arguments = ["-m", "tests.services.qdrant_standin", "--port", str(port), *(["--key", key] if key else [])]
    process = subprocess.Popen(["setpriv", "--pdeathsig=TERM", sys.executable, *arguments])
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _ready(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the Qdrant stand-in did not start on port {port}")
        time.sleep(0.05)
    return url, process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Calling twice is harmless."""
    process.terminate()
    process.wait(timeout=START_TIMEOUT_S)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=1) as response:
            return bool(response.status == 200)
    except urllib.error.URLError:
        return False


@pytest.fixture(scope="session")
def qdrant_server() -> Iterator[str]:
    """URL of the server for the whole run."""
    if url := os.environ.get("PICTUREDESK_TEST_QDRANT_URL"):
        yield url
        return
    url, process = start_qdrant_standin()
    yield url
    stop(process)


@pytest.fixture
def qdrant_url(qdrant_server: str) -> Iterator[str]:
    """URL of a server; collections that the test makes are dropped after it."""
    collections = open_collections(qdrant_server)
    before = set(collections.names())
    yield qdrant_server
    for name in set(collections.names()) - before:
        collections.drop(name)
    collections.close()
