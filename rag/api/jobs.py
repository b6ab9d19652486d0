"""How far an upload or a bulk import is, as it goes on, and who may stop it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from fastapi.sse import EventSourceResponse, ServerSentEvent

from rag import ingest, model
from rag import jobs as handed_in
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ClosingDep, ServicesDep, Sound
from rag.api.events import watched
from rag.api.problems import documented
from rag.api.schemas.jobs import Job, JobItems, Jobs
from rag.model import AssetState

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"], responses=documented(401, 404, 422, 503))


def wanted_job(services: ServicesDep, actor: ActorDep, job_id: str) -> model.Job:
    return services.catalog.job(actor, job_id)


JobDep = Annotated[model.Job, Depends(wanted_job)]


@router.get("", summary="The newest jobs")
def jobs(
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str | None, Query(description="None means all you may read.", examples=["default"])] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Jobs:
    """Those of the libraries you may read, newest first."""
    found = services.catalog.jobs(actor, library=library, limit=limit)
    return Jobs(jobs=[Job.of(job) for job in found])


@router.get("/{job_id}", summary="One job")
def job(found: JobDep) -> Job:
    """Counts by state; `done` when every file has reached its end."""
    return Job.of(found)


@router.get("/{job_id}/items", summary="Its files")
def items(
    *,
    services: ServicesDep,
    actor: ActorDep,
    job_id: str,
    state: Annotated[list[AssetState], Query(description="Only files in one of these states.")] = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The number of the last one of the page before.")] = 0,
) -> JobItems:
    """Each file with its state and, where it was refused, the reason."""
    return JobItems.of(services.catalog.job_items(actor, job_id, states=state, limit=limit, after=after), limit)


@router.get("/{job_id}/events", summary="As it goes on", response_class=EventSourceResponse)
async def events(
    services: ServicesDep, actor: ActorDep, closing: ClosingDep, found: JobDep
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `progress` at once and whenever something changed, `file` for each of the first 1,000 that
    are not indexed, with the reason, and `done` at the end with the whole job. After a break, connect again: the
    present state comes first."""
    async for event in watched(services.catalog, actor, found.id, closing):
        yield event


@router.post("/{job_id}/cancel", summary="Stop it", responses=documented(403))
def cancel(services: ServicesDep, actor: ActorDep, found: JobDep) -> Job:
    """Takes no more files, and skips those that are not indexed yet. What is indexed stays."""
    handed_in.cancel(services, actor, found.id, door=DOOR)
    return Job.of(services.catalog.job(actor, found.id))


@router.post(
    "/{job_id}/retry",
    summary="Try again what failed",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(403),
    dependencies=[Sound],
)
def retry(services: ServicesDep, actor: ActorDep, found: JobDep) -> Job:
    """Indexes what was skipped or quarantined once more; files that were refused at the door have to come again."""
    refs = handed_in.retry(services, actor, found.id, door=DOOR)
    ingest.send(services, refs, urgent=len(refs) <= services.settings.batch)
    return Job.of(services.catalog.job(actor, found.id))
