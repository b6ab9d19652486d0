"""The ledger, for auditors and the owner."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.api.schemas.ledger import Event, Events, Verification
from rag.errors import NotAllowed

router = APIRouter(prefix="/v1/ledger", tags=["Ledger"], responses=documented(401, 403, 422, 503))

LARGEST_SEQ = 2**63 - 1


@router.get("/events", summary="Events, newest first")
def events(
    *,
    services: ServicesDep,
    actor: ActorDep,
    kind: Annotated[str | None, Query(description="`retrieval`, `answer`, …", examples=["answer"])] = None,
    library: Annotated[str | None, Query(examples=["default"])] = None,
    before: Annotated[int | None, Query(ge=0, le=LARGEST_SEQ, description="A sequence number, exclusive.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Events:
    """What was asked, found and answered, by whom."""
    found = services.ledger.events(actor, kind=kind, library=library, before=before, limit=limit)
    return Events(
        events=[Event.of(event) for event in found],
        next_before=found[-1].seq if len(found) == limit and found[-1].seq > 0 else None,
    )


@router.get("/events/{seq}", summary="One event", responses=documented(404))
def event(services: ServicesDep, actor: ActorDep, seq: int) -> Event:
    """The event with this number."""
    return Event.of(services.ledger.event(actor, min(seq, LARGEST_SEQ)))


@router.get("/verify", summary="Check the chain")
def verify(services: ServicesDep, actor: ActorDep) -> Verification:
    """Recomputes every hash; names the first event that was changed, removed or slipped in."""
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not verify the ledger: that takes the role auditor")
    fault = services.ledger.first_fault()
    return Verification(holds=fault is None, fault=fault)
