"""What the page shows before the first question."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rag import __version__
from rag.api.auth import ActorDep
from rag.api.context import ServicesDep, WarmUpDep
from rag.api.problems import documented
from rag.api.schemas.evidence import Coverage, Encoder
from rag.api.schemas.library import Libraries
from rag.api.schemas.status import Profile, Status
from rag.retrieval.rights import readable_libraries
from rag.settings import Settings, without_credentials

router = APIRouter(prefix="/v1", tags=["Status"], responses=documented(401, 404, 422, 503))


@router.get("/libraries", summary="Libraries you may read")
def libraries(services: ServicesDep, actor: ActorDep) -> Libraries:
    """Their names, sorted."""
    return Libraries(libraries=services.catalog.libraries(actor))


@router.get("/status", summary="How the desk stands")
def status(
    services: ServicesDep,
    actor: ActorDep,
    warm_up: WarmUpDep,
    library: Annotated[list[str], Query(description="Coverage of these only.")] = [],  # noqa: B006
) -> Status:
    """Coverage, encoder and composer; where the parts are, for the owner."""
    settings = services.settings
    names = services.catalog.libraries(actor)
    ready = services.is_open("store")
    serving = services.serving() if ready else None
    return Status(
        version=__version__,
        actor=actor.id,
        ready=ready,
        trouble=warm_up.trouble,
        encoder=Encoder.of(serving.encoder) if serving else None,
        generation=serving.number if serving and actor.has() else None,
        composer=settings.llm or "extractive",
        libraries=names,
        library=settings.library,
        may_upload=actor.has("editor") and actor.may_read(settings.library),
        may_edit=actor.has("editor"),
        may_audit=actor.has("auditor"),
        moderated=bool(settings.policy),
        min_relevance=settings.min_relevance,
        coverage=Coverage.of(services.catalog.coverage(actor, readable_libraries(actor, library, names))),
        profile=_profile(settings) if actor.has() else None,
    )


def _profile(settings: Settings) -> Profile:
    return Profile(
        database=without_credentials(settings.database_url),
        vectors=without_credentials(settings.vectors_url),
        broker=without_credentials(settings.broker),
        blobs=without_credentials(settings.blobs_url),
    )
