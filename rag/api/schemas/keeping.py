"""Erasure, retention and legal holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, Field, model_validator

from rag import ports
from rag.api.schemas.text import Text

if TYPE_CHECKING:  # clients read these schemas, and load neither database nor pipeline for it
    from rag import erasing

ASSET = "2e73dae60321b7a4d7d6e1f0c9b8a7968574635241302f1e0d9c8b7a69584736"
LARGEST_SEQ = 2**63 - 1
LONGEST_KEPT = 100_000

Event = Annotated[int | None, Field(ge=0, le=LARGEST_SEQ)]


class ErasureRequest(BaseModel):
    """Whom or what: one of them."""

    actor: Annotated[Text | None, Field(max_length=200, description="A person, as events name them.")] = Field(
        None, examples=["ann"]
    )
    asset: Annotated[Text | None, Field(description="An asset's whole id.")] = Field(None, examples=[None])
    preview: bool = Field(False, description="Change nothing, and say what it would take.", examples=[True])

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.actor is None) == (self.asset is None):
            raise ValueError("say who or what: actor, or asset")
        return self


class Erasure(BaseModel):
    """What is there of somebody or something, or what was erased."""

    event: int | None = Field(description="Records it; none as long as nothing is erased.", examples=[57])
    subjects: int = Field(description="Keys destroyed in the ledger.", examples=[1])
    events: int = Field(description="That the person caused; that show or name the asset.", examples=[12])
    conversations: int = Field(description="Of the person.", examples=[2])
    turns: int = Field(description="Of anybody's conversations, that rest on the asset.", examples=[0])
    jobs: int = Field(description="That the person handed in; they stay, without names.", examples=[1])
    files: int = Field(description="Entries of jobs; they stay, without names.", examples=[24])
    drafts: int = Field(description="Of captions, that the person or the asset has to do with.", examples=[3])
    decisions: int = Field(description="Of moderation, likewise.", examples=[0])
    reviews: int = Field(description="By the person; they stay, without name and words.", examples=[0])
    assets: int = Field(description="Libraries that have the asset.", examples=[0])
    pins: int = Field(description="That name the person, or hold the asset.", examples=[0])

    @classmethod
    def of(cls, one: erasing.Erasure) -> Erasure:
        return cls(**asdict(one))


class Kept(BaseModel):
    """How long what is recorded of a library is kept."""

    library: Annotated[Text, Field(description="Empty: of no single one.", max_length=63)] = Field(examples=["news"])
    days: Annotated[int | None, Field(ge=1, le=LONGEST_KEPT)] = Field(None, description="None: ever.", examples=[365])


class Retention(BaseModel):
    """Where there is a limit."""

    kept: list[Kept]
    fewest_days: int = Field(description="Nothing is kept for fewer days than this.", examples=[183])


class Hold(BaseModel):
    """What must not be erased: all that is recorded of `library`, or the events from `first` to `last`."""

    name: str = Field(examples=["case-7"])
    library: str | None = Field(examples=["news"])
    first: int | None = Field(examples=[None])
    last: int | None = Field(examples=[None])

    @classmethod
    def of(cls, one: ports.Hold) -> Hold:
        return cls(**asdict(one))


class Holds(BaseModel):
    """By name."""

    holds: list[Hold]


class HoldRequest(BaseModel):
    """A library, or the events of a case."""

    library: Annotated[Text | None, Field(max_length=63)] = Field(None, examples=["news"])
    first: Event = Field(None, examples=[None])
    last: Event = Field(None, examples=[None])

    @model_validator(mode="after")
    def _one(self) -> Self:
        events = (self.first is not None) + (self.last is not None)
        if events == 1 or (self.library is None) == (events == 0):
            raise ValueError("say what is held: library, or first and last")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"last: event {self.last} is before event {self.first}")
        return self

    def named(self, name: str) -> ports.Hold:
        return ports.Hold(name, self.library, self.first, self.last)
