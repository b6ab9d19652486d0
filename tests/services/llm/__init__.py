"""A test LLM over real HTTP: speaks the OpenAI chat protocol and behaves as the model name asks.

    echo, empty, ranks, drips, …    what it writes: `tests.services.llm.writing`
    refuses, busy, down, broken, …  how it fails: `tests.services.llm.faults`
    cites, miscites, obeys          what it makes of the prompt: `tests.services.llm.minds`

A test may also hand it a script: `llm.script = [status(429, retry_after=1), text("as", " asked")]`, one turn for each
request, the last for all further ones. What it was asked stands in `llm.requests`, with what headers in `llm.headers`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.services.llm.server import LlmServer
from tests.services.llm.turns import ANSWER, Turn, raw, status, text

__all__ = ["ANSWER", "LlmServer", "Turn", "llm", "llm_serving", "raw", "shared_llm", "status", "text"]


@contextmanager
def llm_serving() -> Iterator[LlmServer]:
    """A server for as long as this lasts."""
    server = LlmServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    """A server of the test's own."""
    with llm_serving() as server:
        yield server


@pytest.fixture(scope="session")
def shared_llm() -> Iterator[LlmServer]:
    """One server for many tests that only choose models by name."""
    with llm_serving() as server:
        yield server
