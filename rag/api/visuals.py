"""One picture by its id, as hits, drafts and examples name it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.api.schemas.evidence import VISUAL
from rag.api.schemas.visuals import VisualDetails
from rag.errors import NotFound
from rag.model import VisualId

router = APIRouter(prefix="/v1/visuals", tags=["Assets"], responses=documented(401, 404, 422, 503))


@router.get("/{visual_id}", summary="One picture")
def visual(
    services: ServicesDep,
    actor: ActorDep,
    visual_id: Annotated[str, Path(description="`visual_id` of a hit, or `visual` of a draft.", examples=[VISUAL])],
) -> VisualDetails:
    """Where it is, how large, and what the catalog knows of its asset."""
    known = services.catalog.visuals(actor, [VisualId(visual_id)])
    if VisualId(visual_id) not in known:
        raise NotFound(f"there is no visual {visual_id}")
    return VisualDetails.with_asset(*known[VisualId(visual_id)])
