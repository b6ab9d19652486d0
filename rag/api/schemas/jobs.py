"""Jobs: what brought assets in, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag import model, progress
from rag.api.limits import MOST_FILES
from rag.api.schemas.evidence import SHA256, LibraryName
from rag.api.schemas.text import Text
from rag.sources.entry import LONGEST_CAPTION

JOB = "5e3f7a52-2f2b-4f39-9a53-0b5a3c2d1e0f"
COUNTS = {"accepted": 2, "indexed": 0, "skipped": 1, "quarantined": 0, "deleted": 0}

Counts = Annotated[dict[model.AssetState, int], Field(description="Files by state.", examples=[COUNTS])]
Known = Annotated[int, Field(description="Of all files, how many the library had already.", examples=[0])]
Url = Annotated[Text, Field(min_length=1, max_length=8000)]


class JobItem(BaseModel):
    """One file of a job, and how it stands now."""

    number: int = Field(description="Ascending within a job; names its place for `after`.", examples=[7])
    name: str = Field(description="File name as it came in; untrusted.", examples=["beach.jpg"])
    state: model.AssetState = Field(examples=["accepted"])
    reason: str = Field(description="Why it was skipped or quarantined.", examples=[""])
    known: bool = Field(description="True when the library had it already.", examples=[False])
    asset_id: str | None = Field(description="None when it was refused at the door.", examples=[SHA256])

    @classmethod
    def of(cls, item: model.JobItem) -> JobItem:
        return cls(
            number=item.number,
            name=item.name,
            state=item.state,
            reason=item.reason,
            known=item.known,
            asset_id=item.asset_id,
        )


class Job(BaseModel):
    """A request to ingest, and how far it is."""

    id: str = Field(examples=[JOB])
    library: LibraryName
    actor: str = Field(examples=["local"])
    created_at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    done: bool = Field(description="True when every file is indexed, skipped or quarantined.", examples=[False])
    complete: bool = Field(description="False while files are still being handed in.", examples=[True])
    cancelled: bool = Field(description="True when somebody stopped it; what was indexed stays.", examples=[False])
    total: int = Field(description="Files.", examples=[3])
    known: Known
    counts: Counts
    url: str = Field(examples=[f"/v1/jobs/{JOB}"])
    items_url: str = Field(examples=[f"/v1/jobs/{JOB}/items"])
    events_url: str = Field(description="Server-sent events.", examples=[f"/v1/jobs/{JOB}/events"])

    @classmethod
    def of(cls, job: model.Job) -> Job:
        url = f"/v1/jobs/{job.id}"
        return cls(
            id=job.id,
            library=job.library,
            actor=job.actor,
            created_at=job.created_at,
            done=job.done,
            complete=job.complete,
            cancelled=job.cancelled,
            total=job.total,
            known=job.known,
            counts=_counts(job),
            url=url,
            items_url=f"{url}/items",
            events_url=f"{url}/events",
        )


class Jobs(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]


class JobItems(BaseModel):
    """Files of a job, in the order they came in."""

    items: list[JobItem]
    next: int | None = Field(description="`after` for the page that follows; none on the last.", examples=[None])

    @classmethod
    def of(cls, items: Sequence[model.JobItem], limit: int) -> JobItems:
        following = items[-1].number if len(items) == limit else None
        return cls(items=[JobItem.of(item) for item in items], next=following)


class Upload(BaseModel):
    """What became of an upload: the job that goes on, and each file at the door."""

    job: Job
    items: list[JobItem]


class UrlsRequest(BaseModel):
    """Where files are to be fetched from, and what is said of all of them."""

    model_config = ConfigDict(extra="forbid")

    urls: list[Url] = Field(min_length=1, max_length=MOST_FILES, examples=[["https://example.org/beach.jpg"]])
    library: Text | None = Field(None, description="None means the default one.", examples=["default"])
    caption: Text = Field("", max_length=LONGEST_CAPTION, examples=["A red car on a beach"])
    tags: list[Text] = Field([], max_length=100, examples=[["beach", "car"]])
    source: Text = Field("", max_length=1000, examples=["Picture desk"])
    licence: Text = Field("", max_length=200, examples=["CC0-1.0"])


class Progress(BaseModel):
    """The event `progress`: how far a job is, and how fast it goes."""

    done: int = Field(description="Files that have reached their end.", examples=[120])
    total: int = Field(description="Files handed in so far.", examples=[400])
    rate: float = Field(description="Files a second, over the last seconds.", examples=[31.5])
    seconds_left: float | None = Field(description="None while nobody can tell.", examples=[8.9])
    counts: Counts
    known: Known

    @classmethod
    def of(cls, now: progress.Progress) -> Progress:
        left = now.seconds_left
        return cls(
            done=now.done,
            total=now.total,
            rate=round(now.rate, 2),
            seconds_left=None if left is None else round(left, 1),
            counts=_counts(now.job),
            known=now.job.known,
        )


def _counts(job: model.Job) -> dict[model.AssetState, int]:
    return {state: job.counts.get(state, 0) for state in model.AssetState}
