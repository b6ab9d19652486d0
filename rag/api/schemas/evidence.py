"""Evidence as it is shown: a picture, its words, and why it was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from rag import model
from rag.locators import fragment, in_words
from rag.ports import Encoder as EncoderPort

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
VISUAL = "0b6b1c6e-6a0f-5c1e-9d0e-3d8a6a1b2c3d"

AssetId = Annotated[str, Field(description="SHA-256 of the bytes.", examples=[SHA256])]
LibraryName = Annotated[str, Field(examples=["default"])]


def asset_path(library: str, asset_id: str, what: str = "") -> str:
    """Path of an asset, or of its `thumbnail` or `original`, as this actor's library holds it."""
    path = f"/v1/assets/{quote(asset_id, safe='')}" + (f"/{what}" if what else "")
    return f"{path}?{urlencode({'library': library})}"


def thumbnail_path(library: str, asset_id: str, locator: str) -> str:
    """Path of the thumbnail of one picture of an asset."""
    path = asset_path(library, asset_id, "thumbnail")
    return f"{path}&{urlencode({'locator': locator})}" if locator else path


class Caption(BaseModel):
    """Text about a picture. Untrusted: show it as text, never as markup."""

    text: str = Field(examples=["A red car on a beach at sunset"])
    origin: model.CaptionOrigin = Field(description="Who wrote it.", examples=["human"])
    status: model.CaptionStatus = Field(examples=["approved"])
    language: str = Field(description="BCP 47, empty when unknown.", examples=["en"])

    @classmethod
    def of(cls, caption: model.Caption) -> Caption:
        return cls(text=caption.text, origin=caption.origin, status=caption.status, language=caption.language)


class Coverage(BaseModel):
    """What a search looked at."""

    text: str = Field(examples=["searched 12,403 visuals, 37 not indexed yet"])
    searched: int = Field(description="Visuals.", examples=[12403])
    pending: int = Field(description="Assets accepted and not indexed yet.", examples=[37])
    skipped: int = Field(examples=[2])
    quarantined: int = Field(examples=[0])

    @classmethod
    def of(cls, coverage: model.Coverage) -> Coverage:
        return cls(
            text=str(coverage),
            searched=coverage.searched,
            pending=coverage.pending,
            skipped=coverage.skipped,
            quarantined=coverage.quarantined,
        )


class Encoder(BaseModel):
    """The model that turned pictures and words into vectors."""

    id: str = Field(examples=["demo@3f2a"])
    description: str = Field(examples=["The demo encoder: knows drawn scenes only"])
    demo: bool = Field(description="True for the encoder that knows only drawn scenes.", examples=[True])

    @classmethod
    def of(cls, encoder: EncoderPort, used: str = "") -> Encoder:
        """
        Args:
            encoder: the live one.
            used: the id of the one that found the evidence: a further page keeps that of the first.
        """
        if used in ("", encoder.id):
            return cls(id=encoder.id, description=encoder.description, demo=encoder.demo)
        return cls(id=used, description="The first page's; another is live since", demo=used.startswith("demo@"))


class Condition(BaseModel):
    """One condition of the filter, and how it stands with this picture."""

    words: str = Field(examples=["tags:beach"])
    held: bool = Field(examples=[True])
    found: str = Field(description="What the picture has there.", examples=["beach, car"])


class Reranking(BaseModel):
    """What a reranker did to it."""

    old_rank: int = Field(examples=[4])
    new_rank: int = Field(examples=[1])
    score: float | None = Field(description="In [0, 1]; none where the reranker left it out.", examples=[0.9])
    reason: str = Field(description="The reranker's; untrusted.", examples=["shows both"])


class Evidence(BaseModel):
    """One retrieved picture, numbered as the answer cites it."""

    number: int = Field(examples=[1])
    visual_id: str = Field(examples=[VISUAL])
    asset_id: AssetId
    library: LibraryName
    locator: str = Field(description="Which picture of the asset; empty for a still image.", examples=[""])
    place: str = Field(description="The locator in words: `page 3`, `0:12`.", examples=[""])
    name: str = Field(description="File name as it came in; untrusted.", examples=["beach.jpg"])
    media_type: str = Field(examples=["image/jpeg"])
    width: int = Field(examples=[1600])
    height: int = Field(examples=[1067])
    caption: Caption | None = Field(description="None when nobody captioned it.")
    relevance: float = Field(description="Calibrated probability that it answers the query.", examples=[0.93])
    scores: dict[model.Channel, float] = Field(description="Raw score by channel.", examples=[{"image": 0.31}])
    ranks: dict[model.Channel, int] = Field(description="1-based rank by channel.", examples=[{"image": 1}])
    fused: float = Field(description="Reciprocal rank fusion of the ranks.", examples=[0.0325])
    reasons: dict[str, float] = Field(
        description="What adds to the logit of relevance, by channel; `lead` over the others.",
        examples=[{"image": 2.1, "base": -3.0}],
    )
    matched: Caption | None = Field(description="The caption that came closest, where captions were compared.")
    unlike: float = Field(description="Probability that it shows what is unwanted; lowers relevance.", examples=[0.0])
    conditions: list[Condition] = Field(description="How it stands with each condition of the filter.")
    reranked: Reranking | None = Field(description="None where no reranker ran.")
    tags: list[str] = Field(description="Said by people or by the file.", examples=[["beach", "car"]])
    generated_tags: list[str] = Field(description="Given by classifications.", examples=[["dog"]])
    source: str = Field(examples=["Picture desk"])
    licence: str = Field(examples=["CC0-1.0"])
    captured_at: str = Field(description="ISO 8601 date, empty when unknown.", examples=["2024-05-01"])
    moderation: model.Moderation = Field(
        description="`blurred`: readers get a blurred thumbnail and no original.", examples=["allowed"]
    )
    asset_url: str = Field(examples=[asset_path("default", SHA256)])
    thumbnail_url: str = Field(examples=[asset_path("default", SHA256, "thumbnail")])
    original_url: str = Field(
        description="Opens a film or document at this place: `#t=12.4`, `#page=3`.",
        examples=[asset_path("default", SHA256, "original")],
    )

    @classmethod
    def of(cls, item: model.Evidence) -> Evidence:
        visual = item.visual
        return cls(
            number=item.number,
            visual_id=visual.id,
            asset_id=visual.asset_id,
            library=visual.library,
            locator=visual.locator,
            place=in_words(visual.locator),
            name=item.name,
            media_type=item.media_type,
            width=visual.width,
            height=visual.height,
            caption=Caption.of(item.caption) if item.caption else None,
            relevance=round(item.relevance, 4),
            scores=_rounded(item.scores),
            ranks=dict(item.ranks),
            fused=round(item.fused, 6),
            reasons={name: round(part, 3) for name, part in item.reasons.items()},
            matched=Caption.of(item.matched) if item.matched else None,
            unlike=round(item.unlike, 4),
            conditions=[Condition(words=one.words, held=one.held, found=one.found) for one in item.conditions],
            reranked=_reranking(item.change),
            tags=list(item.tags),
            generated_tags=list(item.generated_tags),
            source=item.source,
            licence=item.licence,
            captured_at=item.captured_at,
            moderation=item.moderation,
            asset_url=asset_path(visual.library, visual.asset_id),
            thumbnail_url=thumbnail_path(visual.library, visual.asset_id, visual.locator),
            original_url=asset_path(visual.library, visual.asset_id, "original") + fragment(visual.locator),
        )


def _reranking(change: model.RankChange | None) -> Reranking | None:
    if change is None:
        return None
    return Reranking(old_rank=change.old_rank, new_rank=change.new_rank, score=change.score, reason=change.reason)


def _rounded(scores: Mapping[model.Channel, float]) -> dict[model.Channel, float]:
    return {channel: round(score, 4) for channel, score in scores.items()}
