"""What auditors find and see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from rag.api.schemas.evidence import SHA256, VISUAL, thumbnail_path
from rag.api.schemas.ledger import Event
from rag.api.schemas.text import Text
from rag.auditing import finding, opening
from rag.auditing.causes import Move as AuditMove
from rag.auditing.replaying import Replay as AuditReplay
from rag.ports import auditing

THUMBNAIL = thumbnail_path("default", SHA256, "")


class Entry(BaseModel):
    """One event as it is found."""

    seq: int = Field(examples=[42])
    at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    kind: str = Field(examples=["answer"])
    actor: str = Field(description="Empty once erased.", examples=["press-desk"])
    library: str = Field(description="Empty when it was about several.", examples=["default"])
    door: str = Field(examples=["http"])
    summary: str = Field(description="Question or answer, shortened; untrusted.", examples=["A red car [1]."])
    model: str = Field(examples=["gpt-5-mini"])
    prompt: str = Field(examples=["answer@2"])
    prompt_hash: str = Field(examples=[SHA256])
    encoder: str = Field(examples=["demo@3f2a"])
    belongs_to: int | None = Field(description="The event that it goes on from.", examples=[41])
    conversation: str = Field(examples=["6f1c2a7e-0b1d-4f1c-9a55-3f0c1f2a7e0b"])
    relevance: float | None = Field(description="Of the best evidence.", examples=[0.93])
    evidence: int = Field(examples=[3])
    dropped: int = Field(description="Candidates that were left out.", examples=[97])
    removed: int = Field(description="Citations that no evidence had.", examples=[0])
    unsupported: int = Field(description="Sentences that nothing bears out.", examples=[1])
    withheld: int = Field(description="Sentences left out in strict mode.", examples=[0])
    abstained: bool = Field(examples=[False])
    stopped: bool = Field(examples=[False])
    risk: float = Field(description="How much a person should look at it, from 0 to 1.", examples=[0.6])
    risks: list[str] = Field(description="The rules that say so.", examples=[["unsupported sentences"]])

    @classmethod
    def of(cls, entry: auditing.Entry) -> Entry:
        return cls(**{name: value for name, value in asdict(entry).items() if name in cls.model_fields})


class Entries(BaseModel):
    """A page of events, newest first."""

    events: list[Entry]
    next_before: int | None = Field(description="`before` for the next page; none on the last.", examples=[12])
    recorded: int = Field(description="The ledger's number of this search.", examples=[57])

    @classmethod
    def of(cls, page: finding.Page) -> Entries:
        return cls(events=[Entry.of(one) for one in page.entries], next_before=page.before, recorded=page.event)


class Candidate(BaseModel):
    """A picture that a retrieval looked at."""

    visual: str = Field(examples=[VISUAL])
    number: int | None = Field(description="As evidence; none when it was dropped.", examples=[1])
    position: int | None = Field(description="In the final order.", examples=[1])
    reason: str = Field(description="Why it was dropped.", examples=["ranked below top_k"])
    relevance: float = Field(examples=[0.93])
    scores: dict[str, float] = Field(examples=[{"image": 0.31}])
    ranks: dict[str, int] = Field(examples=[{"image": 1}])
    fused: float = Field(examples=[0.0325])
    caption: str = Field(description="As it was then; untrusted.", examples=["A red car on a beach"])
    name: str = Field(description="File name today; untrusted.", examples=["beach.jpg"])
    there: bool = Field(description="Whether it exists and you may see it.", examples=[True])
    thumbnail_url: str | None = Field(examples=[THUMBNAIL])

    @classmethod
    def of(cls, one: opening.Candidate) -> Candidate:
        url = thumbnail_path(one.library, one.asset_id, one.locator) if one.there else None
        said = {name: value for name, value in asdict(one).items() if name in cls.model_fields}
        return cls(**said, thumbnail_url=url)


class Review(BaseModel):
    """What one person said of an event."""

    seq: int = Field(description="The review's own number in the ledger.", examples=[60])
    event: int = Field(examples=[42])
    reviewer: str = Field(examples=["ada"])
    at: datetime = Field(examples=["2026-04-02T10:00:00Z"])
    verdict: str = Field(examples=["sound"])
    flagged: bool = Field(examples=[False])
    comment: str = Field(examples=["The second picture shows another car."])
    grades: dict[str, int] = Field(description="0 to 2 by visual.", examples=[{VISUAL: 2}])
    remarks: dict[str, str] = Field(description="By visual.", examples=[{VISUAL: "clearly"}])

    @classmethod
    def of(cls, review: auditing.Review) -> Review:
        return cls(**asdict(review))


class Proof(BaseModel):
    """Whether the event is as it was written."""

    holds: bool = Field(examples=[True])
    said: str = Field(examples=["it is in the tree of 57 events that the ledger's key signed"])


class Whole(BaseModel):
    """An event with all that belongs to it."""

    event: Event
    entry: Entry
    proof: Proof
    retrieval: Event | None = Field(description="Where its evidence stands: itself, or what it answers.")
    answer: Event | None
    evidence: list[Candidate]
    dropped: list[Candidate]
    linked: list[Entry] = Field(description="What it belongs to, and what belongs to it.")
    conversation: list[Entry] = Field(description="What was asked in the same conversation, in order.")
    reviews: list[Review] = Field(description="Shown once you have reviewed it yourself, or two people agree.")
    hidden_reviews: int = Field(examples=[1])
    cases: list[str] = Field(examples=[["press-2026-04"]])

    @classmethod
    def of(cls, whole: opening.Whole) -> Whole:
        return cls(
            event=Event.of(whole.event),
            entry=Entry.of(whole.entry),
            proof=Proof(holds=whole.proof.holds, said=whole.proof.said),
            retrieval=Event.of(whole.retrieval) if whole.retrieval else None,
            answer=Event.of(whole.answer) if whole.answer else None,
            evidence=[Candidate.of(one) for one in whole.evidence],
            dropped=[Candidate.of(one) for one in whole.dropped],
            linked=[Entry.of(one) for one in whole.linked],
            conversation=[Entry.of(one) for one in whole.conversation],
            reviews=[Review.of(one) for one in whole.reviews],
            hidden_reviews=whole.hidden_reviews,
            cases=list(whole.cases),
        )


class ReplayRequest(BaseModel):
    """What to ask it of. Neither: of today's index."""

    encoder: Annotated[Text, Field(max_length=300, examples=[""])] = Field(
        "", description="Another complete generation: its encoder's name or id, or its number. For the owner."
    )
    pin: Annotated[Text, Field(max_length=60, examples=["2026-04"])] = Field("", description="A moment that was kept.")
    pictures: list[str] = Field(
        [], max_length=20, description="Pictures of the query, base64: the ledger has their hashes.", examples=[[]]
    )


class Move(BaseModel):
    """One picture in both rankings."""

    visual: str = Field(examples=[VISUAL])
    change: str = Field(description="`entered`, `left`, `moved` or `same`.", examples=["left"])
    was: int | None = Field(examples=[1])
    now: int | None = Field(examples=[None])
    why: str = Field(examples=["deleted: event 51"])
    relevance_then: float | None = Field(examples=[0.93])
    relevance_now: float | None = Field(examples=[None])
    name: str = Field(description="Untrusted.", examples=["beach.jpg"])
    caption: str = Field(description="Untrusted.", examples=["A red car on a beach"])
    thumbnail_url: str | None = Field(description="None where it is gone, or not for you.", examples=[THUMBNAIL])

    @classmethod
    def of(cls, move: AuditMove) -> Move:
        url = thumbnail_path(move.library, move.asset_id, move.locator) if move.asset_id else None
        said = {name: value for name, value in asdict(move).items() if name in cls.model_fields}
        return cls(**said, thumbnail_url=url)


class Replay(BaseModel):
    """The same question again, and what came out differently."""

    event: int = Field(examples=[41])
    question: str = Field(examples=["a red car"])
    against: str = Field(examples=["today"])
    same: bool = Field(description="The same pictures in the same order.", examples=[False])
    overlap: float = Field(description="Common share of the hits.", examples=[0.75])
    rank_biased_overlap: float = Field(examples=[0.61])
    causes: list[str] = Field(examples=[["recalibrated: default was read by prior, and is by 3f2a"]])
    moves: list[Move]
    notices: list[str] = Field(examples=[[]])
    encoder_then: str = Field(examples=["demo@3f2a"])
    encoder_now: str = Field(examples=["demo@3f2a"])
    recorded: int = Field(description="The ledger's number of this replay.", examples=[58])

    @classmethod
    def of(cls, done: AuditReplay) -> Replay:
        said: dict[str, Any] = {name: value for name, value in vars_of(done).items() if name != "moves"}
        return cls(**said, moves=[Move.of(one) for one in done.moves])


def vars_of(done: AuditReplay) -> Mapping[str, Any]:
    return {name: getattr(done, name) for name in done.__dataclass_fields__}


class Pin(BaseModel):
    """A moment that was kept."""

    name: str = Field(examples=["2026-04"])
    at: datetime = Field(examples=["2026-04-30T22:00:00Z"])
    by: str = Field(examples=["local"])
    event: int = Field(description="The ledger's number of its making.", examples=[55])
    encoder: str = Field(examples=["demo@3f2a"])
    collection: str = Field(examples=["visuals_3f2a"])
    searched: int = Field(description="Visuals in it.", examples=[12403])
    pending: int = Field(description="Assets that were not indexed yet.", examples=[0])
    generation: int = Field(description="Whose vectors it has; 0 where that was not kept.", examples=[1])
    asked: int = Field(description="Of the latest questions, those asked of it when it was made.", examples=[10])
    same: int = Field(description="Of these, those that found what the index found.", examples=[10])
    size: int = Field(description="Bytes on disk.", examples=[181403648])
    fault: str = Field(description="Why it cannot be asked; empty where nothing is known against it.", examples=[""])


class DamagedPin(BaseModel):
    """A pin of which nothing can be told any more."""

    name: str = Field(examples=["2026-03"])
    fault: str = Field(examples=["its pin.json cannot be read"])
    size: int = Field(description="Bytes on disk.", examples=[181403648])


class PinOnItsWay(BaseModel):
    """A pin that is being made."""

    name: str = Field(examples=["2026-05"])
    done: int = Field(description="Visuals that are in it.", examples=[4096])
    total: int = Field(description="Visuals that will be.", examples=[12403])


class Pins(BaseModel):
    """In the order that they were made."""

    pins: list[Pin]
    damaged: list[DamagedPin] = []
    making: PinOnItsWay | None = None


class PinRequest(BaseModel):
    """A name for this moment."""

    name: Annotated[Text, Field(min_length=1, max_length=60, examples=["2026-04"])]
    encoder: Annotated[Text, Field(max_length=1000)] = Field(
        "", description="Another generation: its encoder, or its number.", examples=[""]
    )


class CaseChange(BaseModel):
    """Events to put in and to take out."""

    add: list[int] = Field([], max_length=10_000, examples=[[41, 42]])
    remove: list[int] = Field([], max_length=10_000, examples=[[]])
    comment: Annotated[Text, Field(max_length=4000)] = Field("", examples=["Asked for by the press office."])


class Case(BaseModel):
    """Events that somebody collects."""

    name: str = Field(examples=["press-2026-04"])
    events: list[int] = Field(description="Those that you may read.", examples=[[41, 42]])


class Cases(BaseModel):
    """All of them, by name."""

    cases: list[Case]
