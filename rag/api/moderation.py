"""Moderation over HTTP: the policy, a check of what is not kept, the queue, and decisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.moderation import (
    CategoryCounts,
    CheckResponse,
    ClaimRequest,
    DecideRequest,
    DecideVisualRequest,
    Entry,
    Policy,
    Queue,
    Report,
)
from rag.api.uploads import reader
from rag.model import Action, EntryState, VisualId
from rag.moderation import review
from rag.moderation.checking import check_file, moderator_of
from rag.sources.entry import LONGEST_CAPTION

router = APIRouter(prefix="/v1/moderation", tags=["Moderation"], responses=documented(401, 403, 404, 422, 503))


@router.get("/policy", summary="The policy in use", dependencies=[Sound])
def policy(services: ServicesDep, actor: ActorDep) -> Policy:
    """Its categories with the thresholds in use, fitted or the file's; for editors. 422 where no policy is set."""
    review.require_moderator(actor)
    return Policy.of(moderator_of(services).rules(services.serving().encoder.id))


@router.post("/check", summary="Check a picture and its text", responses=documented(413, 415), dependencies=[Sound])
def check(
    services: ServicesDep,
    actor: ActorDep,
    file: Annotated[UploadFile, File(description="A picture; of a film or PDF, its first one. It is not kept.")],
    text: Annotated[str, Form(max_length=LONGEST_CAPTION, examples=["A glass of lemonade"])] = "",
) -> CheckResponse:
    """What the policy says of a picture, of a text, and of both together, without taking anything in."""
    content = reader(file, services.settings.max_bytes)()
    name = (file.filename or "unnamed")[:400]
    return CheckResponse.of(check_file(services, actor, name, content, text, door=DOOR))


@router.get("/queue", summary="What waits for people")
def queue(
    *,
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str | None, Query(description="Only this library's.")] = None,
    category: Annotated[str | None, Query(description="Only this category's.")] = None,
    state: Annotated[list[EntryState] | None, Query(description="None means those that are open.")] = None,
    limit: Annotated[int, Query(ge=1, le=review.MOST_ENTRIES)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Queue:
    """Findings with their reasons, the most severe first, then the most ambiguous, then the oldest; for editors."""
    states = state or [EntryState.OPEN]
    found = review.queue(services, actor, library=library, category=category, states=states, limit=limit, offset=offset)
    more = offset + limit if len(found) == limit else None
    return Queue(entries=[Entry.of_entry(entry) for entry in found], next=more)


@router.get("/report", summary="How moderation stands")
def report(
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str | None, Query(description="Only this library's.")] = None,
) -> Report:
    """By category: how many wait and since when, how many were decided, and how often people overturned the policy."""
    return Report(categories=[CategoryCounts.of(one) for one in review.counts(services, actor, library)])


@router.get("/{entry_id}", summary="One finding")
def entry(services: ServicesDep, actor: ActorDep, entry_id: str) -> Entry:
    """As it stands now, with the version to decide on."""
    review.require_moderator(actor)
    return Entry.of_entry(services.reviews.entry(actor, entry_id))


@router.post("/{entry_id}/claim", summary="Look at a finding", responses=documented(409))
def claim(services: ServicesDep, actor: ActorDep, entry_id: str, request: ClaimRequest) -> Entry:
    """Nobody else decides it for half an hour. 409 where somebody was first, or it changed since."""
    return Entry.of_entry(review.claim(services, actor, entry_id, version=request.version, door=DOOR))


@router.post("/{entry_id}/decide", summary="Decide about a finding", responses=documented(409))
def decide(services: ServicesDep, actor: ActorDep, entry_id: str, request: DecideRequest) -> Entry:
    """Allow, blur or block; it holds at once. Of two who decide at a time one wins, the other gets 409."""
    action = Action(request.decision)
    return Entry.of_entry(
        review.decide(services, actor, entry_id, action, version=request.version, comment=request.comment, door=DOOR)
    )


@router.post("/visuals/{visual_id}/decide", summary="Decide about a picture", responses=documented(409))
def decide_visual(services: ServicesDep, actor: ActorDep, visual_id: str, request: DecideVisualRequest) -> Entry:
    """For what no policy found: hides its asset, or takes back what was hidden this way."""
    action = Action(request.decision)
    found = review.decide_visual(services, actor, VisualId(visual_id), action, comment=request.comment, door=DOOR)
    return Entry.of_entry(found)
