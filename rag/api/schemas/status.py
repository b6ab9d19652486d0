"""How the desk stands."""

from __future__ import annotations

from pydantic import BaseModel, Field

from rag.api.schemas.evidence import Coverage, Encoder


class Profile(BaseModel):
    """Where the parts are, without credentials."""

    database: str = Field(examples=["sqlite:///data/catalog.sqlite"])
    vectors: str = Field(examples=["edge://data/vectors"])
    broker: str = Field(examples=["memory://"])
    blobs: str = Field(examples=["file://data/blobs"])


class Status(BaseModel):
    """What a page shows before the first question."""

    version: str = Field(examples=["0.1.0"])
    actor: str = Field(examples=["local"])
    ready: bool = Field(description="True when searches need not wait for the encoder.", examples=[True])
    trouble: str = Field(description="Why it is not ready, where that is known.", examples=[""])
    encoder: Encoder | None = Field(description="None while it loads.")
    generation: int | None = Field(description="Which of the encoders this is; for the owner.", examples=[1])
    composer: str = Field(description="Who writes answers: `extractive`, or an LLM.", examples=["extractive"])
    libraries: list[str] = Field(description="Those you may read.", examples=[["default"]])
    library: str = Field(description="Where uploads go when they name none.", examples=["default"])
    may_upload: bool = Field(examples=[True])
    may_edit: bool = Field(
        description="Whether you may draft, review and moderate in these libraries.", examples=[True]
    )
    may_audit: bool = Field(description="Whether you may read the ledger.", examples=[True])
    moderated: bool = Field(description="Whether a policy checks what comes in.", examples=[False])
    min_relevance: float = Field(description="Below this nothing counts as evidence for an answer.", examples=[0.5])
    coverage: Coverage
    profile: Profile | None = Field(description="For the owner only.")


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """Whether every part answers: `ok`, `loading`, `unavailable` or `broken` each."""

    ready: bool = Field(examples=[True])
    generation: int | None = Field(description="Which encoder is live here; None while it loads.", examples=[1])
    encoder: str = Field(description="Its id.", examples=["demo@0f3f6d0f2b7c.8d7f1c"])
    parts: dict[str, str] = Field(examples=[{"catalog": "ok", "store": "ok", "encoder": "ok", "queue": "ok"}])
