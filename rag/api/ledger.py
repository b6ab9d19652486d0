"""The ledger, for auditors and the owner."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep
from rag.api.problems import documented
from rag.api.schemas.ledger import Consistency, Event, Events, Proof, Verification
from rag.audit.monitoring import tile_at
from rag.audit.proofs import as_text
from rag.audit.tiles import WIDTH
from rag.auditing.blinding import blinded
from rag.errors import NotAllowed

router = APIRouter(prefix="/v1/ledger", tags=["Ledger"], responses=documented(401, 403, 422, 503))

LARGEST_SEQ = 2**63 - 1
OCTETS = "application/octet-stream"

TilePath = Annotated[
    str,
    Path(description="A number, `067` or `x001/067`; `.p/WIDTH` after it for the first hashes.", examples=["000.p/5"]),
]


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
    """What was asked, found and answered, by whom. That you read it is recorded, once in ten minutes.

    Of others' reviews auditors see only which event they are of, until they have reviewed it themselves.
    """
    found = services.ledger.events(actor, kind=kind, library=library, before=before, limit=limit)
    services.ledger.accessed(actor, DOOR, {"kind": kind, "library": library})
    return Events(
        events=[Event.of(event) for event in blinded(services, actor, found)],
        next_before=found[-1].seq if len(found) == limit and found[-1].seq > 0 else None,
    )


@router.get("/events/{seq}", summary="One event", responses=documented(404))
def event(services: ServicesDep, actor: ActorDep, seq: int) -> Event:
    """The event with this number. That you read it is recorded."""
    found = services.ledger.event(actor, min(seq, LARGEST_SEQ))
    services.ledger.accessed(actor, DOOR, {"event": found.seq})
    return Event.of(*blinded(services, actor, [found]))


@router.get(
    "/events/{seq}/proof",
    summary="Proof that an event is in the ledger",
    response_model=Proof,
    responses=documented(404) | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def proof(services: ServicesDep, actor: ActorDep, request: Request, seq: int) -> Proof | Response:
    """An inclusion proof to a signed checkpoint; with `Accept: text/plain` as `tlog-proof`.

    Who has the ledger's verifier key can check it without asking anybody.
    """
    found = services.ledger.proof(actor, min(seq, LARGEST_SEQ))
    if "text/plain" in request.headers.get("accept", ""):
        return PlainTextResponse(as_text(found))
    return Proof.of(found)


@router.get("/checkpoint", summary="The newest checkpoint", response_class=PlainTextResponse, responses=documented(404))
def checkpoint(services: ServicesDep, actor: ActorDep) -> str:
    """A signed note of the ledger's size and root (`tlog-checkpoint`), of all events there are now."""
    return services.ledger.checkpoint(actor)


@router.get("/consistency", summary="Proof that the ledger only grew")
def consistency(
    services: ServicesDep,
    actor: ActorDep,
    old: Annotated[int, Query(alias="from", ge=1, le=LARGEST_SEQ, description="Events then.", examples=[1000])],
    new: Annotated[int, Query(alias="to", ge=1, le=LARGEST_SEQ, description="Events later.", examples=[1500])],
) -> Consistency:
    """That the first `to` events begin with the first `from` ones, unaltered."""
    return Consistency.of(services.ledger.consistency(actor, old, new))


_OCTETS: dict[int | str, dict[str, Any]] = {200: {"content": {OCTETS: {"schema": {"type": "string"}}}}}


@router.get(
    "/tile/entries/{path:path}",
    summary="The leaves under a tile",
    response_class=Response,
    responses=documented(404) | _OCTETS,
)
def entries(services: ServicesDep, actor: ActorDep, path: TilePath) -> Response:
    """Up to 256 leaves, each behind its length (2 bytes, big-endian), for a monitor of all libraries."""
    number, width = tile_at(path)
    return _octets(services.ledger.entries(actor, number, width), width)


@router.get(
    "/tile/{level}/{path:path}",
    summary="A tile of the Merkle tree",
    response_class=Response,
    responses=documented(404) | _OCTETS,
)
def tile(
    services: ServicesDep, actor: ActorDep, level: Annotated[int, Path(ge=0, le=7, examples=[0])], path: TilePath
) -> Response:
    """Up to 256 hashes of 32 bytes (c2sp.org/tlog-tiles; `/v1/ledger` is the prefix). A full tile never changes."""
    number, width = tile_at(path)
    return _octets(services.ledger.tile(actor, level, number, width), width)


def _octets(content: bytes, width: int) -> Response:
    lasting = "private, max-age=31536000, immutable" if width == WIDTH else "no-store"
    return Response(content, media_type=OCTETS, headers={"Cache-Control": lasting})


@router.get("/verify", summary="Check the ledger")
def verify(services: ServicesDep, actor: ActorDep) -> Verification:
    """Checks every event, the Merkle tree and the checkpoints; names the first thing that is not as it was written."""
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not verify the ledger: that takes the role auditor")
    return Verification.of(services.ledger.verify())
