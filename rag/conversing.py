"""Conversations: what was said before a question, what is kept of it, and the evidence that is still there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.prompting import TURNS
from rag.audit.deeds import conversation_draft
from rag.errors import NotFound
from rag.model import NEW, Actor, Answer, Evidence, Json, KeptTurn, Question, Turn, VisualId
from rag.ports import Services
from rag.retrieval.search import evidence_of


def history_of(services: Services, actor: Actor, question: Question) -> tuple[Turn, ...]:
    """What was said before: by a kept conversation, or as given. Raises NotFound."""
    if question.conversation in ("", NEW):
        return question.history
    return tuple(services.conversations.history(actor, question.conversation, limit=TURNS))


def conversation_of(question: Question) -> str:
    """The id of the conversation that an answer will belong to; empty where none is kept."""
    return str(uuid.uuid4()) if question.conversation == NEW else question.conversation


def remember(services: Services, actor: Actor, question: Question, answer: Answer) -> str:
    """Keep a turn where that is wanted: in `answer.conversation`, which is made where the question begins one.

    Returns:
        The conversation's id; empty where none is kept, or it was deleted while this was answered.
    """
    conversation, kept = answer.conversation, services.conversations
    if not conversation:
        return ""
    if question.conversation == NEW:
        kept.begin(actor, answer.question, conversation)
    turn = Turn(answer.question, answer.text, answer.standalone)
    try:
        kept.add(actor, conversation, turn, events=answer.events, abstained=answer.abstained)
    except NotFound:
        return ""
    return conversation


def delete(services: Services, actor: Actor, conversation: str, *, door: str) -> None:
    """Remove a conversation with its turns, once that is recorded; what the ledger has of its questions stays.

    Raises:
        NotFound: there is none of this actor's.
        LedgerUnavailable: it could not be recorded; nothing is removed.
    """
    found = services.conversations.get(actor, conversation)
    services.ledger.append(conversation_draft(actor, door, found))
    services.conversations.delete(actor, found.id)


def evidence_of_turns(services: Services, actor: Actor, turns: Sequence[KeptTurn]) -> dict[int, list[Evidence]]:
    """The evidence of each turn by the number of its retrieval's event, numbered as the answer cites it.

    What was deleted since, or is hidden from the actor now, is left out.
    """
    recorded = {turn.events[0]: _recorded(services, actor, turn.events[0]) for turn in turns if turn.events}
    ids = list({VisualId(item["visual"]) for items in recorded.values() for item in items})
    known = services.catalog.visuals(actor, ids)
    return {
        event: [
            replace(evidence_of(item["number"], *known[VisualId(item["visual"])]), relevance=item["relevance"])
            for item in items
            if item["visual"] in known
        ]
        for event, items in recorded.items()
    }


def _recorded(services: Services, actor: Actor, event: int) -> list[Json]:
    try:
        return services.ledger.own(actor, event).entries("evidence")
    except NotFound:
        return []
