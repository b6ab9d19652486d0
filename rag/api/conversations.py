"""What you asked before: listed, read, deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from rag import conversing
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep
from rag.api.problems import documented
from rag.api.schemas.conversations import Conversation, Conversations, Transcript
from rag.conversing import evidence_of_turns

router = APIRouter(prefix="/v1/conversations", tags=["Asking"], responses=documented(401, 404, 422, 503))


@router.get("", summary="Your conversations")
def conversations(
    services: ServicesDep,
    actor: ActorDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(description="`next_page` of the page before.", examples=[""])] = "",
) -> Conversations:
    """Newest change first. Nobody else sees them, whatever their role."""
    kept, before = services.conversations, None
    if after:
        last = kept.get(actor, after)
        before = last.changed_at, last.id
    found = kept.every(actor, limit=limit + 1, before=before)
    page = found[:limit]
    return Conversations(
        conversations=[Conversation.of(one) for one in page], next_page=page[-1].id if len(found) > limit else None
    )


@router.get("/{conversation_id}", summary="One conversation")
def conversation(services: ServicesDep, actor: ActorDep, conversation_id: str) -> Transcript:
    """All of its turns, with the evidence that is still there for you. POST /v1/ask goes on with it."""
    found = services.conversations.get(actor, conversation_id)
    turns = services.conversations.turns(actor, conversation_id)
    return Transcript.of(found, turns, evidence_of_turns(services, actor, turns))


@router.delete("/{conversation_id}", summary="Delete it", status_code=status.HTTP_204_NO_CONTENT)
def delete(services: ServicesDep, actor: ActorDep, conversation_id: str) -> Response:
    """Removes the conversation with its turns, and records that. What the ledger has of its questions stays there."""
    conversing.delete(services, actor, conversation_id, door=DOOR)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
