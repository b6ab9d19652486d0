"""What we own: assets, their visuals and captions, and the jobs that bring them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rag.model.ids import AssetId, VisualId


class AssetState(StrEnum):
    """Where an accepted asset stands. The last three are final; every asset reaches one of them."""

    ACCEPTED = "accepted"
    INDEXED = "indexed"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"


class CaptionOrigin(StrEnum):
    HUMAN = "human"
    EMBEDDED = "embedded"
    GENERATED = "generated"
    OCR = "ocr"


class CaptionStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"


class Moderation(StrEnum):
    ALLOWED = "allowed"
    REVIEW = "review"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Caption:
    """Text about a visual. Untrusted wherever it is shown or prompted."""

    text: str
    origin: CaptionOrigin = CaptionOrigin.HUMAN
    status: CaptionStatus = CaptionStatus.APPROVED
    language: str = ""

    @property
    def searchable(self) -> bool:
        """Approved captions, and human ones that nobody rejected, are embedded and searched."""
        return self.status is CaptionStatus.APPROVED or (
            self.origin is CaptionOrigin.HUMAN and self.status is not CaptionStatus.REJECTED
        )


@dataclass(frozen=True, slots=True)
class AssetRef:
    """Names one asset of one library; what tasks carry instead of contents."""

    library: str
    asset_id: AssetId

    def __str__(self) -> str:
        return f"{self.library}/{self.asset_id}"

    @classmethod
    def parse(cls, text: str) -> AssetRef:
        library, _, asset_id = text.rpartition("/")
        return cls(library, AssetId(asset_id))


@dataclass(frozen=True, slots=True)
class Asset:
    """One ingested file of one library.

    Attributes:
        name: the file name it came with; untrusted, for people only.
        reason: why it was skipped or quarantined; empty otherwise.
        attempts: how often indexing was begun; the third failure quarantines.
        access_groups: empty means everybody who may read the library.
    """

    library: str
    id: AssetId
    name: str
    media_type: str
    size: int
    state: AssetState = AssetState.ACCEPTED
    reason: str = ""
    attempts: int = 0
    captions: tuple[Caption, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    captured_at: datetime | None = None
    accepted_at: datetime | None = None
    access_groups: tuple[str, ...] = ()
    moderation: Moderation = Moderation.ALLOWED

    @property
    def ref(self) -> AssetRef:
        return AssetRef(self.library, self.id)


@dataclass(frozen=True, slots=True)
class Visual:
    """One retrievable picture of an asset: an image, a video keyframe, a PDF page.

    Attributes:
        locator: which picture of the asset: `""`, `t=12.400`, `page=3`.
        perceptual_hash: 64-bit difference hash, 16 hex digits.
    """

    id: VisualId
    library: str
    asset_id: AssetId
    width: int
    height: int
    locator: str = ""
    perceptual_hash: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How indexing one asset ended."""

    ref: AssetRef
    state: AssetState
    reason: str = ""
    visuals: tuple[Visual, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a search looked at. `searched` counts visuals, the others assets."""

    searched: int
    pending: int
    skipped: int
    quarantined: int

    def __str__(self) -> str:
        text = f"searched {self.searched:,} visuals"
        if self.pending:
            text += f", {self.pending:,} not indexed yet"
        if self.quarantined:
            text += f", {self.quarantined:,} quarantined"
        return text


@dataclass(frozen=True, slots=True)
class JobItem:
    """One file of a job, and how it stands now."""

    name: str
    state: AssetState
    asset_id: AssetId | None = None
    reason: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One request to ingest, and how far it is. Counts are read from the catalog, never stored.

    Attributes:
        known: of all its files, how many the library already had.
        complete: False while files are still being handed in.
    """

    id: str
    library: str
    actor: str
    created_at: datetime
    complete: bool
    counts: Mapping[AssetState, int]
    known: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> bool:
        return self.complete and not self.counts.get(AssetState.ACCEPTED, 0)
