"""Conversations that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from rag import model
from rag.api.schemas.evidence import Evidence

ID = "6f1c2a7e-0b1d-4f1c-9a55-3f0c1f2a7e0b"


class Conversation(BaseModel):
    """Questions of yours that follow one another."""

    id: str = Field(examples=[ID])
    title: str = Field(description="Its first question.", examples=["Which of our pictures show a red car?"])
    began_at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    changed_at: datetime = Field(examples=["2026-04-01T09:42:00Z"])
    turns: int = Field(examples=[3])

    @classmethod
    def of(cls, kept: model.Conversation) -> Conversation:
        return cls(id=kept.id, title=kept.title, began_at=kept.began_at, changed_at=kept.changed_at, turns=kept.turns)


class Conversations(BaseModel):
    """A page of them, newest change first."""

    conversations: list[Conversation]
    next_page: str | None = Field(description="`after` for the next page; none on the last.", examples=[ID])


class Turn(BaseModel):
    """One question with its answer."""

    question: str = Field(examples=["Only those at night?"])
    standalone: str | None = Field(description="As it was searched.", examples=["red cars at night"])
    answer: str = Field(examples=["A red car on a beach at night [1]."])
    abstained: bool = Field(examples=[False])
    at: datetime = Field(examples=["2026-04-01T09:42:00Z"])
    events: list[int] = Field(description="The ledger's numbers.", examples=[[41, 42]])
    evidence: list[Evidence] = Field(description="What it rested on, as far as that is still there for you.")


class Transcript(BaseModel):
    """A whole conversation, oldest turn first."""

    conversation: Conversation
    turns: list[Turn]

    @classmethod
    def of(
        cls,
        conversation: model.Conversation,
        turns: Sequence[model.KeptTurn],
        evidence: Mapping[int, Sequence[model.Evidence]],
    ) -> Transcript:
        """`evidence`: by the number of the retrieval's event."""
        return cls(
            conversation=Conversation.of(conversation),
            turns=[
                Turn(
                    question=kept.turn.question,
                    standalone=kept.turn.standalone or None,
                    answer=kept.turn.answer,
                    abstained=kept.abstained,
                    at=kept.at,
                    events=list(kept.events),
                    evidence=[Evidence.of(item) for item in evidence.get(kept.events[0] if kept.events else -1, ())],
                )
                for kept in turns
            ],
        )
