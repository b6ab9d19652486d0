"""More like this."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.evidence import VISUAL
from rag.api.schemas.similar import SimilarResponse
from rag.describing.results import preferred_language, wish_of
from rag.model import VisualId
from rag.similar import similar as flow

router = APIRouter(
    prefix="/v1/visuals", tags=["Asking"], responses=documented(401, 404, 422, 503), dependencies=[Sound]
)


@router.get("/{visual_id}/similar", summary="More like this")
def similar(
    *,
    services: ServicesDep,
    actor: ActorDep,
    visual_id: Annotated[str, Path(description="`visual_id` of a hit.", examples=[VISUAL])],
    q: Annotated[
        str, Query(description="Filters in the short form, and words that turn the search.", examples=["tag:beach"])
    ] = "",
    library: Annotated[list[str], Query(description="Libraries; none means the picture's own.")] = [],  # noqa: B006
    k: Annotated[int, Query(description="How many pictures at most; 1 to 50.", examples=[8])] = 8,
    diversity: Annotated[float, Query(description="0: the closest; towards 1: the most different.")] = 0.1,
    per_asset: Annotated[int, Query(description="Most pictures of one film or document; 0: no limit.")] = 1,
    duplicates: Annotated[bool, Query(description="Copies of the picture too, exact and near.")] = False,
    attributes: Annotated[str, Query(description="A file of prompts/attributes; none: by the encoder.")] = "",
    language: Annotated[str, Query(description="`en` or `de`; none: by Accept-Language.", examples=["de"])] = "",
    accept_language: Annotated[str, Header(description="Where `language` is not given.")] = "",
) -> SimilarResponse:
    """Pictures like one of a library, each with what both share and where they differ.

    A description says nothing but its `facts`, which are read from tags, captions, labels that are clear on
    both pictures, their colours and their files. With an LLM, sentences are worded by it and checked against the
    facts. Recorded in the ledger before it is returned.
    """
    serving = services.serving()
    wish = wish_of(
        q,
        visual=VisualId(visual_id),
        libraries=tuple(dict.fromkeys(library)),
        top_k=k,
        diversity=diversity,
        per_asset=per_asset,
        duplicates=duplicates,
        language=language or preferred_language(accept_language),
        attributes=attributes,
    )
    return SimilarResponse.of(flow(services, actor, wish, door=DOOR, serving=serving), serving.encoder)
