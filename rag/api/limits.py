"""How large a request may be, before anything of it is kept."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import Problem, problem_response
from rag.settings import ONE_MIB

MOST_FILES = 100
"""Files in one upload."""

TEXT_BODY = 2 * ONE_MIB
"""Room for any question that can be refused politely, in JSON's longest spelling."""

UPLOAD_PATHS = frozenset({"/v1/assets", "/v1/search/by-image"})
ONE_FILE_PATHS = frozenset({"/v1/classify/upload", "/v1/captions/drafts/upload"})
BASE64_PATHS = frozenset({"/v1/chat/completions", "/v1/embeddings"})
"""Here files come inside of JSON, four bytes for three; chat clients send the pictures of the whole talk again."""

FILES_AT_FULL_SIZE = 10
"""An upload may weigh as much as this many files of the largest size."""


class BodyLimit:
    """ASGI middleware that refuses bodies over the limit: at once, or as they come when they declare no length."""

    def __init__(self, app: ASGIApp, largest_file: int) -> None:
        self.app = app
        upload = FILES_AT_FULL_SIZE * largest_file + TEXT_BODY
        self._limits = (
            dict.fromkeys(UPLOAD_PATHS, upload)
            | dict.fromkeys(ONE_FILE_PATHS, largest_file + TEXT_BODY)
            | dict.fromkeys(BASE64_PATHS, largest_file * 4 // 3 + TEXT_BODY)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], TEXT_BODY)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await problem_response(_too_large(limit, scope["path"]))(scope, receive, send)
        else:
            await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _explanation(limit))
        return message

    return counted


def _too_large(limit: int, path: str) -> Problem:
    return Problem.titled("content-too-large", 413, _explanation(limit), path)


def _explanation(limit: int) -> str:
    return f"the request is larger than {limit:,} bytes; send less at a time"
