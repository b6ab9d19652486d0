"""A chat's question, put to the flows."""

from __future__ import annotations

from collections.abc import Iterator

from rag.answering.extractive import ExtractiveComposer
from rag.ask import answering
from rag.integrations.openai.conversation import Asked
from rag.model import Actor, Answer, Evidence, Piece, Prompt, Query, Question, Retrieved, Step
from rag.ports import Services, Serving
from rag.search import search

DOOR = "openai"
"""How the ledger names this door."""

UNLIKE = "I found nothing in the library that is like this."


def steps_of(
    services: Services, actor: Actor, asked: Asked, query: Query, *, strict: bool, serving: Serving
) -> Iterator[Step]:
    """The steps of an answer; of a search by pictures alone, what is like them. Raises as `rag.ask.answering`."""
    if query.words.strip():
        return answering(services, actor, Question(query, asked.history, strict), door=DOOR, serving=serving)
    return _likeness(services, actor, query, serving)


def _likeness(services: Services, actor: Actor, query: Query, serving: Serving) -> Iterator[Step]:
    """A search is recorded by one event. Nothing is asked of an LLM: there is no question."""
    retrieval = search(services, actor, query, door=DOOR, serving=serving)
    yield Retrieved(retrieval)
    like = tuple(item for item in retrieval.evidence if item.relevance >= services.settings.min_relevance)
    text = _listed(like) or UNLIKE
    yield Piece(text)
    yield Answer(
        text=text,
        citations=tuple(item.number for item in like),
        retrieval=retrieval,
        composer=ExtractiveComposer.id if like else "none",
        abstained=not like,
        events=() if retrieval.event is None else (retrieval.event,),
    )


def _listed(evidence: tuple[Evidence, ...]) -> str:
    if not evidence:
        return ""
    prompt = Prompt(id="", hash="", question="", messages=(), evidence=evidence)
    return "".join(ExtractiveComposer().stream(prompt))
