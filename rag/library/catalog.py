"""The catalog over SQL: transactions here, what they do in `jobs`, `attempts` and `reading`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine, select, text

from rag.library import attempts, jobs, reading
from rag.library.columns import utc_now
from rag.library.tables import canaries
from rag.library.transactions import insert_new, writing
from rag.library.transactions import reading as read_from
from rag.model import (
    Actor,
    Asset,
    AssetId,
    AssetRef,
    AssetState,
    Coverage,
    Job,
    JobItem,
    Outcome,
    Visual,
    VisualId,
)
from rag.ports import Acceptance, Vector


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
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    # Libraries and jobs

    def create_library(self, name: str) -> None:
        with writing(self._engine) as connection:
            jobs.create_library(connection, name, self._clock())

    def libraries(self, actor: Actor) -> list[str]:
        with read_from(self._engine) as connection:
            return reading.library_names(connection, actor)

    def start_job(self, job_id: str, library: str, actor: Actor) -> None:
        with writing(self._engine) as connection:
            jobs.start(connection, job_id, library, actor, self._clock())

    def accept(self, job_id: str, batch: Sequence[Acceptance]) -> list[AssetRef]:
        with writing(self._engine) as connection:
            return jobs.accept(connection, job_id, batch, self._clock())

    def finish_job(self, job_id: str) -> None:
        with writing(self._engine) as connection:
            jobs.finish(connection, job_id)

    def job(self, actor: Actor, job_id: str) -> Job:
        with read_from(self._engine) as connection:
            return jobs.job(connection, actor, job_id)

    def job_items(self, actor: Actor, job_id: str, *, state: AssetState | None = None) -> list[JobItem]:
        with read_from(self._engine) as connection:
            return jobs.items(connection, actor, job_id, state)

    # Attempts

    def unsent(self, *, limit: int, older_than: float = 0.0, tried: int = 0) -> list[AssetRef]:
        with read_from(self._engine) as connection:
            return attempts.unsent(connection, limit, self._clock() - timedelta(seconds=older_than), tried)

    def mark_sent(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.mark_sent(connection, refs, self._clock())

    def begin(self, refs: Sequence[AssetRef], *, attempts_allowed: int) -> list[Asset]:
        with writing(self._engine) as connection:
            return attempts.begin(connection, refs, attempts_allowed)

    def release(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.release(connection, refs)

    def conclude(self, outcomes: Sequence[Outcome]) -> None:
        with writing(self._engine) as connection:
            attempts.conclude(connection, outcomes)

    def retry(self, refs: Sequence[AssetRef]) -> None:
        with writing(self._engine) as connection:
            attempts.retry(connection, refs, self._clock())

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

    def visuals(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, tuple[Visual, Asset]]:
        with read_from(self._engine) as connection:
            return reading.visuals_by_id(connection, actor, ids)

    def coverage(self, actor: Actor, libraries: Sequence[str]) -> Coverage:
        with read_from(self._engine) as connection:
            return reading.coverage(connection, actor, libraries)

    # Upkeep

    def canary(self, encoder_id: str, vector: Vector) -> Vector:
        with writing(self._engine) as connection:
            return _canary(connection, encoder_id, vector, self._clock())

    def ping(self) -> None:
        with read_from(self._engine) as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close the connections. Calling twice is harmless."""
        self._engine.dispose()


def _canary(connection: Connection, encoder_id: str, vector: Vector, now: datetime) -> Vector:
    """Vectors are kept as little-endian float32, whatever the machine."""
    row = {"encoder_id": encoder_id, "vector": vector.astype("<f4").tobytes(), "recorded_at": now}
    insert_new(connection, canaries, [row])
    kept = connection.execute(select(canaries.c.vector).where(canaries.c.encoder_id == encoder_id)).scalar_one()
    return np.frombuffer(kept, dtype="<f4").astype(np.float32)
