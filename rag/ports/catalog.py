"""What exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.model import Actor, Asset, AssetId, AssetRef, AssetState, Coverage, Job, JobItem, Outcome, Visual, VisualId
from rag.ports.vectors import Vector


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
        """Take back the attempt that `begin` counted: what failed was not the assets' fault.

        They count as never sent, so that the outbox does not wait before it sends them again.
        """

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
