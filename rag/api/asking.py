"""Search and ask."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from rag import model
from rag import search as searching
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ClosingDep, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.asking import AskRequest, AskResponse, SearchRequest, SearchResponse
from rag.api.streaming import EVENT_STREAM, streamed
from rag.api.uploads import reader
from rag.ask import answering, check_question
from rag.ask import ask as answer_to
from rag.errors import BadQuery, UnsupportedMedia
from rag.model import Actor, Channel
from rag.ports import Serving
from rag.querying import with_pictures
from rag.retrieval.checking import MOST_PARTS
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1", tags=["Asking"], responses=documented(401, 404, 422, 503), dependencies=[Sound])

Pictures = Annotated[list[UploadFile], File(max_length=MOST_PARTS)]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}},
    **documented(502),
}
Weights = Annotated[list[float], Form(max_length=MOST_PARTS, description="One for each picture; none: 1 each.")]


@router.post("/search", summary="Find pictures")
def search(services: ServicesDep, actor: ActorDep, response: Response, request: SearchRequest) -> SearchResponse:
    """The pictures closest to the query, best first. Recorded in the ledger before it is returned.

    `next_page` leads on through the order of the first page, whatever is ingested meanwhile.
    """
    return _found(services, actor, response, *request.to_query(services.settings))


@router.get("/search", summary="Find pictures, by a link")
def search_by_link(
    *,
    services: ServicesDep,
    actor: ActorDep,
    response: Response,
    q: Annotated[str, Query(description="Words, in the short form.", examples=["red car on a beach tag:cc0"])] = "",
    library: Annotated[list[str], Query(description="Libraries; none means all you may read.")] = [],  # noqa: B006
    k: Annotated[int | None, Query(description="How many pictures at most; 1 to 100.", examples=[8])] = None,
    channel: Annotated[list[Channel], Query(description="Where to look; none means everywhere.")] = [],  # noqa: B006
    diversity: Annotated[float, Query(description="0: the closest; towards 1: the most different.")] = 0.0,
    per_asset: Annotated[int, Query(description="Most pictures of one film or document; 0: no limit.")] = 0,
    page: Annotated[str, Query(description="`next_page` of an answer; alone, or with the same query.")] = "",
) -> SearchResponse:
    """As POST /v1/search, with filters in the short form alone."""
    request = SearchRequest(
        query=q, libraries=library, top_k=k, channels=channel, diversity=diversity, per_asset=per_asset, page=page
    )
    return _found(services, actor, response, *request.to_query(services.settings))


@router.post("/search/by-image", summary="Find pictures like a picture", responses=documented(413))
def search_by_image(
    *,
    services: ServicesDep,
    actor: ActorDep,
    response: Response,
    like: Pictures = [],  # noqa: B006
    not_like: Pictures = [],  # noqa: B006
    like_weight: Weights = [],  # noqa: B006
    not_like_weight: Weights = [],  # noqa: B006
    query: Annotated[str, Form(description="Words, in the short form.", examples=["-night"])] = "",
    request: Annotated[str, Form(description="All else: the JSON that POST /v1/search takes.")] = "",
) -> SearchResponse:
    """Pictures that hits should be like, or unlike, come as files; nothing of them is kept but their hashes.

    `curl -F like=@photo.jpg -F query="in winter -night" http://127.0.0.1:8000/v1/search/by-image`
    """
    asked, terms = _said(query, request).to_query(services.settings)
    most = services.settings.max_bytes
    asked = with_pictures(
        asked,
        _weighed("like", like, like_weight, most),
        _weighed("not_like", not_like, not_like_weight, most),
    )
    return _found(services, actor, response, asked, terms)


@router.post("/ask", summary="Answer a question", responses=_STREAM)
async def ask(
    *,
    services: ServicesDep,
    actor: ActorDep,
    closing: ClosingDep,
    request: AskRequest,
    accept: Annotated[str, Header(description="`text/event-stream` for the answer as it is written.")] = "",
) -> AskResponse:
    """An answer from the library whose citations can be checked, or that the library holds none.

    With `Accept: text/event-stream`, as server-sent events: `evidence` first, `piece` after `piece` of the text,
    `answer` at the end with everything; `restarted` where the pieces so far are void, `error` with a problem.
    Hanging up stops the LLM, and the ledger says so.
    """
    question, serving = await run_in_threadpool(_asked, services, request)
    if EVENT_STREAM in accept:
        steps = partial(answering, services, actor, question, door=DOOR, serving=serving)
        return await streamed(steps, serving.encoder, closing)  # type: ignore[return-value]  # FastAPI sends it as it is
    answer = await run_in_threadpool(answer_to, services, actor, question, door=DOOR, serving=serving)
    return AskResponse.of(answer, serving.encoder)


def _asked(services: WiredServices, request: AskRequest) -> tuple[model.Question, Serving]:
    question = request.to_question(services.settings)
    check_question(question)
    return question, services.serving()


def _found(
    services: WiredServices, actor: Actor, response: Response, query: model.Query, terms: tuple[str, ...]
) -> SearchResponse:
    serving = services.serving()
    retrieval = searching.search(services, actor, query, door=DOOR, serving=serving)
    if retrieval.next_page:
        response.headers["Link"] = f'</v1/search?page={retrieval.next_page}&k={query.top_k}>; rel="next"'
    return SearchResponse.of(retrieval, serving.encoder, terms)


def _said(query: str, request: str) -> SearchRequest:
    """The JSON in a form field, with the words beside it. Raises BadQuery."""
    try:
        said = SearchRequest.model_validate_json(request) if request.strip() else SearchRequest()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadQuery(f"request{'.' if place else ''}{place}: {first['msg']}") from error
    if query and said.query:
        raise BadQuery("query and request.query are both given; give one of them")
    return said.model_copy(update={"query": query or said.query})


def _weighed(name: str, files: list[UploadFile], weights: list[float], most: int) -> list[tuple[bytes, float]]:
    if weights and len(weights) != len(files):
        raise BadQuery(
            f"{name}_weight has {len(weights)} numbers for {len(files)} pictures; give one for each, or none"
        )
    contents = []
    for number, file in enumerate(files):
        try:
            contents.append(reader(file, most)())
        except UnsupportedMedia as error:
            raise BadQuery(f"{name}[{number}]: {error}") from error
    return list(zip(contents, weights or [1.0] * len(files), strict=True))
