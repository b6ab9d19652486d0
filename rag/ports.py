"""What the flows need from the outside, as Protocols.

Each says what a caller needs and nothing about how. One contract suite per port,
in `tests/contract/`, runs over every adapter. `rag.wiring` picks the adapters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.model import (
    Actor,
    Asset,
    AssetId,
    AssetRef,
    AssetState,
    Channel,
    Coverage,
    Event,
    Filter,
    Job,
    JobItem,
    Json,
    Outcome,
    Prompt,
    Visual,
    VisualId,
)

if TYPE_CHECKING:
    from PIL.Image import Image

    from rag.settings import Settings

Vector = NDArray[np.float32]
"""shape (dim,), float32, unit length unless said otherwise."""

Matrix = NDArray[np.float32]
"""shape (n, dim), float32, rows of unit length unless said otherwise."""


# Blobs


class Blobs(Protocol):
    """Bytes kept by the SHA-256 of their content, and small things derived from them."""

    def put(self, content: bytes) -> AssetId:
        """Store bytes under their hash. Atomic: never half a blob. Calling twice is harmless.

        Raises:
            Unavailable: retryable; nothing is stored.
        """

    def get(self, asset_id: AssetId) -> bytes:
        """The bytes.

        Raises:
            NotFound: no such blob.
            Unavailable: retryable.
        """

    def has(self, asset_id: AssetId) -> bool: ...

    def put_derived(self, asset_id: AssetId, name: str, content: bytes) -> None:
        """Keep something made from a blob (`thumbnail.webp`), replacing what had that name. Atomic."""

    def get_derived(self, asset_id: AssetId, name: str) -> bytes:
        """Raises NotFound when nothing of that name was kept."""

    def delete(self, asset_id: AssetId) -> None:
        """Remove derived things, then the blob. Calling twice is harmless."""


# Catalog


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One file handed in: either an asset to index, or a name and why it was skipped at the door."""

    name: str
    asset: Asset | None = None
    reason: str = ""


class Catalog(Protocol):
    """What exists: the source of truth. Every read takes the actor and shows only what that actor may see."""

    def create_library(self, name: str) -> None:
        """Make a library. Calling twice is harmless."""

    def libraries(self, actor: Actor) -> list[str]:
        """Names that `actor` may read, sorted."""

    def start_job(self, job_id: str, library: str, actor: Actor) -> None:
        """Open a job, creating the library when it is new. Calling twice is harmless."""

    def accept(self, job_id: str, batch: Sequence[Acceptance]) -> list[AssetRef]:
        """Record files of one job: asset rows, captions, job items and outbox entries in one commit.

        Durable when it returns. A file that the library already has is known and changes
        nothing: it keeps its state, captions and tags, and gets no outbox entry. (One that
        was skipped or quarantined stays so until `retry`.)

        Returns:
            The assets that are new, in the order given.

        Raises:
            NotFound: no such job.
            Unavailable: retryable; nothing of the batch is recorded.
        """

    def finish_job(self, job_id: str) -> None:
        """Say that no more files will be handed in. Calling twice is harmless."""

    def job(self, actor: Actor, job_id: str) -> Job:
        """Raises NotFound when there is none, or `actor` may not read its library."""

    def job_items(self, actor: Actor, job_id: str, *, state: AssetState | None = None) -> list[JobItem]: ...

    def unsent(self, *, limit: int, older_than: float = 0.0, tried: int = 0) -> list[AssetRef]:
        """Assets in the outbox that still wait: never sent, or sent more than `older_than` seconds ago.

        Oldest first. An outbox entry goes when its asset reaches a final state.

        Args:
            tried: only assets with at least so many attempts.
        """

    def mark_sent(self, refs: Sequence[AssetRef]) -> None:
        """Note that a task was sent for each of `refs` just now."""

    def begin(self, refs: Sequence[AssetRef], *, attempts_allowed: int) -> list[Asset]:
        """Count an attempt on each asset that is still accepted, durably, and return those to index.

        Assets in a final state are left out, so a task delivered twice does nothing
        the second time. An asset that already had `attempts_allowed` attempts is
        quarantined here instead.
        """

    def release(self, refs: Sequence[AssetRef]) -> None:
        """Take back the attempt that `begin` counted: what failed was not the assets' fault."""

    def conclude(self, outcomes: Sequence[Outcome]) -> None:
        """Record how indexing ended: state, reason, visuals; and clear their outbox entries. One commit.

        An outcome that is still `accepted` says why this attempt failed: its outbox
        entry stays, and its reason is told should the asset be given up.
        Calling twice is harmless.
        """

    def retry(self, refs: Sequence[AssetRef]) -> None:
        """Put skipped or quarantined assets back to accepted with zero attempts, and in the outbox."""

    def asset(self, actor: Actor, ref: AssetRef) -> Asset:
        """Raises NotFound when there is none, or `actor` may not see it."""

    def find_asset(self, actor: Actor, asset_id: AssetId) -> Asset:
        """The asset in whichever library `actor` may see it in, first by name. Raises NotFound."""

    def assets(
        self, actor: Actor, library: str, *, state: AssetState | None = None, limit: int = 100, after: str = ""
    ) -> list[Asset]:
        """A page of a library's assets by id; `after` is the last id of the page before."""

    def visuals(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, tuple[Visual, Asset]]:
        """Visuals that exist and `actor` may see, with their assets; the others are left out."""

    def coverage(self, actor: Actor, libraries: Sequence[str]) -> Coverage:
        """What a search over `libraries` looks at."""

    def canary(self, encoder_id: str, vector: Vector) -> Vector:
        """The canary vector recorded first for this encoder; `vector` becomes it when there is none yet.

        Returns:
            shape (dim,), float32: what every worker's encoder must reproduce.
        """

    def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""

    def close(self) -> None: ...


# Vectors


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A BM25 term vector: `indices` ascending and unique, `values` beside them."""

    indices: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One visual as the vector store holds it.

    Attributes:
        image: shape (dim,), unit length.
        captions: shape (n, dim), one row per searchable caption; n may be 0.
        bm25: term weights of the captions and tags.
        payload: see `rag.indexing.schema` for its fields.
    """

    id: VisualId
    image: Vector
    captions: Matrix
    bm25: SparseVector
    payload: Json


@dataclass(frozen=True, slots=True)
class Nearest:
    """One channel's part of a query."""

    channel: Channel
    vector: Vector | SparseVector
    limit: int
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A point and its score: cosine for dense channels, BM25 for the sparse one."""

    id: VisualId
    score: float
    payload: Json = field(default_factory=dict)


class VectorStore(Protocol):
    """Where visuals are found by their vectors. One instance per collection."""

    name: str
    dim: int

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points, replacing those with the same id.

        Durable when it returns: a point written here survives SIGKILL.
        Calling twice with the same points is harmless.

        Raises:
            DimensionMismatch: a vector is not `self.dim` long; nothing is stored.
            Unavailable: retryable; some points may be stored, none is torn.
        """

    def search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        """For each request, its closest points, best first, in one round trip.

        `where` is applied inside the search, not after it, so `limit` hits come
        back if that many match. Points without the channel's vector never match.
        """

    def fetch(self, ids: Sequence[VisualId]) -> dict[VisualId, Point]:
        """The stored points among `ids`, vectors included."""

    def delete(self, ids: Sequence[VisualId]) -> None:
        """Remove points; unknown ids are ignored. Durable when it returns."""

    def count(self, where: Filter | None = None) -> int:
        """Exact number of points that match."""

    def optimize(self) -> None:
        """Build what makes searches fast, where the store leaves that to the caller; else nothing."""


class Collections(Protocol):
    """The vector collections of an installation, and the alias that points at the live one."""

    def open(self, name: str, dim: int) -> VectorStore:
        """The collection, created with its payload indexes when it is new. Calling twice is harmless.

        Raises:
            DimensionMismatch: it exists with another dimension.
            StoreLocked: another process owns the folder.
            Unavailable: retryable.
        """

    def names(self) -> list[str]: ...

    def point(self, alias: str, name: str) -> None:
        """Make `alias` mean the collection `name`, atomically: readers see the old one or the new one."""

    def live(self, alias: str) -> str | None:
        """The collection that `alias` means; None when it was never pointed."""

    def drop(self, name: str) -> None:
        """Remove a collection and its points. Calling twice is harmless."""

    def ping(self) -> None:
        """Raises Unavailable when the store does not answer."""

    def close(self) -> None: ...


# Encoding


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """P(relevant | score) = 1 / (1 + exp(-slope * (score - midpoint))): Platt scaling of one channel's cosine."""

    slope: float
    midpoint: float


class Encoder(Protocol):
    """An open_clip model with its weights and preprocessing. Safe to call from several threads.

    Attributes:
        id: names model, weights (by hash) and preprocessing.
        dim: length of its vectors.
        input_size: edge of the square it sees, in pixels; decode to at least twice this.
        description: one line for people, with what it knows.
        demo: True for the encoder that knows only drawn scenes.
        priors: how a cosine reads as a probability before a library has its own calibration.
    """

    id: str
    dim: int
    input_size: int
    description: str
    demo: bool
    priors: Mapping[Channel, Sigmoid]

    def images(self, pictures: Sequence[Image]) -> Matrix:
        """One row per picture (RGB). Raises ValueError on none; EncoderBroken when the result is not finite."""

    def texts(self, texts: Sequence[str]) -> Matrix:
        """One row per text; long texts are cut to the model's context. Raises as `images`."""


# Answering


class ChatModel(Protocol):
    """Writes an answer from a prompt.

    Attributes:
        id: what the ledger and the reader see: `extractive`, or the LLM's name.
        sees_images: whether pictures may stand in its messages.
        extractive: True when answers are put together from captions, without an LLM.
        parameters: what else decides its output, for the ledger.
    """

    id: str
    sees_images: bool
    extractive: bool
    parameters: Json

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Pieces of the answer's text as they come.

        Raises:
            Unavailable: retryable; the endpoint did not answer, or broke off.
            Rejected: the endpoint refused: key, model name, context length.
        """


# Recording


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before the ledger has numbered, dated and chained it."""

    kind: str
    actor: str
    library: str
    body: Json


class Ledger(Protocol):
    """The append-only, tamper-evident log of events."""

    def append(self, draft: Draft) -> Event:
        """Write one event. Durable when it returns; concurrent callers never fork or skip.

        Raises:
            LedgerUnavailable: it is not written; release nothing that it was to record.
            Rejected: the body is no JSON (NaN, bytes); nothing is written.
        """

    def events(
        self,
        actor: Actor,
        *,
        kind: str | None = None,
        library: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Event]:
        """The newest events that match, newest first; `before` is a sequence number, exclusive.

        Only events of libraries that `actor` may read; those of no single library take `"*"`.

        Raises:
            NotAllowed: `actor` is neither owner nor auditor.
        """

    def event(self, actor: Actor, seq: int) -> Event:
        """Raises NotFound or NotAllowed."""

    def first_fault(self) -> str | None:
        """Check the whole chain; None when it holds, else the first event that does not and why."""


# Dispatch


class JobQueue(Protocol):
    """Carries ids of accepted assets to workers. What it loses, the outbox sends again."""

    def send(self, refs: Sequence[AssetRef], *, urgent: bool = False) -> None:
        """Ask for one task that indexes `refs`. Sending twice is harmless.

        Args:
            urgent: small interactive uploads, not to be stuck behind bulk work.

        Raises:
            Unavailable: retryable; the outbox still has them.
        """

    def waiting(self) -> int:
        """How many tasks no worker has taken yet. Raises Unavailable when the broker does not answer."""

    def ping(self) -> None:
        """Raises Unavailable when the broker does not answer."""

    def close(self) -> None:
        """Stop the worker inside this process, if there is one, after its current task."""


# All of them


class Services(Protocol):
    """The parts that a flow runs on. `rag.wiring` makes one from settings; each part opens when first used."""

    @property
    def settings(self) -> Settings: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def collections(self) -> Collections: ...
    @property
    def store(self) -> VectorStore:
        """The live collection of the configured encoder."""

    @property
    def encoder(self) -> Encoder: ...
    @property
    def chat(self) -> ChatModel: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def queue(self) -> JobQueue: ...
