"""One chat on its way out: as a whole completion, or in chunks while it is written."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from rag.api.following import Followed
from rag.api.problems import problem_of
from rag.api.schemas.asking import AskResponse
from rag.api.schemas.openai_chat import ChatRequest
from rag.api.schemas.openai_completion import (
    Annotation,
    Choice,
    Chunk,
    Completion,
    CompletionMessage,
    Delta,
    FinishReason,
    Usage,
)
from rag.api.streaming import EVENT_STREAM, PATIENCE
from rag.errors import PictureDeskError
from rag.integrations.openai.counting import estimated_tokens
from rag.integrations.openai.errors import error_of
from rag.integrations.openai.footnotes import Link
from rag.integrations.openai.transcript import Reply, Transcript, whole
from rag.model import Answer, Step
from rag.ports import Encoder

log = logging.getLogger(__name__)

DONE = "[DONE]"
PATH = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that can be answered.

    Attributes:
        begin: begins the answer; not called where `ready` has it.
        ready: an answer that takes no search.
    """

    request: ChatRequest
    link: Link
    encoder: Encoder
    begin: Callable[[], Iterator[Step]]
    ready: str | None = None
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def completion(self) -> Completion:
        """The whole answer. Raises as `rag.ask.answering`."""
        if self.ready is not None:
            return self._completion(CompletionMessage(content=self.ready), None)
        *_, answer = self.begin()
        assert isinstance(answer, Answer)
        reply = whole(answer, self.link)
        annotations = [Annotation.of(one) for one in reply.citations]
        return self._completion(CompletionMessage(content=reply.text, annotations=annotations), reply)

    def usage(self, text: str) -> Usage:
        return Usage.of(estimated_tokens(one.words for one in self.request.spoken()), estimated_tokens([text]))

    def _completion(self, message: CompletionMessage, reply: Reply | None) -> Completion:
        return Completion(
            id=self.id,
            created=self.created,
            model=self.request.model,
            choices=[Choice(message=message, finish_reason=_finish(reply))],
            usage=self.usage(message.content),
            picturedesk=AskResponse.of(reply.answer, self.encoder) if reply else None,
        )


async def streamed(chat: Chat, closing: threading.Event) -> StreamingResponse:
    """The response, once the first step is there.

    Raises:
        PictureDeskError: there is none, so that the client gets an ordinary error.
    """
    if chat.ready is not None:
        events = _ready(_Chunks(chat), chat.ready)
    else:
        steps = Followed(chat.begin, closing).steps(patience=PATIENCE)
        events = _events(_Chunks(chat), await anext(steps), steps)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type=EVENT_STREAM, headers=headers)


class _Chunks:
    """The chunks of one answer, as they go over the wire."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._transcript = Transcript(chat.link)

    def first(self) -> bytes:
        return self._chunk(Delta(role="assistant", content=""))

    def text(self, text: str) -> bytes:
        return self._chunk(Delta(content=text)) if text else b""

    def of_step(self, step: Step | None) -> bytes:
        """What a step adds; a comment where there is none yet."""
        return KEEPALIVE_COMMENT if step is None else self.text(self._transcript.feed(step))

    def last(self) -> bytes:
        """Citations and the whole answer, then the end."""
        reply = self._transcript.reply
        if reply is None:
            return self.failed(PictureDeskError("the answer ended before it was complete"))
        answer = AskResponse.of(reply.answer, self._chat.encoder)
        annotations = [Annotation.of(one) for one in reply.citations]
        return self._chunk(Delta(annotations=annotations), answer=answer) + self.end(reply.text, _finish(reply))

    def end(self, text: str, finish_reason: FinishReason = "stop") -> bytes:
        end = self._chunk(Delta(), finish_reason=finish_reason)
        if self._chat.request.include_usage:
            end += self._chunk(None, usage=self._chat.usage(text))
        return end + format_sse_event(data_str=DONE)

    def failed(self, error: PictureDeskError) -> bytes:
        """Clients of OpenAI raise what stands in `error`."""
        problem = problem_of(error, PATH).model_dump(exclude_none=True)
        return format_sse_event(data_str=json.dumps(error_of(problem)))

    def _chunk(
        self,
        delta: Delta | None,
        *,
        finish_reason: FinishReason | None = None,
        usage: Usage | None = None,
        answer: AskResponse | None = None,
    ) -> bytes:
        chat = self._chat
        chunk = Chunk(
            id=chat.id,
            created=chat.created,
            model=chat.request.model,
            delta=delta,
            finish_reason=finish_reason,
            usage=usage,
            answer=answer,
        )
        return format_sse_event(data_str=json.dumps(chunk.body(include_usage=chat.request.include_usage)))


async def _events(chunks: _Chunks, first: Step | None, steps: AsyncIterator[Step | None]) -> AsyncIterator[bytes]:
    yield chunks.first() + chunks.of_step(first)
    try:
        async for step in steps:
            if event := chunks.of_step(step):
                yield event
        yield chunks.last()
    except PictureDeskError as error:
        yield chunks.failed(error)
    except Exception:
        log.exception("a streamed chat failed")
        yield chunks.failed(PictureDeskError())


def _finish(reply: Reply | None) -> FinishReason:
    return "length" if reply is not None and reply.answer.cut_off else "stop"


async def _ready(chunks: _Chunks, text: str) -> AsyncIterator[bytes]:
    yield chunks.first() + chunks.text(text) + chunks.end(text)
