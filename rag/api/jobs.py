"""How far an upload or a bulk import is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.api.schemas.library import Job, JobItems
from rag.model import AssetState

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"], responses=documented(401, 404, 422, 503))


@router.get("/{job_id}", summary="One job")
def job(services: ServicesDep, actor: ActorDep, job_id: str) -> Job:
    """Counts by state; `done` when every file has reached its end."""
    return Job.of(services.catalog.job(actor, job_id))


@router.get("/{job_id}/items", summary="Its files")
def items(
    services: ServicesDep,
    actor: ActorDep,
    job_id: str,
    state: Annotated[AssetState | None, Query(description="Only files in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> JobItems:
    """Each file with its state and, where it was refused, the reason."""
    return JobItems.of(services.catalog.job_items(actor, job_id, state=state), limit)
