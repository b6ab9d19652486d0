"""What exists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag.model import (
    Actor,
    Asset,
    AssetId,
    AssetRef,
    AssetState,
    Begun,
    CalibrationFit,
    Concluded,
    Coverage,
    EndedJob,
    GeneratedTag,
    Job,
    JobItem,
    Outcome,
    Visual,
    VisualId,
)
from rag.ports.vectors import Vector


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One file handed in: either an asset to index, or a name and why it was skipped at the door.

    Attributes:
        fingerprint: how its source knows this state of the file; empty where nothing cheap is known.
        known: the asset that the file is known to be, without having been read again.
    """

    name: str
    asset: Asset | None = None
    reason: str = ""
    fingerprint: str = ""
    known: AssetId | None = None


class Catalog(Protocol):
    """What exists: the source of truth. Every read takes the actor and shows only what that actor may see."""

    def create_library(self, name: str) -> None:
        """Make a library. Calling twice is harmless."""

    def keeps_personal(self, library: str) -> bool:
        """Whether GPS, creators and serial numbers found in files are kept. False for a library that is not there."""

    def keep_personal(self, library: str, keep: bool) -> None:
        """Decide that for what is ingested from now on, making the library when it is new."""

    def libraries(self, actor: Actor) -> list[str]:
        """Names that `actor` may read, sorted."""

    def start_job(self, job_id: str, library: str, actor: Actor, *, event: int | None = None) -> None:
        """Open a job, creating the library when it is new. Calling twice is harmless.

        Args:
            event: the ledger's number of its beginning; without one, its end is not recorded either.
        """

    def accept(self, job_id: str, batch: Sequence[Acceptance]) -> list[AssetRef]:
        """Record files of one job: asset rows, captions, job items and outbox entries in one commit.

        Durable when it returns. A file that the library already has is known and changes
        nothing: it keeps its state, captions and tags, and gets no outbox entry. (One that
        was skipped or quarantined stays so until `retry`.)

        An asset that is being deleted at this moment is turned away: its item says so.

        Returns:
            The assets that are new, in the order given.

        Raises:
            NotFound: no such job.
            Cancelled: somebody stopped the job; nothing of the batch is recorded.
            Unavailable: retryable; nothing of the batch is recorded.
        """

    def known_files(self, library: str, fingerprints: Collection[str]) -> Mapping[str, AssetId]:
        """Of `fingerprints`, those recorded with assets that the library still has."""

    def finish_job(self, job_id: str) -> None:
        """Say that no more files will be handed in. Calling twice is harmless."""

    def job(self, actor: Actor, job_id: str) -> Job:
        """Raises NotFound when there is none, or `actor` may not read its library."""

    def jobs(self, actor: Actor, *, library: str | None = None, limit: int = 20) -> list[Job]:
        """The newest jobs that `actor` may see, newest first."""

    def job_items(
        self, actor: Actor, job_id: str, *, states: Collection[AssetState] = (), limit: int = 1000, after: int = 0
    ) -> list[JobItem]:
        """A page of a job's files in the order they came in; `after` is the number of the last one of the page before.

        Args:
            states: only files that stand there now; empty means all.
        """

    def cancel_job(self, actor: Actor, job_id: str) -> int:
        """Take no more files, and skip those of its files that are not indexed yet. Calling twice is harmless.

        Returns:
            How many assets were skipped; `retry_job` brings them back.

        Raises:
            NotFound: there is none, or `actor` may not read its library.
        """

    def retry_job(self, actor: Actor, job_id: str, *, event: int | None = None) -> list[AssetRef]:
        """Put its skipped and quarantined assets back, as `retry` does, and say which they are. Raises NotFound.

        Args:
            event: the ledger's number of this; where something is tried again, the job has another end to record.
        """

    def close_abandoned_jobs(self, older_than: float) -> int:
        """Finish jobs that nobody handed a file in to for `older_than` seconds: whoever did is gone. How many."""

    def take_ended_jobs(self, *, everywhere: bool) -> list[EndedJob]:
        """Jobs that are done and whose end is not recorded yet, whosever; nobody else gets them for some minutes.

        Args:
            everywhere: False leaves out those of libraries in which any file still waits: quick, however many they are.
        """

    def tell_job(self, job_id: str, *, begun: int, done: int) -> None:
        """Note that the end of a job is recorded, as event `done`. Nothing is noted where it began anew since."""

    def unsent(self, *, limit: int, older_than: float = 0.0, tried: int = 0) -> list[AssetRef]:
        """Assets in the outbox that still wait: never sent, or sent more than `older_than` seconds ago.

        Oldest first. An outbox entry goes when its asset reaches a final state.

        Args:
            tried: only assets with at least so many attempts.
        """

    def mark_sent(self, refs: Sequence[AssetRef]) -> None:
        """Note that a task was sent for each of `refs` just now."""

    def begin(self, refs: Sequence[AssetRef], *, attempts_allowed: int) -> Begun:
        """Count an attempt on each asset that is still accepted, durably, and return those to index.

        Assets in a final state are left out, so a task delivered twice does nothing
        the second time. An asset that already had `attempts_allowed` attempts is
        quarantined here instead.
        """

    def release(self, refs: Sequence[AssetRef]) -> None:
        """Take back the attempt that `begin` counted: what failed was not the assets' fault.

        They count as never sent, so that the outbox does not wait before it sends them again.
        """

    def conclude(self, outcomes: Sequence[Outcome]) -> Concluded:
        """Record how indexing ended: state, reason, visuals, findings; and clear their outbox entries. One commit.

        An outcome that is still `accepted` says why this attempt failed: its outbox
        entry stays, and its reason is told should the asset be given up. What was found
        in the file fills what its source left open; captions and tags are added once. What a policy
        says of it is recorded as `Reviews.record` does, in the same commit.
        Calling twice is harmless.
        """

    def retry(self, refs: Sequence[AssetRef], *, indexed: bool = False) -> list[AssetRef]:
        """Put skipped or quarantined assets back to accepted with zero attempts, and in the outbox.

        Args:
            indexed: indexed ones as well, to be indexed anew.

        Returns:
            Those put back.
        """

    def begin_deletion(self, actor: Actor, refs: Sequence[AssetRef]) -> list[AssetRef]:
        """Hide assets from every reader, durably, before anything of them is removed. Calling twice is harmless.

        Returns:
            Of `refs`, those to be removed now; unknown ones, or those that `actor` may not see, are left out.
        """

    def deletions(self, *, limit: int) -> list[AssetRef]:
        """Assets whose removal began and did not end: a process died on the way."""

    def finish_deletion(self, refs: Sequence[AssetRef]) -> None:
        """Remove the records of assets whose removal began. Calling twice is harmless."""

    def add_generated_tags(self, actor: Actor, tags: Mapping[AssetRef, Sequence[GeneratedTag]]) -> list[AssetRef]:
        """Give indexed assets tags of a classification. Calling twice changes nothing the second time.

        A tag that the asset has already, from a person, its file or an earlier classification, stays as it is.

        Returns:
            Those that got at least one; unknown assets, or those that `actor` may not see, are left out.
        """

    def remove_generated_tag(self, actor: Actor, library: str, name: str, *, limit: int) -> list[AssetRef]:
        """Take the tag `name` back from at most `limit` assets that classifications gave it to; tags of people stay.

        Returns:
            Those that lost it; none when nobody has it any more.
        """

    def is_shared(self, ref: AssetRef) -> bool:
        """Whether another library has the same bytes, so that the blob must stay."""

    def asset(self, actor: Actor, ref: AssetRef) -> Asset:
        """Raises NotFound when there is none, or `actor` may not see it."""

    def find_asset(self, actor: Actor, asset_id: AssetId) -> Asset:
        """The asset in whichever library `actor` may see it in, first by name. Raises NotFound."""

    def assets(
        self, actor: Actor, library: str, *, state: AssetState | None = None, limit: int = 100, after: str = ""
    ) -> list[Asset]:
        """A page of a library's assets by id; `after` is the last id of the page before."""

    def seen(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, AssetRef]:
        """Of visuals that exist and `actor` may see, whose they are: for hundreds of candidates at a time."""

    def visuals(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, tuple[Visual, Asset]]:
        """Visuals that exist and `actor` may see, with their assets; the others are left out."""

    def coverage(self, actor: Actor, libraries: Sequence[str]) -> Coverage:
        """What a search over `libraries` looks at.

        What this process wrote shows at once. What others wrote shows at once where counting takes
        less than 2 ms; where it takes longer, within 50 times as long, and within 2 seconds.
        """

    def recount(self) -> None:
        """Count coverage anew: something else than this catalog changed how assets are shown."""

    # Upkeep reads everything, whoever may see it.

    def every_asset(self, *, limit: int, after: AssetRef | None = None) -> list[Asset]:
        """A page of all assets of all libraries, in order of library and id; deleted ones too."""

    def states(self, refs: Sequence[AssetRef]) -> Mapping[AssetRef, AssetState]:
        """Where assets stand; those that are not there are left out."""

    def visuals_of(self, refs: Sequence[AssetRef]) -> list[Visual]:
        """What the catalog has of these assets, in order of asset and id."""

    def known_visuals(self, ids: Sequence[VisualId]) -> set[VisualId]:
        """Of `ids`, those that belong to an indexed asset."""

    def unknown_assets(self, ids: Sequence[AssetId]) -> list[AssetId]:
        """Of `ids`, those that no library has."""

    def unlisted(self, *, limit: int) -> list[AssetRef]:
        """Accepted assets that are not in the outbox: nobody would ever send them."""

    def list_again(self, refs: Sequence[AssetRef]) -> None:
        """Put accepted assets into the outbox. Calling twice is harmless."""

    def canary(self, encoder_id: str, vector: Vector) -> Vector:
        """The canary vector recorded first for this encoder; `vector` becomes it when there is none yet.

        Returns:
            shape (dim,), float32: what every worker's encoder must reproduce.
        """

    def captioned(self) -> Mapping[str, int]:
        """Of each library, how many indexed assets have a caption that is searched; generated ones do not
        count, and libraries without are left out."""

    def keep_calibration(self, fit: CalibrationFit) -> None:
        """Record a fit as of now. Calling twice only moves its time. Raises NotFound: there is no such library."""

    def calibration_ids(self, libraries: Sequence[str], encoder_id: str) -> Mapping[str, str]:
        """For each library that has one, the id of what `calibration` gives: every search asks for it."""

    def calibration(self, library: str, encoder_id: str = "", *, rejected: bool = False) -> CalibrationFit | None:
        """The newest installed fit; None where there is none.

        Args:
            encoder_id: empty means any.
            rejected: the newest at all, also one that was not installed.
        """

    def copy_to(self, path: Path) -> None:
        """What searches read, as it is at this moment, as a catalog of its own: a new SQLite file.

        Without personal metadata, jobs, conversations and the ledger. Raises DiskFull, Unavailable.
        """

    def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""

    def close(self) -> None: ...
