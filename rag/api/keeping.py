"""What is forgotten, how long it is kept, and what must not go: for the owner; auditors may look."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep
from rag.api.problems import documented
from rag.api.schemas.keeping import Erasure, ErasureRequest, Hold, HoldRequest, Holds, Kept, Retention
from rag.erasing import erase_asset, erase_person, held_of_asset, held_of_person
from rag.errors import NotAllowed, NotFound
from rag.model import Actor, AssetId

router = APIRouter(prefix="/v1/ledger", tags=["Ledger"], responses=documented(401, 403, 422, 503))

BODY = {"door": DOOR}
HoldName = Annotated[str, Path(min_length=1, max_length=100, examples=["case-7"])]


@router.post("/erasures", summary="Erase a person or an asset")
def erase(services: ServicesDep, actor: ActorDep, body: ErasureRequest) -> Erasure:
    """Here and in what the ledger recorded; all proofs still hold. With `preview`, only what it would take is told.

    Should a part not answer (503), the same request finishes it. A legal hold is in the way (403).
    """
    if body.actor is not None:
        if body.preview:
            return Erasure.of(held_of_person(services, actor, body.actor))
        return Erasure.of(erase_person(services, actor, body.actor, door=DOOR))
    asset = AssetId(body.asset or "")
    if body.preview:
        return Erasure.of(held_of_asset(services, actor, asset))
    return Erasure.of(erase_asset(services, actor, asset, door=DOOR))


@router.get("/retention", summary="How long what is recorded is kept")
def retention(services: ServicesDep, actor: ActorDep) -> Retention:
    """Libraries that have a limit; what is recorded of all others is kept for ever."""
    _require_auditor(actor)
    kept = services.ledger.kept_days()
    return Retention(
        kept=[Kept(library=name, days=days) for name, days in sorted(kept.items())],
        fewest_days=services.settings.retention_days,
    )


@router.put("/retention", summary="Keep it for a time only", responses=documented(404))
def keep(services: ServicesDep, actor: ActorDep, body: Kept) -> Kept:
    """Month by month, and up to a month longer; without `days` for ever."""
    if body.library and body.library not in services.catalog.libraries(actor):
        raise NotFound(f"there is no library {body.library!r}")
    services.ledger.keep(actor, body.library, body.days, BODY)
    return body


@router.get("/holds", summary="Legal holds")
def holds(
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str | None, Query(description="Only those on it.", examples=["news"])] = None,
) -> Holds:
    """What nothing is erased of until it is lifted."""
    _require_auditor(actor)
    found = services.ledger.holds()
    return Holds(holds=[Hold.of(one) for one in found if library is None or one.library == library])


@router.put("/holds/{name:path}", summary="Place a legal hold")
def hold(services: ServicesDep, actor: ActorDep, name: HoldName, body: HoldRequest) -> Hold:
    """On all that is recorded of a library, or on the events of a case. A name that is taken is refused."""
    placed = body.named(name)
    services.ledger.hold(actor, placed, BODY)
    return Hold.of(placed)


@router.delete(
    "/holds/{name:path}", summary="Lift it", status_code=status.HTTP_204_NO_CONTENT, responses=documented(404)
)
def lift(services: ServicesDep, actor: ActorDep, name: HoldName) -> None:
    """From then on what it kept may be erased, and goes when its time is over."""
    services.ledger.lift(actor, name, BODY)


def _require_auditor(actor: Actor) -> None:
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not read the ledger: that takes the role auditor")
