"""Reviews over HTTP: what waits, what people say of it, and what follows from that."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from rag.api.auditing import LARGEST_SEQ
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep
from rag.api.problems import documented
from rag.api.schemas.auditing import Review
from rag.api.schemas.reviewing import Agreement, Queue, Reviewed, ReviewRequest, Threshold, Waiting
from rag.auditing import labels, reviewing

router = APIRouter(prefix="/v1/audit", tags=["Auditing"], responses=documented(401, 403, 422, 503))

OneLibrary = Annotated[str, Query(description="Empty: all that you may read.", examples=["default"])]


@router.get("/queue", summary="What waits for your review")
def queue(
    services: ServicesDep,
    actor: ActorDep,
    library: OneLibrary = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Queue:
    """The riskiest first, by the rules that the desk is set to. What you reviewed, or two agree on, is not among it."""
    found = reviewing.queue(services, actor, limit=limit, library=library, door=DOOR)
    return Queue(waiting=[Waiting.of(one) for one in found])


@router.post("/events/{seq}/reviews", summary="Review an event", responses=documented(404))
def review(services: ServicesDep, actor: ActorDep, seq: int, body: ReviewRequest) -> Reviewed:
    """Recorded in the ledger. A second person is asked for; a second review of yours takes the place of the first."""
    written, standing = reviewing.review(services, actor, min(seq, LARGEST_SEQ), body.said(), door=DOOR)
    return Reviewed(review=Review.of(written), standing=standing)


@router.get("/agreement", summary="How far people agree")
def agreement(services: ServicesDep, actor: ActorDep, library: OneLibrary = "") -> Agreement:
    """Cohen's kappa of each two people, Krippendorff's alpha of all."""
    return Agreement.of(labels.agreement(services, actor, library=library, door=DOOR))


@router.get("/labels", summary="Labels as judgements", response_class=PlainTextResponse)
def judgements(
    services: ServicesDep,
    actor: ActorDep,
    library: OneLibrary = "",
    settled: Annotated[bool, Query(description="Only what two people agree on.")] = False,
    what: Annotated[Literal["qrels", "questions"], Query(description="TREC's judgements, or their words.")] = "qrels",
) -> str:
    """For `picturedesk eval --judgements … --questions …`."""
    found = labels.judgements(services, actor, library=library, settled=settled, door=DOOR)
    return labels.qrels(found) if what == "qrels" else labels.questions(found)


@router.get("/threshold", summary="A threshold from labels")
def threshold(
    services: ServicesDep,
    actor: ActorDep,
    library: OneLibrary = "",
    most_lost: Annotated[float, Query(ge=0, le=1, description="Of the answerable questions.")] = 0.05,
) -> Threshold:
    """What to set PICTUREDESK_MIN_RELEVANCE to, by what people found relevant, and what that does."""
    return Threshold.of(labels.threshold(services, actor, library=library, most_lost=most_lost, door=DOOR))
