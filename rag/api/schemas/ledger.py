"""The ledger as an auditor reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from rag import model

HASH = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"


class Event(BaseModel):
    """One audit record."""

    seq: int = Field(examples=[41])
    at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    kind: str = Field(examples=["retrieval"])
    actor: str = Field(examples=["local"])
    library: str = Field(description="Empty when the query went over several.", examples=["default"])
    body: dict[str, Any] = Field(description="What happened.", examples=[{"door": "http", "query": {"text": "beach"}}])
    previous: str = Field(description="Hash of the event before.", examples=[HASH])
    hash: str = Field(description="SHA-256 over everything else here.", examples=[HASH])

    @classmethod
    def of(cls, event: model.Event) -> Event:
        return cls(
            seq=event.seq,
            at=event.at,
            kind=event.kind,
            actor=event.actor,
            library=event.library,
            body=event.body,
            previous=event.previous,
            hash=event.hash,
        )


class Events(BaseModel):
    """Events, newest first."""

    events: list[Event]
    next_before: int | None = Field(description="`before` for the page that follows; none on the last.", examples=[12])


class Verification(BaseModel):
    """Whether the chain of events holds."""

    holds: bool = Field(examples=[True])
    fault: str | None = Field(description="The first event that does not fit, and why.", examples=[None])
