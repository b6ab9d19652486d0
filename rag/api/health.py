"""For those who run the process: is it alive, can it serve."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response, status

from rag.api.context import ServicesDep, WarmUpDep
from rag.api.schemas.status import Alive, Readiness
from rag.api.startup import WarmUp
from rag.errors import EncoderBroken, PictureDeskError
from rag.wiring import WiredServices

router = APIRouter(tags=["Health"])

PINGS: dict[str, Callable[[WiredServices], object]] = {
    "catalog": lambda services: services.catalog.ping(),
    "store": lambda services: services.collections.ping(),
    "encoder": lambda services: services.encoder.id,
    "queue": lambda services: services.queue.ping(),
}
READY, LOADING, UNAVAILABLE, BROKEN = "ok", "loading", "unavailable", "broken"


@router.get("/healthz", summary="Is the process alive?")
def alive() -> Alive:
    """Answers as long as the process does; looks at no other part."""
    return Alive(status=READY)


@router.get("/readyz", summary="Can it serve?", responses={503: {"model": Readiness, "description": "Not yet."}})
def ready(services: ServicesDep, warm_up: WarmUpDep, response: Response) -> Readiness:
    """Asks catalog, vector store, encoder and queue; 503 names what is missing.

    An encoder is `ok` once it sees the canary picture as recorded, and `broken` when it sees something else.
    """
    parts = readiness(services, warm_up)
    complete = all(state == READY for state in parts.values())
    response.status_code = status.HTTP_200_OK if complete else status.HTTP_503_SERVICE_UNAVAILABLE
    serving = services.serving() if services.is_open("store") else None
    return Readiness(
        ready=complete,
        generation=serving.number if serving else None,
        encoder=serving.encoder.id if serving else "",
        parts=parts,
    )


def readiness(services: WiredServices, warm_up: WarmUp) -> dict[str, str]:
    """Each part's state. A part that is not open yet is not opened here: that could take as long as a model loads."""
    parts = {name: _state(services, name, ping) for name, ping in PINGS.items()}
    if isinstance(warm_up.failure, EncoderBroken):
        return parts | {"encoder": BROKEN}
    return parts if warm_up.sound else parts | {"encoder": LOADING}


def _state(services: WiredServices, name: str, ping: Callable[[WiredServices], object]) -> str:
    if not services.is_open(name):
        return LOADING
    try:
        ping(services)
    except PictureDeskError:
        return UNAVAILABLE
    return READY
