"""What we own: assets, their visuals and captions, and the jobs that bring them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from rag.model.ids import AssetId, VisualId

if TYPE_CHECKING:
    from rag.model.moderation import Check


class AssetState(StrEnum):
    """Where an accepted asset stands. All but the first are final; every asset reaches one of them.

    `deleted` is said of an asset that is being removed, and of a job's file whose asset is gone.
    """

    ACCEPTED = "accepted"
    INDEXED = "indexed"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"
    DELETED = "deleted"


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
    """How an asset is shown to readers: as it is (`review`: until people decided), blurred, or not at all."""

    ALLOWED = "allowed"
    REVIEW = "review"
    BLURRED = "blurred"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Caption:
    """Text about a visual. Untrusted wherever it is shown or prompted.

    Attributes:
        locator: which visual of its asset it is about; empty means all of them.
    """

    text: str
    origin: CaptionOrigin = CaptionOrigin.HUMAN
    status: CaptionStatus = CaptionStatus.APPROVED
    language: str = ""
    locator: str = ""

    @property
    def searchable(self) -> bool:
        """Approved captions, and human ones that nobody rejected, are embedded and searched."""
        return self.status is CaptionStatus.APPROVED or (
            self.origin is CaptionOrigin.HUMAN and self.status is not CaptionStatus.REJECTED
        )

    @property
    def is_truth(self) -> bool:
        """Whether anything may be learned from it or measured by it: what an LLM or a composer wrote never is."""
        return self.searchable and self.origin is not CaptionOrigin.GENERATED

    def is_about(self, locator: str) -> bool:
        return self.locator in ("", locator)


@dataclass(frozen=True, slots=True)
class GeneratedTag:
    """A tag that a classification gave, and no person. Kept apart from `Asset.tags`, so that nothing learns from it.

    Attributes:
        confidence: as it was when the tag was given, in [0, 1].
        event: the ledger's number of the classification.
    """

    name: str
    confidence: float
    event: int


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
        tags: said by people or by the file itself.
        generated_tags: given by classifications, by name.
        access_groups: empty means everybody who may read the library.
        camera: make and model, as the file says.
        personal: what the file says of people and places; empty unless the library keeps it.
        embedded_by: id of the encoder whose vector came along with the file; empty where none did.
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
    camera: str = ""
    personal: Mapping[str, str] = field(default_factory=dict)
    embedded_by: str = ""
    generated_tags: tuple[GeneratedTag, ...] = ()

    @property
    def all_tags(self) -> tuple[str, ...]:
        """What search finds it by: tags of people and files first, each name once."""
        return tuple(dict.fromkeys((*self.tags, *(tag.name for tag in self.generated_tags))))

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

    @property
    def asset_ref(self) -> AssetRef:
        return AssetRef(self.library, self.asset_id)


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says of itself, read when it was decoded. What its source said counts before it.

    Attributes:
        captions: of origin `embedded`.
        tags: keywords; added to the asset's own.
    """

    captions: tuple[Caption, ...] = ()
    tags: tuple[str, ...] = ()
    captured_at: datetime | None = None
    camera: str = ""
    source: str = ""
    licence: str = ""
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How indexing one asset ended.

    Attributes:
        check: what the policy says of it; None where there is no policy.
        moderation: what its points say; None where they were not written.
    """

    ref: AssetRef
    state: AssetState
    reason: str = ""
    visuals: tuple[Visual, ...] = ()
    found: Found = field(default_factory=Found)
    check: Check | None = None
    moderation: Moderation | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What one task has before it.

    Attributes:
        assets: to be indexed now; an attempt was counted for each.
        given_up: quarantined just now: they had all their attempts.
    """

    assets: tuple[Asset, ...] = ()
    given_up: tuple[AssetRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Concluded:
    """What happened to assets while one task had them.

    Attributes:
        gone: deleted meanwhile: their points must go as well.
        reopened: given up or cancelled meanwhile, and now indexed after all: their points may have been removed.
        restated: moderated by people meanwhile: their points say otherwise.
    """

    gone: tuple[AssetRef, ...] = ()
    reopened: tuple[AssetRef, ...] = ()
    restated: tuple[AssetRef, ...] = ()


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
    """One file of a job, and how it stands now.

    Attributes:
        number: ascending within a job; names the place in its list.
        known: True when the library had its bytes already.
    """

    name: str
    state: AssetState
    asset_id: AssetId | None = None
    reason: str = ""
    known: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One request to ingest, and how far it is. Counts are read from the catalog, never stored.

    Attributes:
        known: of all its files, how many the library already had.
        complete: False while files are still being handed in.
        cancelled: True when somebody stopped it; what was indexed until then stays.
    """

    id: str
    library: str
    actor: str
    created_at: datetime
    complete: bool
    counts: Mapping[AssetState, int]
    known: int = 0
    cancelled: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> bool:
        return self.complete and not self.counts.get(AssetState.ACCEPTED, 0)


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A job that is done, for whoever records that.

    Attributes:
        begun: the ledger's number of its beginning, or of its last retry.
        new: assets that it brought; `assets` names some of them, in the order of their ids.
        refused: reasons why files are not in the library, and how many have each.
        taken_before: somebody took it before, and may have recorded it.
    """

    job: Job
    begun: int
    new: int
    assets: tuple[AssetId, ...]
    refused: tuple[tuple[str, int], ...]
    taken_before: bool
