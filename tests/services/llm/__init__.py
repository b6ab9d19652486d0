"""A test LLM over real HTTP: speaks the OpenAI chat protocol and behaves as the model name asks.

echo      streams an answer that cites [1] and an evidence number that is not there
empty     streams nothing
broken    breaks off in the middle of the stream
refuses   401
busy      429
down      500
ranks     streams the ranking that the test put into `ranking`, whatever that is
drips     streams that ranking, a piece every 50 ms and without an end
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

ANSWER = ("The red car ", "is on the ", "beach [1]. ", "It was sold [99].")
FAULTS = {"refuses": 401, "busy": 429, "down": 500}


class LlmServer(ThreadingHTTPServer):
    """Remembers what it was asked, so that tests can look at the rendered messages."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []
        self.ranking = '{"ranking": []}'

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: LlmServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(request)
        if status := FAULTS.get(request["model"]):
            self._fault(status)
        else:
            with suppress(ConnectionError):  # a client that has waited long enough hangs up
                self._stream(request["model"])

    def _fault(self, status: int) -> None:
        body = json.dumps({"error": {"message": "as asked", "type": "test"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for piece in self._pieces(model):
            self._chunk(model, {"content": piece})
            if model == "broken":
                return
        self._chunk(model, {}, finish="stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _pieces(self, model: str) -> Iterator[str]:
        if model == "ranks":
            yield self.server.ranking
        elif model == "drips":
            for _ in range(200):
                time.sleep(0.05)
                yield self.server.ranking
        elif model != "empty":
            yield from ANSWER

    def _chunk(self, model: str, delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Quiet: the tests look at `requests`."""


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    server = LlmServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
