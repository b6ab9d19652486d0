"""Chat completions for clients of OpenAI's protocol: openai, Open WebUI, LibreChat, LangChain and the like."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from rag.api.auth import ActorDep
from rag.api.context import ClosingDep, ServicesDep, Sound
from rag.api.openai_streaming import Chat, streamed
from rag.api.schemas.evidence import asset_path
from rag.api.schemas.openai_chat import ChatRequest
from rag.api.schemas.openai_completion import Completion
from rag.api.schemas.openai_models import OPENAI_ERRORS
from rag.api.streaming import EVENT_STREAM
from rag.integrations.openai.answering import steps_of
from rag.integrations.openai.conversation import asked
from rag.integrations.openai.footnotes import Link
from rag.integrations.openai.images import picture_of
from rag.integrations.openai.naming import libraries_of
from rag.integrations.openai.tasks import task_reply
from rag.locators import fragment
from rag.model import Actor, Evidence
from rag.querying import with_pictures
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1/chat", tags=["OpenAI's protocol"], responses=OPENAI_ERRORS, dependencies=[Sound])

_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}}


@router.post("/completions", summary="Answer a chat", responses=_STREAM)
async def complete(
    *, services: ServicesDep, actor: ActorDep, closing: ClosingDep, http: Request, request: ChatRequest
) -> Completion:
    """The last message is the question, the others its history; pictures in it are searched by.

    The content is markdown with `[n]` and the evidence below; `annotations` has each `[n]`, and `picturedesk` the
    whole answer as POST /v1/ask gives it. With `stream`, chunks; hanging up stops the LLM, and the ledger says so.
    """
    chat = await run_in_threadpool(_prepared, services, actor, request, _link(str(http.base_url)))
    if request.stream:
        return await streamed(chat, closing)  # type: ignore[return-value]  # FastAPI sends it as it is
    return await run_in_threadpool(chat.completion)


def _prepared(services: WiredServices, actor: Actor, request: ChatRequest, link: Link) -> Chat:
    """Everything that can be refused before anything is searched, looked at; pictures fetched."""
    libraries = libraries_of(request.model, services.catalog.libraries(actor))
    serving = services.serving()
    messages = request.spoken()
    if (reply := task_reply(messages)) is not None:
        return Chat(request, link, serving.encoder, lambda: iter(()), reply)
    question = asked(messages)
    place = f"messages.{question.place}.content"
    settings = services.settings
    pictures = [(picture_of(f"{place} image {n}", url, settings), 1.0) for n, url in enumerate(question.images, 1)]
    query = with_pictures(request.query(question.words, libraries, settings), pictures, [])
    strict = request.picturedesk.strict
    return Chat(
        request,
        link,
        serving.encoder,
        lambda: steps_of(services, actor, question, query, strict=strict, serving=serving),
    )


def _link(base_url: str) -> Link:
    """Addresses of originals, on the desk as this client reached it."""
    base = base_url.rstrip("/")

    def link(item: Evidence) -> str:
        visual = item.visual
        return f"{base}{asset_path(visual.library, visual.asset_id, 'original')}{fragment(visual.locator)}"

    return link
