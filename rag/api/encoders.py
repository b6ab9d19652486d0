"""Encoders, for operators."""

from __future__ import annotations

from fastapi import APIRouter

from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.api.schemas.encoders import Encoders, Generation
from rag.migration.flow import require_operator

router = APIRouter(prefix="/v1", tags=["Encoders"], responses=documented(401, 403, 503))


@router.get("/encoders", summary="Encoders, and which is live")
def encoders(services: ServicesDep, actor: ActorDep) -> Encoders:
    """Every encoder that there is or was, with how far one on its way is and how it compares. For the owner."""
    require_operator(actor)
    return Encoders(
        generations=[Generation.of(one) for one in services.generations.every()], notice=services.encoder_notice
    )
