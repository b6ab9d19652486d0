"""Jobs that have come to their end, for whoever records it. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, or_, select, update

from rag.library.jobs import items_with_assets, job, state_now
from rag.library.tables import assets, job_items, jobs, outbox
from rag.model import LOCAL_OWNER, AssetId, AssetState, EndedJob

AT_ONCE = 100
MOST_ASSETS = 500
"""Assets of one job that are named in the ledger: each has a key of its own there."""

MOST_REASONS, LONGEST_REASON = 20, 200
OTHERS = "other reasons"


def any_ended(connection: Connection, before: datetime, *, everywhere: bool) -> bool:
    """Whether `take` would find any: to ask without keeping others from writing."""
    return connection.execute(_ended_jobs(before, everywhere).limit(1)).first() is not None


def take(connection: Connection, now: datetime, before: datetime, *, everywhere: bool) -> list[EndedJob]:
    """Jobs whose end nobody recorded yet, taken so that nobody else records it meanwhile.

    Args:
        before: whoever took one before that is dead.
        everywhere: also those of libraries in which other files still wait.
    """
    chosen = _ended_jobs(before, everywhere).order_by(jobs.c.id).limit(AT_ONCE)
    rows = connection.execute(chosen.with_for_update(skip_locked=True)).all()
    if rows:
        taken = update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(taken_at=now))
    return [_ended(connection, row.id, row.begun_event, row.taken_at is not None) for row in rows]


def tell(connection: Connection, job_id: str, begun: int, done: int) -> None:
    """Unless it was tried again meanwhile: then it has another end before it."""
    same = jobs.c.id == job_id, jobs.c.begun_event == begun
    connection.execute(update(jobs).where(*same).values(done_event=done, taken_at=None))


def begin_again(connection: Connection, job_id: str, event: int) -> None:
    values = {"begun_event": event, "done_event": None, "taken_at": None}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))


def _ended_jobs(before: datetime, everywhere: bool) -> Select[Any]:
    asset = (assets.c.library == jobs.c.library) & (assets.c.asset_id == job_items.c.asset_id)
    waiting = exists().where(job_items.c.job_id == jobs.c.id, asset, assets.c.state == AssetState.ACCEPTED)
    found = select(jobs.c.id, jobs.c.begun_event, jobs.c.taken_at).where(
        jobs.c.begun_event.is_not(None),
        jobs.c.done_event.is_(None),
        jobs.c.complete,
        or_(jobs.c.taken_at.is_(None), jobs.c.taken_at < before),
    )
    if not everywhere:
        found = found.where(~exists().where(outbox.c.library == jobs.c.library))
    return found.where(~waiting)


def _ended(connection: Connection, job_id: str, begun: int, taken_before: bool) -> EndedJob:
    own = job_items.c.job_id == job_id, job_items.c.asset_id.is_not(None), ~job_items.c.known
    new = connection.execute(select(func.count(job_items.c.asset_id.distinct())).where(*own)).scalar_one()
    named = select(job_items.c.asset_id).distinct().where(*own).order_by(job_items.c.asset_id).limit(MOST_ASSETS)
    return EndedJob(
        job=job(connection, LOCAL_OWNER, job_id),
        begun=begun,
        new=new,
        assets=tuple(AssetId(one) for one in connection.execute(named).scalars()),
        refused=_reasons(connection, job_id),
        taken_before=taken_before,
    )


def _reasons(connection: Connection, job_id: str) -> tuple[tuple[str, int], ...]:
    """Of files that are not in the library, the most frequent first; what is rare is counted together."""
    why = func.coalesce(func.nullif(assets.c.reason, ""), job_items.c.reason)
    refused = state_now().in_([AssetState.SKIPPED, AssetState.QUARANTINED])
    chosen = select(why, func.count()).select_from(items_with_assets()).where(job_items.c.job_id == job_id, refused)
    counted: Counter[str] = Counter()
    for reason, files in connection.execute(chosen.group_by(why)):
        counted[str(reason)[:LONGEST_REASON]] += files
    most = counted.most_common()
    rest = sum(files for _, files in most[MOST_REASONS:])
    return (*most[:MOST_REASONS], *([(OTHERS, rest)] if rest else []))
