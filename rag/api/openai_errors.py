"""Problems on the paths of OpenAI's protocol, in OpenAI's shape."""

from __future__ import annotations

import json
import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import PROBLEM_JSON, problem_of
from rag.errors import PictureDeskError
from rag.integrations.openai.errors import error_of, status_of

log = logging.getLogger(__name__)

PATHS = ("/v1/chat/", "/v1/models", "/v1/embeddings")


class OpenAIErrors:
    """ASGI middleware around everything else: whoever refuses a request, its client reads what it expects.

    Keys, hosts, sizes and fields are checked in several places, all of which answer with problems; here they
    are translated once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATHS):
            await self.app(scope, receive, send)
            return
        translating = _Translating(send)
        try:
            await self.app(scope, receive, translating)
        except Exception:
            if not translating.started:
                await translating.unexpected(scope["path"])
            raise  # the server logs it with its trace


class _Translating:
    """Holds a problem back until its body is complete; lets everything else pass as it comes."""

    def __init__(self, send: Send) -> None:
        self.started = False
        self._send = send
        self._head: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "") == PROBLEM_JSON:
                self._head = message
                return
            self.started = True
        if self._head is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._translated(self._head)

    async def unexpected(self, path: str) -> None:
        self._body = problem_of(PictureDeskError(), path).model_dump_json().encode()
        await self._translated({"type": "http.response.start", "status": 500, "headers": []})

    async def _translated(self, head: Message) -> None:
        problem = json.loads(self._body)
        body = json.dumps(error_of(problem), ensure_ascii=False).encode()
        headers = MutableHeaders(raw=list(head["headers"]))
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
        self.started = True
        await self._send({**head, "status": status_of(problem), "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
