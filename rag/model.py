"""The words of the house as frozen values: what flows pass around and ports speak in.

Nothing here does I/O or knows a library other than the standard one. Times are
aware datetimes in UTC. Sizes are bytes, lengths pixels.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType

AssetId = NewType("AssetId", str)
"""SHA-256 of the bytes, 64 lower-case hex digits."""

VisualId = NewType("VisualId", str)
"""UUIDv5 of (library, asset id, locator); also the Qdrant point id in every collection."""

Json = dict[str, Any]

VISUAL_NAMESPACE = uuid.UUID("5d1f5a56-3d39-5a29-8b1f-7f2b0f6f6f01")
ALL_LIBRARIES = "*"


def visual_id(library: str, asset_id: str, locator: str = "") -> VisualId:
    """The same three words always give the same id, so accepting or indexing twice changes nothing."""
    return VisualId(str(uuid.uuid5(VISUAL_NAMESPACE, f"{library}\x1f{asset_id}\x1f{locator}")))


# Who asks


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Every flow takes one; rights become part of each query and filter.

    Attributes:
        libraries: names this actor may read; `{"*"}` means all.
        groups: access groups; a visual that names groups is visible only to their members.
        roles: `owner`, `editor`, `auditor`, `reader`.
    """

    id: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()

    def may_read(self, library: str) -> bool:
        return ALL_LIBRARIES in self.libraries or library in self.libraries

    def has(self, *roles: str) -> bool:
        """True for the owner, and for anyone with one of `roles`."""
        return "owner" in self.roles or not self.roles.isdisjoint(roles)


LOCAL_OWNER = Actor(id="local", roles=frozenset({"owner"}), libraries=frozenset({ALL_LIBRARIES}))
"""The actor on loopback when no API keys are configured."""


# What we own


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


# What is searched


class Channel(StrEnum):
    """A named vector of a point, and one list of candidates per query."""

    IMAGE = "image"
    CAPTION = "caption"
    BM25 = "bm25"


@dataclass(frozen=True, slots=True)
class Eq:
    """`field` holds `value` (or contains it, where the field is a list)."""

    field: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`field` holds one of `values`; no values match nothing."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= field <= high`; either end may be open. Numbers, or datetimes for date fields."""

    field: str
    low: float | datetime | None = None
    high: float | datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """`field` is absent or empty."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    filter: Filter


Filter = Eq | AnyOf | Between | Missing | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted of the libraries.

    Attributes:
        libraries: empty means every library that the actor may read.
    """

    text: str
    libraries: tuple[str, ...] = ()
    top_k: int = 8
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved visual, numbered as the prompt and the answer show it.

    Attributes:
        number: 1, 2, …; shown as `[1]`, `[2]`, …; given by our retrieval, never by the LLM.
        caption: the caption shown and prompted; None when the visual has none.
        relevance: calibrated probability in [0, 1] that the visual answers the query.
        scores: raw score per channel that found it.
        ranks: 1-based rank per channel that found it.
    """

    number: int
    visual: Visual
    caption: Caption | None
    relevance: float
    scores: Mapping[Channel, float]
    ranks: Mapping[Channel, int]
    fused: float = 0.0
    tags: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    captured_at: str = ""
    name: str = ""
    media_type: str = ""

    @property
    def label(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that did not become evidence, and why."""

    visual_id: VisualId
    reason: str
    scores: Mapping[Channel, float]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything one search found, kept and dropped.

    Attributes:
        query: as asked, with the libraries that were searched.
        timings: milliseconds by step.
        event: the ledger's number for it, once it is recorded.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    dropped: tuple[Dropped, ...]
    coverage: Coverage
    encoder_id: str
    collection: str
    timings: Mapping[str, float] = field(default_factory=dict)
    event: int | None = None


# What is answered


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an LLM.

    Attributes:
        images: evidence numbers whose pictures stand in this message, each behind its label.
    """

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of a chat model: the messages, and the evidence they were rendered from."""

    id: str
    hash: str
    question: str
    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    pictures: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Text whose citations all resolve to evidence of its own retrieval.

    Attributes:
        composer: `extractive`, or the LLM's id.
        notices: what the reader must know: no LLM configured, citations removed, …
        events: ledger sequence numbers: the retrieval and, once complete, the answer.
    """

    text: str
    citations: tuple[int, ...]
    retrieval: Retrieval
    composer: str
    abstained: bool = False
    notices: tuple[str, ...] = ()
    events: tuple[int, ...] = ()


# What is recorded


@dataclass(frozen=True, slots=True)
class Event:
    """One audit record, as the ledger keeps it.

    Attributes:
        seq: 0, 1, 2, … without gaps.
        kind: `retrieval`, `answer`, …
        body: what happened, as JSON; images by hash, never as bytes.
        previous, hash: lower-case hex SHA-256; `hash` covers everything here but itself.
        salt: 32 hex digits; without it, `hash` tells nothing about actor and body once they are erased.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    library: str
    body: Json
    previous: str
    hash: str
    salt: str = ""
