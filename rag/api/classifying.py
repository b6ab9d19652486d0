"""Pictures by labels: a few at once, an upload, or a whole library as it goes on."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from rag import classify as flow
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ClosingDep, ServicesDep, Sound
from rag.api.problems import documented, problem_of
from rag.api.schemas.classifying import (
    ClassifyLibraryRequest,
    ClassifyRequest,
    ClassifyResponse,
    Counts,
    Result,
    Results,
    Untagged,
    UntagRequest,
)
from rag.api.uploads import reader, words
from rag.classifying.results import Tally, Wanted
from rag.errors import PictureDeskError
from rag.model import AssetId, AssetRef, VisualId

PATH = "/v1/classify/library"

router = APIRouter(
    prefix="/v1/classify", tags=["Classifying"], responses=documented(401, 403, 404, 422, 503), dependencies=[Sound]
)


@router.post("", summary="Classify visuals or assets")
def classify(services: ServicesDep, actor: ActorDep, request: ClassifyRequest) -> ClassifyResponse:
    """For each, one of the labels or none of them, with a calibrated confidence. Recorded before it is returned.

    An asset with several visuals is spoken for by the one that is surest of its label."""
    if request.visuals:
        ids = [VisualId(one) for one in request.visuals]
        found = flow.classify_visuals(services, actor, ids, request.wanted(), door=DOOR)
    else:
        ids_of_assets = [AssetId(one) for one in request.assets]
        refs = [
            AssetRef(request.library, one) if request.library else services.catalog.find_asset(actor, one).ref
            for one in ids_of_assets
        ]
        found = flow.classify_assets(services, actor, refs, request.wanted(), door=DOOR)
    return ClassifyResponse.of(found)


@router.post("/upload", summary="Classify an upload", responses=documented(413, 415))
def classify_upload(
    services: ServicesDep,
    actor: ActorDep,
    file: Annotated[UploadFile, File(description="A picture; of a film or PDF, its first one. It is not kept.")],
    labels: Annotated[list[str], Form(description="1 to 1,000 labels; a field may hold several, with commas.")],
    template: Annotated[str, Form(examples=["photographs"])] = "",
) -> ClassifyResponse:
    """As POST /v1/classify, for a file that is not kept."""
    content = reader(file, services.settings.max_bytes)()
    wanted = Wanted(words(labels), template)
    files = [((file.filename or "unnamed")[:400], content)]
    return ClassifyResponse.of(flow.classify_files(services, actor, files, wanted, door=DOOR))


def started(services: ServicesDep, actor: ActorDep, request: ClassifyLibraryRequest) -> flow.Pages:
    """What cannot begin is an ordinary problem, and no stream."""
    library = request.library or services.settings.library
    return flow.classify_library(services, actor, library, request.wanted(), door=DOOR)


@router.post("/library", summary="Classify a library", response_class=EventSourceResponse)
async def classify_library(
    closing: ClosingDep, pages: Annotated[flow.Pages, Depends(started)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `results` with some assets each and how far it is, and `done` with the counts, or
    `problem` where a part did not answer on the way.

    Whoever hangs up stops it; what was tagged until then stays, and the ledger says how far it came. Where people
    tagged enough assets with these labels, confidence is calibrated on them."""
    async for event in told(pages, closing):
        yield event


@router.post("/untag", summary="Take a generated tag back")
def untag(services: ServicesDep, actor: ActorDep, request: UntagRequest) -> Untagged:
    """From every asset of a library that a classification gave it to. Tags of people and files stay."""
    library = request.library or services.settings.library
    return Untagged(assets=flow.untag(services, actor, library, request.name, door=DOOR))


async def told(pages: flow.Pages, closing: threading.Event) -> AsyncIterator[ServerSentEvent]:
    """Events until the library is through, the reader is gone, or the server is about to stop."""
    yield ServerSentEvent(comment="results follow")
    try:
        while not closing.is_set():
            page = await run_in_threadpool(next, pages, None)
            if page is None:
                return
            if isinstance(page, Tally):
                yield ServerSentEvent(event="done", data=Counts.of(page))
            else:
                results = [Result.of(result) for result in page.results]
                yield ServerSentEvent(event="results", data=Results(results=results, done=page.done, total=page.total))
    except PictureDeskError as error:
        yield ServerSentEvent(event="problem", data=problem_of(error, PATH))
    finally:
        pages.close()  # writes to the ledger how far it came
