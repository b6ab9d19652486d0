"""The application: Qdrant's envelope and error shapes around the routes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse

from tests.services.qdrant_standin.collections import collection_routes
from tests.services.qdrant_standin.engine import Engine
from tests.services.qdrant_standin.points import point_routes

VERSION = "1.18.0"
LARGEST_BODY = 32 * 1024 * 1024
OPEN_PATHS = ("/readyz", "/livez", "/healthz")


def create_app(key: str = "") -> FastAPI:
    """Args:
    key: what `api-key` must say; empty lets everybody in.
    """
    app = FastAPI()
    engine = Engine()
    app.include_router(collection_routes(engine))
    app.include_router(point_routes(engine))
    app.add_exception_handler(ValueError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)

    @app.get("/")
    def root() -> dict[str, str]:
        return {"title": "qdrant - vector search engine", "version": VERSION, "commit": "stand-in"}

    @app.get("/readyz", response_class=PlainTextResponse)
    def ready() -> str:
        return "all shards are ready"

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if key and request.url.path not in OPEN_PATHS and request.headers.get("api-key") != key:
            return PlainTextResponse("Must provide an API key or an Authorization bearer token", 401)
        size = int(request.headers.get("content-length", 0))
        if size > LARGEST_BODY:
            return _error(413, f"Payload error: JSON payload ({size} bytes) is larger than allowed")
        return await call_next(request)

    return app


async def _refused(_: Request, error: Exception) -> Response:
    """The in-process engine says everything with ValueError."""
    text = str(error)
    if text.startswith("Collection") and "not found" in text:
        return _error(404, f"Not found: {text.replace('Collection', 'Collection `', 1)}")
    if "already exists" in text:
        return _error(409, f"Wrong input: {text}!")
    return _error(400, text)


async def _unreadable(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return _error(400, f"Format error in JSON body: {first['msg']} at {first['loc']}")


def _error(status: int, text: str) -> Response:
    return JSONResponse({"status": {"error": text}, "time": time.process_time() * 1e-6}, status)
