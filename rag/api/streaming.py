"""An answer as server-sent events: evidence first, then its text, then what was checked."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel

from rag.api.following import Followed
from rag.api.problems import problem_of
from rag.api.schemas.asking import AskResponse, Found, Restart, Text
from rag.errors import PictureDeskError
from rag.model import Piece, Restarted, Retrieved, Step
from rag.ports import Encoder

log = logging.getLogger(__name__)

EVENT_STREAM = "text/event-stream"
PATIENCE = 10.0
"""Seconds without an event after which a comment is sent: proxies close what is silent for 30 to 60."""


async def streamed(
    begin: Callable[[], Iterator[Step]], encoder: Encoder, closing: threading.Event
) -> StreamingResponse:
    """The response, once the first step is there.

    Raises:
        PictureDeskError: there is none, so that the client gets an ordinary problem.
    """
    steps = Followed(begin, closing).steps(patience=PATIENCE)
    first = await anext(steps)
    return StreamingResponse(
        _events(first, steps, encoder),
        media_type=EVENT_STREAM,
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _events(first: Step | None, steps: AsyncIterator[Step | None], encoder: Encoder) -> AsyncIterator[bytes]:
    yield _event(first, encoder)
    try:
        async for step in steps:
            yield _event(step, encoder)
    except PictureDeskError as error:
        yield _problem(error)
    except Exception:
        yield _problem(PictureDeskError())


def _event(step: Step | None, encoder: Encoder) -> bytes:
    match step:
        case None:
            return KEEPALIVE_COMMENT
        case Retrieved():
            return _named("evidence", Found.of(step.retrieval, encoder))
        case Piece():
            return _named("piece", Text(text=step.text))
        case Restarted():
            return _named("restarted", Restart(reason=step.reason))
        case _:
            return _named("answer", AskResponse.of(step, encoder))


def _named(event: str, body: BaseModel) -> bytes:
    return format_sse_event(event=event, data_str=body.model_dump_json())


def _problem(error: PictureDeskError) -> bytes:
    problem = problem_of(error, "/v1/ask").model_dump(exclude_none=True)
    return format_sse_event(event="error", data_str=json.dumps(problem))
