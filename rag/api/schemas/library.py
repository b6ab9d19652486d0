"""What the library owns: assets, and the pictures in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from rag import model
from rag.api.schemas.evidence import VISUAL, AssetId, Caption, LibraryName, asset_path, thumbnail_path
from rag.locators import in_words, position


class GeneratedTag(BaseModel):
    """A tag that a classification gave, and no person."""

    name: str = Field(examples=["dog"])
    confidence: float = Field(description="Calibrated probability, when it was given.", examples=[0.91])
    event: int = Field(description="The ledger's number of the classification.", examples=[41])

    @classmethod
    def of(cls, tag: model.GeneratedTag) -> GeneratedTag:
        return cls(name=tag.name, confidence=round(tag.confidence, 4), event=tag.event)


class Asset(BaseModel):
    """One file of one library."""

    id: AssetId
    library: LibraryName
    name: str = Field(description="File name as it came in; untrusted.", examples=["beach.jpg"])
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes.", examples=[48213])
    state: model.AssetState = Field(examples=["indexed"])
    reason: str = Field(description="Why it was skipped or quarantined.", examples=[""])
    attempts: int = Field(description="How often indexing was begun.", examples=[1])
    captions: list[Caption]
    tags: list[str] = Field(description="Said by people or by the file.", examples=[["beach", "car"]])
    generated_tags: list[GeneratedTag] = Field(description="Given by classifications.")
    source: str = Field(examples=["Picture desk"])
    licence: str = Field(examples=["CC0-1.0"])
    captured_at: datetime | None = Field(examples=["2024-05-01T00:00:00Z"])
    accepted_at: datetime | None = Field(examples=["2026-04-01T09:30:00Z"])
    camera: str = Field(description="As the file says.", examples=["Canon EOS R5"])
    personal: dict[str, str] = Field(description="Empty unless the library keeps it.", examples=[{}])
    moderation: model.Moderation = Field(examples=["allowed"])
    thumbnail_url: str = Field(examples=["/v1/assets/9f86…/thumbnail?library=default"])
    original_url: str = Field(examples=["/v1/assets/9f86…/original?library=default"])

    @classmethod
    def of(cls, asset: model.Asset) -> Asset:
        return cls(
            id=asset.id,
            library=asset.library,
            name=asset.name,
            media_type=asset.media_type,
            size=asset.size,
            state=asset.state,
            reason=asset.reason,
            attempts=asset.attempts,
            captions=[Caption.of(caption) for caption in asset.captions],
            tags=list(asset.tags),
            generated_tags=[GeneratedTag.of(tag) for tag in asset.generated_tags],
            source=asset.source,
            licence=asset.licence,
            captured_at=asset.captured_at,
            accepted_at=asset.accepted_at,
            camera=asset.camera,
            personal=dict(asset.personal),
            moderation=asset.moderation,
            thumbnail_url=asset_path(asset.library, asset.id, "thumbnail"),
            original_url=asset_path(asset.library, asset.id, "original"),
        )


class Visual(BaseModel):
    """One picture of an asset: the image itself, a keyframe of a film, a page."""

    id: str = Field(examples=[VISUAL])
    locator: str = Field(examples=["page=3"])
    place: str = Field(description="The locator in words.", examples=["page 3"])
    width: int = Field(examples=[1600])
    height: int = Field(examples=[1067])
    thumbnail_url: str = Field(examples=["/v1/assets/9f86…/thumbnail?library=default&locator=page%3D3"])

    @classmethod
    def of(cls, visual: model.Visual) -> Visual:
        return cls(
            id=visual.id,
            locator=visual.locator,
            place=in_words(visual.locator),
            width=visual.width,
            height=visual.height,
            thumbnail_url=thumbnail_path(visual.library, visual.asset_id, visual.locator),
        )


class AssetDetails(Asset):
    """One file of one library, with its pictures."""

    visuals: list[Visual] = Field(description="In the order of the file; empty until it is indexed.")

    @classmethod
    def with_visuals(cls, asset: model.Asset, visuals: Sequence[model.Visual]) -> AssetDetails:
        in_order = sorted(visuals, key=lambda visual: position(visual.locator))
        return cls(**Asset.of(asset).model_dump(), visuals=[Visual.of(visual) for visual in in_order])


class AssetPage(BaseModel):
    """Some assets of a library, in the order of their ids."""

    assets: list[Asset]
    next: str | None = Field(description="`after` for the page that follows; none on the last.", examples=[None])


class Libraries(BaseModel):
    """The libraries you may read."""

    libraries: list[str] = Field(examples=[["default", "press"]])
