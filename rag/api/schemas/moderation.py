"""The policy, the queue, and what people decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from rag import model
from rag.api.schemas.evidence import VISUAL, AssetId, LibraryName, asset_path, thumbnail_path
from rag.locators import in_words
from rag.moderation.checking import Verdict
from rag.moderation.policy import Category as PolicyCategory
from rag.moderation.rules import Rules

ENTRY = "2b7e1c58-3f0a-5d8e-9a55-0c1f2e3d4b5a"
REASON = "Bottles, which stand for alcohol: the picture looks like it (0.41; review from 0.30)"


class Finding(BaseModel):
    """What a policy found in one category."""

    category: str = Field(examples=["alcohol"])
    score: float = Field(description="Probability that the category applies.", examples=[0.41])
    scores: dict[str, float] = Field(
        description="By side: `image`, `text`, `pair`; `fits` of a caption.", examples=[{"image": 0.41, "text": 0.0}]
    )
    action: model.Action = Field(description="What the policy does by itself.", examples=["review"])
    severity: model.Severity = Field(examples=["normal"])
    review: bool = Field(description="Whether people should look.", examples=[True])
    meanwhile: model.Moderation = Field(description="How it is shown until they have.", examples=["review"])
    reason: str = Field(description="In words; may quote a caption, so show it as text.", examples=[REASON])

    @classmethod
    def of(cls, hit: model.Hit) -> Finding:
        return cls(
            category=hit.category,
            score=hit.score,
            scores=dict(hit.scores),
            action=hit.action,
            severity=hit.severity,
            review=hit.review,
            meanwhile=hit.meanwhile,
            reason=hit.reason,
        )


class Entry(Finding):
    """One finding of the queue, with what a page needs to show it."""

    id: str = Field(examples=[ENTRY])
    version: int = Field(description="Send it back with what you decide.", examples=[1])
    state: model.EntryState = Field(examples=["open"])
    shown: model.Moderation = Field(description="What the finding makes of its asset now.", examples=["review"])
    library: LibraryName
    asset_id: AssetId
    visual_id: str = Field(description="Of several pictures, the surest.", examples=[VISUAL])
    place: str = Field(description="Which picture of the asset, in words.", examples=["page 3"])
    thumbnail_url: str = Field(description="Sharp for editors.", examples=[asset_path("default", "9f86…", "thumbnail")])
    asset_url: str = Field(examples=[asset_path("default", "9f86…")])
    policy: str = Field(description="Id and version; empty where no policy made it.", examples=["sample-library@1"])
    claimed_by: str = Field(description="Who looks at it.", examples=[""])
    claimed_at: datetime | None = Field(examples=["2026-04-01T09:30:00Z"])
    decision: model.Action | None = Field(examples=["blur"])
    decided_by: str = Field(examples=["eve"])
    decided_at: datetime | None = Field(examples=["2026-04-01T09:31:00Z"])
    comment: str = Field(examples=["a vinegar bottle"])
    created_at: datetime = Field(examples=["2026-04-01T09:00:00Z"])
    event: int = Field(description="The ledger's number of what changed it last.", examples=[41])

    @classmethod
    def of_entry(cls, entry: model.Entry) -> Entry:
        ref, hit = entry.ref, entry.hit
        return cls(
            **Finding.of(hit).model_dump(),
            id=entry.id,
            version=entry.version,
            state=entry.state,
            shown=entry.shows,
            library=ref.library,
            asset_id=ref.asset_id,
            visual_id=hit.visual,
            place=in_words(hit.locator),
            thumbnail_url=thumbnail_path(ref.library, ref.asset_id, hit.locator),
            asset_url=asset_path(ref.library, ref.asset_id),
            policy=entry.policy,
            claimed_by=entry.claimed_by,
            claimed_at=entry.claimed_at,
            decision=entry.decision,
            decided_by=entry.decided_by,
            decided_at=entry.decided_at,
            comment=entry.comment,
            created_at=entry.created_at,
            event=entry.event,
        )


class Queue(BaseModel):
    """What waits, the most severe first, then the most ambiguous."""

    entries: list[Entry]
    next: int | None = Field(description="`offset` of the page that follows; none on the last.", examples=[None])


class ClaimRequest(BaseModel):
    version: int = Field(ge=1, description="Of the entry as you saw it.", examples=[1])


class DecideRequest(ClaimRequest):
    decision: Literal["allow", "blur", "block"] = Field(examples=["block"])
    comment: str = Field("", max_length=2000, examples=["a vinegar bottle"])


class DecideVisualRequest(BaseModel):
    decision: Literal["allow", "blur", "block"] = Field(examples=["block"])
    comment: str = Field("", max_length=2000, examples=["not cleared for publication"])


class Category(BaseModel):
    """One thing that the policy looks for."""

    name: str = Field(examples=["alcohol"])
    means: str = Field(examples=["Bottles, which stand for alcohol in the drawn world"])
    prompts: list[str] = Field(examples=[["bottle"]])
    against: list[str] = Field(examples=[["cup", "lamp"]])
    words: list[str] = Field(examples=[["beer", "whisky"]])
    sides: list[str] = Field(description="What may hit by itself.", examples=[["image", "text"]])
    action: model.Action = Field(examples=["blur"])
    thresholds: dict[model.Action, float] = Field(
        description="Least probability for each action, as in use.", examples=[{"review": 0.3, "blur": 0.8}]
    )
    severity: model.Severity = Field(examples=["normal"])
    meanwhile: model.Action = Field(description="How it is shown until people decided.", examples=["allow"])

    @classmethod
    def of(cls, category: PolicyCategory, thresholds: Mapping[model.Action, float]) -> Category:
        return cls(
            name=category.name,
            means=category.means,
            prompts=list(category.prompts),
            against=list(category.against),
            words=list(category.words),
            sides=list(category.sides),
            action=category.action,
            thresholds=dict(thresholds),
            severity=category.severity,
            meanwhile=category.shown_meanwhile,
        )


class Policy(BaseModel):
    """The policy in use, with the thresholds in use."""

    id: str = Field(examples=["sample-library@1"])
    hash: str = Field(description="SHA-256 of the file.", examples=["9f86…"])
    rules: str = Field(description="Names policy, encoder and thresholds.", examples=["5d41402abc4b2a76"])
    fit: str = Field(description="Whose thresholds these are; empty: the file's.", examples=[""])
    purpose: str = Field(examples=["Show what a policy can do"])
    categories: list[Category]
    mismatch_below: float | None = Field(
        description="Captions that fit with a lower probability are flagged.", examples=[0.3]
    )

    @classmethod
    def of(cls, rules: Rules) -> Policy:
        file = rules.policy.file
        return cls(
            id=rules.policy.id,
            hash=rules.policy.hash,
            rules=rules.id,
            fit=rules.fit,
            purpose=file.purpose,
            categories=[Category.of(one, rules.thresholds[one.name]) for one in file.categories],
            mismatch_below=file.mismatch.below if file.mismatch else None,
        )


class CheckResponse(BaseModel):
    """What the policy says of a picture and its text that are not kept."""

    action: model.Action = Field(description="The strictest of the findings.", examples=["review"])
    shown: model.Moderation = Field(description="How readers would see it for now.", examples=["review"])
    findings: list[Finding]
    policy: str = Field(examples=["sample-library@1"])
    rules: str = Field(examples=["5d41402abc4b2a76"])
    event: int = Field(description="The ledger's number of this check.", examples=[41])

    @classmethod
    def of(cls, verdict: Verdict) -> CheckResponse:
        return cls(
            action=verdict.action,
            shown=verdict.shown,
            findings=[Finding.of(hit) for hit in verdict.hits],
            policy=verdict.rules.policy.id,
            rules=verdict.rules.id,
            event=verdict.event,
        )


class CategoryCounts(BaseModel):
    """How one category stands."""

    category: str = Field(examples=["alcohol"])
    open: int = Field(examples=[3])
    automatic: int = Field(description="Settled by the policy.", examples=[12])
    decided: int = Field(examples=[7])
    closed: int = Field(description="No longer found.", examples=[0])
    overturned: int = Field(description="Decided otherwise than the policy did by itself.", examples=[1])
    oldest: datetime | None = Field(description="Since when the longest waits.", examples=["2026-04-01T09:00:00Z"])

    @classmethod
    def of(cls, counts: model.CategoryCounts) -> CategoryCounts:
        return cls(
            category=counts.category,
            open=counts.open,
            automatic=counts.automatic,
            decided=counts.decided,
            closed=counts.closed,
            overturned=counts.overturned,
            oldest=counts.oldest,
        )


class Report(BaseModel):
    """How moderation stands, by category, the most open ones first."""

    categories: list[CategoryCounts]
