"""Encoders with the collections of their vectors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from rag import model


class Generation(BaseModel):
    """One encoder with the collection of its vectors."""

    generation: int = Field(examples=[2])
    encoder: str = Field(description="Empty while an adapter is being trained.", examples=["ViT-B-16-SigLIP2/webli"])
    encoder_id: str = Field(examples=["ViT-B-16-SigLIP2/webli@0f3f6d0f2b7c.8d7f1c"])
    collection: str = Field(examples=["visuals_vit-b-16-siglip2-webli_0b1c2d3e4f"])
    state: model.GenerationState = Field(examples=["filling"])
    based_on: int | None = Field(description="Whose vectors its adapter takes.", examples=[1])
    created_at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    changed_at: datetime = Field(examples=["2026-04-01T09:45:00Z"])
    done: int = Field(description="Visuals looked at.", examples=[1200])
    total: int = Field(description="Visuals that are indexed.", examples=[12403])
    working: bool = Field(description="Whether a worker is at it now.", examples=[True])
    trouble: str = Field(description="Why it does not go on, or was given up.", examples=[""])
    report: dict[str, Any] = Field(description="How it compares with the live one.", examples=[{"overlap_at_k": 0.71}])

    @classmethod
    def of(cls, one: model.Generation) -> Generation:
        return cls(
            generation=one.number,
            encoder=one.encoder,
            encoder_id=one.encoder_id,
            collection=one.collection,
            state=one.state,
            based_on=one.based_on,
            created_at=one.created_at,
            changed_at=one.changed_at,
            done=one.done,
            total=one.total,
            working=one.leased,
            trouble=one.trouble,
            report=dict(one.report),
        )


class Encoders(BaseModel):
    """All of them, in the order in which they came."""

    generations: list[Generation]
    notice: str = Field(description="Says when PICTUREDESK_ENCODER names another one than is live.", examples=[""])
