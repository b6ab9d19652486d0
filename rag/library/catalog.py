"""The catalog over SQL: transactions here, what they do in the modules beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, select, text

from rag.library import attempts, calibrations, copying, deletion, endings, generated, jobs, reading, upkeep
from rag.library.columns import utc_now
from rag.library.coverage_cache import CoverageCache
from rag.library.database import require_room_for
from rag.library.tables import canaries
from rag.library.transactions import insert_new, writing
from rag.library.transactions import reading as read_from
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
from rag.ports import Acceptance, Vector

TAKEN_FOR = timedelta(minutes=5)
"""Recording the end of a job takes milliseconds: whoever has had it for longer died."""


class SqlCatalog:
    """A `Catalog` in SQLite or PostgreSQL. Safe to use from several threads and processes.

    Beyond the port's promises:
    - A file handed in again with other captions, tags or name changes nothing.
    - An outcome that says `accepted` keeps its reason for the day the asset is given up.
    - An asset that is indexed stays so when a duplicate of its task fails later.
    - NUL and undecodable parts of names come back as U+FFFD: no database text holds them.
    - Any method may raise Unavailable (retryable, nothing is written) or Rejected.

    Args:
        engine: from `open_database`, and migrated; `close` closes it.
        clock: the time now, aware.
        counted: keeps coverage; one with the real clock where none is given.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] = utc_now, counted: CoverageCache | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._counted = counted or CoverageCache()

    # Libraries and jobs

    def create_library(self, name: str) -> None:
        with writing(self._engine) as connection:
            jobs.create_library(connection, name, self._clock())

    def keeps_personal(self, library: str) -> bool:
        with read_from(self._engine) as connection:
            return jobs.keeps_personal(connection, library)

    def keep_personal(self, library: str, keep: bool) -> None:
        with writing(self._engine) as connection:
            jobs.keep_personal(connection, library, keep, self._clock())

    def libraries(self, actor: Actor) -> list[str]:
        with read_from(self._engine) as connection:
            return reading.library_names(connection, actor)

    def start_job(self, job_id: str, library: str, actor: Actor, *, event: int | None = None) -> None:
        with writing(self._engine) as connection:
            jobs.start(connection, job_id, library, actor, self._clock(), event=event)

    def accept(self, job_id: str, batch: Sequence[Acceptance]) -> list[AssetRef]:
        with self._recounting() as connection:
            return jobs.accept(connection, job_id, batch, self._clock())

    def known_files(self, library: str, fingerprints: Collection[str]) -> Mapping[str, AssetId]:
        with read_from(self._engine) as connection:
            return jobs.known_files(connection, library, fingerprints)

    def finish_job(self, job_id: str) -> None:
        with writing(self._engine) as connection:
            jobs.finish(connection, job_id)

    def job(self, actor: Actor, job_id: str) -> Job:
        with read_from(self._engine) as connection:
            return jobs.job(connection, actor, job_id)

    def jobs(self, actor: Actor, *, library: str | None = None, limit: int = 20) -> list[Job]:
        with read_from(self._engine) as connection:
            return jobs.newest(connection, actor, library, limit)

    def job_items(
        self, actor: Actor, job_id: str, *, states: Collection[AssetState] = (), limit: int = 1000, after: int = 0
    ) -> list[JobItem]:
        with read_from(self._engine) as connection:
            return jobs.items(connection, actor, job_id, states=states, limit=limit, after=after)

    def cancel_job(self, actor: Actor, job_id: str) -> int:
        with self._recounting() as connection:
            return attempts.skip_unfinished(connection, jobs.cancel(connection, actor, job_id), "its job was cancelled")

    def retry_job(self, actor: Actor, job_id: str, *, event: int | None = None) -> list[AssetRef]:
        with self._recounting() as connection:
            failed = jobs.failed_assets_of(connection, actor, job_id)
            again = attempts.retry(connection, failed, self._clock())
            if again and event is not None:
                endings.begin_again(connection, job_id, event)
            return again

    def close_abandoned_jobs(self, older_than: float) -> int:
        with writing(self._engine) as connection:
            return jobs.close_abandoned(connection, self._clock() - timedelta(seconds=older_than))

    def take_ended_jobs(self, *, everywhere: bool) -> list[EndedJob]:
        now = self._clock()
        before = now - TAKEN_FOR
        with read_from(self._engine) as connection:
            if not endings.any_ended(connection, before, everywhere=everywhere):
                return []
        with writing(self._engine) as connection:
            return endings.take(connection, now, before, everywhere=everywhere)

    def tell_job(self, job_id: str, *, begun: int, done: int) -> None:
        with writing(self._engine) as connection:
            endings.tell(connection, job_id, begun, done)

    # Attempts

    def unsent(self, *, limit: int, older_than: float = 0.0, tried: int = 0) -> list[AssetRef]:
        with read_from(self._engine) as connection:
            return attempts.unsent(connection, limit, self._clock() - timedelta(seconds=older_than), tried)

    def mark_sent(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.mark_sent(connection, refs, self._clock())

    def begin(self, refs: Sequence[AssetRef], *, attempts_allowed: int) -> Begun:
        require_room_for(self._engine)
        with self._recounting() as connection:
            return attempts.begin(connection, refs, attempts_allowed)

    def release(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.release(connection, refs)

    def conclude(self, outcomes: Sequence[Outcome]) -> Concluded:
        with self._recounting() as connection:
            return attempts.conclude(connection, outcomes, self._clock())

    def retry(self, refs: Sequence[AssetRef], *, indexed: bool = False) -> list[AssetRef]:
        with self._recounting() as connection:
            return attempts.retry(connection, refs, self._clock(), indexed=indexed)

    # Deletion

    def begin_deletion(self, actor: Actor, refs: Sequence[AssetRef]) -> list[AssetRef]:
        with self._recounting() as connection:
            return deletion.begin(connection, actor, refs)

    def deletions(self, *, limit: int) -> list[AssetRef]:
        with read_from(self._engine) as connection:
            return deletion.unfinished(connection, limit)

    def finish_deletion(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            deletion.finish(connection, refs)

    def is_shared(self, ref: AssetRef) -> bool:
        with read_from(self._engine) as connection:
            return deletion.is_shared(connection, ref)

    # Tags of classifications

    def add_generated_tags(self, actor: Actor, tags: Mapping[AssetRef, Sequence[GeneratedTag]]) -> list[AssetRef]:
        with writing(self._engine) as connection:
            return generated.add(connection, actor, tags)

    def remove_generated_tag(self, actor: Actor, library: str, name: str, *, limit: int) -> list[AssetRef]:
        with writing(self._engine) as connection:
            return generated.remove(connection, actor, library, name, limit)

    # What an actor may see

    def asset(self, actor: Actor, ref: AssetRef) -> Asset:
        with read_from(self._engine) as connection:
            return reading.asset(connection, actor, ref)

    def find_asset(self, actor: Actor, asset_id: AssetId) -> Asset:
        with read_from(self._engine) as connection:
            return reading.find_asset(connection, actor, asset_id)

    def assets(
        self, actor: Actor, library: str, *, state: AssetState | None = None, limit: int = 100, after: str = ""
    ) -> list[Asset]:
        with read_from(self._engine) as connection:
            return reading.page(connection, actor, library, state=state, limit=limit, after=after)

    def seen(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, AssetRef]:
        with read_from(self._engine) as connection:
            return reading.seen(connection, actor, ids)

    def visuals(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, tuple[Visual, Asset]]:
        with read_from(self._engine) as connection:
            return reading.visuals_by_id(connection, actor, ids)

    def coverage(self, actor: Actor, libraries: Sequence[str]) -> Coverage:
        def count() -> Coverage:
            with read_from(self._engine) as connection:
                return reading.coverage(connection, actor, libraries)

        return self._counted.get((actor.roles, actor.groups, actor.libraries, frozenset(libraries)), count)

    # Upkeep

    def every_asset(self, *, limit: int, after: AssetRef | None = None) -> list[Asset]:
        with read_from(self._engine) as connection:
            return upkeep.every_asset(connection, limit, after)

    def states(self, refs: Sequence[AssetRef]) -> Mapping[AssetRef, AssetState]:
        with read_from(self._engine) as connection:
            return upkeep.states(connection, refs)

    def visuals_of(self, refs: Sequence[AssetRef]) -> list[Visual]:
        with read_from(self._engine) as connection:
            return upkeep.visuals_of(connection, refs)

    def known_visuals(self, ids: Sequence[VisualId]) -> set[VisualId]:
        with read_from(self._engine) as connection:
            return upkeep.known_visuals(connection, ids)

    def unknown_assets(self, ids: Sequence[AssetId]) -> list[AssetId]:
        with read_from(self._engine) as connection:
            return upkeep.unknown_assets(connection, ids)

    def unlisted(self, *, limit: int) -> list[AssetRef]:
        with read_from(self._engine) as connection:
            return attempts.unlisted(connection, limit)

    def list_again(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.list_again(connection, refs, self._clock())

    def captioned(self) -> Mapping[str, int]:
        with read_from(self._engine) as connection:
            return calibrations.captioned(connection)

    def keep_calibration(self, fit: CalibrationFit) -> None:
        with writing(self._engine) as connection:
            calibrations.keep(connection, fit, self._clock())

    def calibration_ids(self, libraries: Sequence[str], encoder_id: str) -> Mapping[str, str]:
        with read_from(self._engine) as connection:
            return calibrations.newest_ids(connection, libraries, encoder_id)

    def calibration(self, library: str, encoder_id: str = "", *, rejected: bool = False) -> CalibrationFit | None:
        with read_from(self._engine) as connection:
            return calibrations.newest(connection, library, encoder_id, rejected=rejected)

    def canary(self, encoder_id: str, vector: Vector) -> Vector:
        with writing(self._engine) as connection:
            return _canary(connection, encoder_id, vector, self._clock())

    def copy_to(self, path: Path) -> None:
        copying.copy_catalog(self._engine, path)

    def ping(self) -> None:
        with read_from(self._engine) as connection:
            connection.execute(text("SELECT 1"))

    def recount(self) -> None:
        """Forget what coverage was counted: something else changed what readers see."""
        self._counted.clear()

    @contextmanager
    def _recounting(self) -> Iterator[Connection]:
        """As `writing`, for what changes coverage: what this process did shows in its next search."""
        try:
            with writing(self._engine) as connection:
                yield connection
        finally:
            self._counted.clear()

    def close(self) -> None:
        """Close the connections. Calling twice is harmless."""
        self._engine.dispose()


def _canary(connection: Connection, encoder_id: str, vector: Vector, now: datetime) -> Vector:
    """Vectors are kept as little-endian float32, whatever the machine."""
    row = {"encoder_id": encoder_id, "vector": vector.astype("<f4").tobytes(), "recorded_at": now}
    insert_new(connection, canaries, [row])
    kept = connection.execute(select(canaries.c.vector).where(canaries.c.encoder_id == encoder_id)).scalar_one()
    return np.frombuffer(kept, dtype="<f4").astype(np.float32)
