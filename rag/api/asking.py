"""Search and ask."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rag import ask as flow
from rag import model
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.asking import AskRequest, AskResponse, SearchRequest, SearchResponse

router = APIRouter(prefix="/v1", tags=["Asking"], responses=documented(401, 404, 422, 503), dependencies=[Sound])


@router.post("/search", summary="Find pictures")
def search(services: ServicesDep, actor: ActorDep, request: SearchRequest) -> SearchResponse:
    """The pictures closest to the words, best first. Recorded in the ledger before it is returned."""
    query = request.to_query(services.settings.top_k)
    serving = services.serving()
    return SearchResponse.of(flow.search(services, actor, query, door=DOOR, serving=serving), serving.encoder)


@router.get("/search", summary="Find pictures, by a link")
def search_by_link(
    services: ServicesDep,
    actor: ActorDep,
    q: Annotated[str, Query(description="Words to find pictures by.", examples=["red car on a beach"])],
    library: Annotated[list[str], Query(description="Libraries; none means all you may read.")] = [],  # noqa: B006
    k: Annotated[int | None, Query(description="How many pictures at most; 1 to 100.", examples=[8])] = None,
) -> SearchResponse:
    """As POST /v1/search, without a filter."""
    top_k = services.settings.top_k if k is None else k
    query = model.Query(text=q, libraries=tuple(dict.fromkeys(library)), top_k=top_k)
    serving = services.serving()
    return SearchResponse.of(flow.search(services, actor, query, door=DOOR, serving=serving), serving.encoder)


@router.post("/ask", summary="Answer a question")
def ask(services: ServicesDep, actor: ActorDep, request: AskRequest) -> AskResponse:
    """An answer from the library whose citations can be checked, or that the library holds none."""
    query = request.to_query(services.settings.top_k)
    serving = services.serving()
    return AskResponse.of(flow.ask(services, actor, query, door=DOOR, serving=serving), serving.encoder)
