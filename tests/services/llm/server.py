"""The OpenAI chat protocol, streaming and not, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.services.llm.turns import Request, Turn, event
from tests.services.llm.writing import turn_for

USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}


class LlmServer(ThreadingHTTPServer):
    """Remembers what it was asked, so that tests can look at the rendered messages.

    Attributes:
        script: turns for the next requests; the last stays.
        answers: the text of each answer, as far as it was sent.
        tool_calls: those that were sent in answers.
        eyes: reads what is written in a picture, for models that obey; without it they see nothing.
        open_lines: answers that are being sent at this moment.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[str] = []
        self.tool_calls: list[dict[str, Any]] = []
        self.script: list[Turn] = []
        self.ranking = '{"ranking": []}'
        self.eyes: Callable[[bytes], str] | None = None
        self.open_lines = 0
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def shutdown(self) -> None:
        self.closing.set()
        super().shutdown()


class Handler(BaseHTTPRequestHandler):
    server: LlmServer

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": "echo", "object": "model"}]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(request)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        turn = turn_for(self.server, request)
        self.server.open_lines += 1
        with suppress(ConnectionError):  # a client that has waited long enough hangs up
            self._take(turn, request)
        self.server.open_lines -= 1

    def _take(self, turn: Turn, request: Request) -> None:
        self.server.closing.wait(turn.before)
        if turn.cut:
            self.close_connection = True
        elif turn.status != 200:
            self._json(turn.status, {"error": turn.error}, turn.headers)
        elif request.get("stream"):
            self._stream(turn, request)
        else:
            self._whole(turn, request["model"])

    def _whole(self, turn: Turn, model: str) -> None:
        answer = "".join(turn.texts())
        self.server.answers.append(answer)
        message: dict[str, Any] = {"role": "assistant", "content": answer}
        if turn.tool_calls:
            message["tool_calls"] = [_tool_call(number, call) for number, call in enumerate(turn.tool_calls)]
        choice = {"index": 0, "message": message, "finish_reason": turn.finish or "stop"}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice]}
        self._json(200, {**body, "usage": USAGE})

    def _stream(self, turn: Turn, request: Request) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.server.answers.append("")
        number, model = len(self.server.answers) - 1, request["model"]
        for at, piece in enumerate(self._paced(turn)):
            self._send(_chunk(model, {"content": piece}))
            self.server.answers[number] += piece
            if at == 0 and turn.garbage:
                self._send_bytes(turn.garbage)
        if turn.hangs:
            self.server.closing.wait(60)
        if turn.finish is not None and not turn.hangs:
            self._end(turn, model, bool((request.get("stream_options") or {}).get("include_usage")))
        self.close_connection = True

    def _paced(self, turn: Turn) -> Iterator[str]:
        for piece in turn.texts():
            for _ in range(turn.pings):
                if self.server.closing.wait(turn.between):
                    return
                self._send_bytes(b": still here\n\n")
            if self.server.closing.wait(turn.between):
                return
            yield piece

    def _end(self, turn: Turn, model: str, usage: bool) -> None:
        for number, call in enumerate(turn.tool_calls):
            self.server.tool_calls.append(_tool_call(number, call))
            self._send(_chunk(model, {"tool_calls": [{"index": number, **_tool_call(number, call)}]}))
        self._send(_chunk(model, {}, finish=turn.finish))
        if usage:
            self._send({**_chunk(model, {}), "choices": [], "usage": USAGE})
        self._send_bytes(b"data: [DONE]\n\n")

    def _send(self, value: Any) -> None:
        self._send_bytes(event(value))

    def _send_bytes(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, content in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, content)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet: the tests look at `requests`."""


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}


def _tool_call(number: int, call: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"call-{number}", "type": "function", "function": call}
