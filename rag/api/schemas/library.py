"""What the library owns: assets, and the jobs that brought them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from rag import model
from rag.api.schemas.evidence import SHA256, AssetId, Caption, LibraryName, asset_path

JOB = "5e3f7a52-2f2b-4f39-9a53-0b5a3c2d1e0f"


class Asset(BaseModel):
    """One file of one library."""

    id: AssetId
    library: LibraryName
    name: str = Field(description="File name as it came in; untrusted.", examples=["beach.jpg"])
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes.", examples=[48213])
    state: model.AssetState = Field(examples=["indexed"])
    reason: str = Field(description="Why it was skipped or quarantined.", examples=[""])
    captions: list[Caption]
    tags: list[str] = Field(examples=[["beach", "car"]])
    source: str = Field(examples=["Picture desk"])
    licence: str = Field(examples=["CC0-1.0"])
    captured_at: datetime | None = Field(examples=["2024-05-01T00:00:00Z"])
    accepted_at: datetime | None = Field(examples=["2026-04-01T09:30:00Z"])
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
            captions=[Caption.of(caption) for caption in asset.captions],
            tags=list(asset.tags),
            source=asset.source,
            licence=asset.licence,
            captured_at=asset.captured_at,
            accepted_at=asset.accepted_at,
            moderation=asset.moderation,
            thumbnail_url=asset_path(asset.library, asset.id, "thumbnail"),
            original_url=asset_path(asset.library, asset.id, "original"),
        )


class AssetPage(BaseModel):
    """Some assets of a library, in the order of their ids."""

    assets: list[Asset]
    next: str | None = Field(description="`after` for the page that follows; none on the last.", examples=[None])


class Libraries(BaseModel):
    """The libraries you may read."""

    libraries: list[str] = Field(examples=[["default", "press"]])


class JobItem(BaseModel):
    """One file of a job, and how it stands now."""

    name: str = Field(description="File name as it came in; untrusted.", examples=["beach.jpg"])
    state: model.AssetState = Field(examples=["accepted"])
    reason: str = Field(description="Why it was skipped or quarantined.", examples=[""])
    known: bool = Field(description="True when the library had it already.", examples=[False])
    asset_id: str | None = Field(description="None when it was refused at the door.", examples=[SHA256])

    @classmethod
    def of(cls, item: model.JobItem) -> JobItem:
        return cls(name=item.name, state=item.state, reason=item.reason, known=item.known, asset_id=item.asset_id)


class Job(BaseModel):
    """A request to ingest, and how far it is."""

    id: str = Field(examples=[JOB])
    library: LibraryName
    actor: str = Field(examples=["local"])
    created_at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    done: bool = Field(description="True when every file is indexed, skipped or quarantined.", examples=[False])
    total: int = Field(description="Files.", examples=[3])
    known: int = Field(description="Of those, how many the library had already.", examples=[0])
    counts: dict[model.AssetState, int] = Field(examples=[{"accepted": 2, "skipped": 1}])
    url: str = Field(examples=[f"/v1/jobs/{JOB}"])
    items_url: str = Field(examples=[f"/v1/jobs/{JOB}/items"])

    @classmethod
    def of(cls, job: model.Job) -> Job:
        url = f"/v1/jobs/{job.id}"
        return cls(
            id=job.id,
            library=job.library,
            actor=job.actor,
            created_at=job.created_at,
            done=job.done,
            total=job.total,
            known=job.known,
            counts={state: job.counts.get(state, 0) for state in model.AssetState},
            url=url,
            items_url=f"{url}/items",
        )


class JobItems(BaseModel):
    """Files of a job."""

    items: list[JobItem]
    total: int = Field(description="How many there are in all.", examples=[3])

    @classmethod
    def of(cls, items: Sequence[model.JobItem], limit: int) -> JobItems:
        return cls(items=[JobItem.of(item) for item in items[:limit]], total=len(items))


class Upload(BaseModel):
    """What became of an upload: the job that goes on, and each file at the door."""

    job: Job
    items: list[JobItem]
