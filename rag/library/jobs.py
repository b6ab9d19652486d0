"""Jobs: what was handed in, and how far it is. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from rag.batching import in_batches
from rag.errors import Cancelled, NotFound
from rag.library.rights import readable_by, visible_to
from rag.library.rows import KEYS_PER_QUERY, asset_row, in_turn, named, part_rows, ref_of
from rag.library.tables import assets, fingerprints, job_items, jobs, libraries, outbox
from rag.library.transactions import Row, insert_new
from rag.model import Actor, Asset, AssetId, AssetRef, AssetState, Job, JobItem
from rag.ports import ERASED, Acceptance


def create_library(connection: Connection, name: str, now: datetime) -> None:
    insert_new(connection, libraries, [{"name": name, "created_at": now, "keep_personal": False}])


def keeps_personal(connection: Connection, library: str) -> bool:
    return bool(connection.execute(select(libraries.c.keep_personal).where(libraries.c.name == library)).scalar())


def keep_personal(connection: Connection, library: str, keep: bool, now: datetime) -> None:
    create_library(connection, library, now)
    connection.execute(update(libraries).where(libraries.c.name == library).values(keep_personal=keep))


def start(
    connection: Connection, job_id: str, library: str, actor: Actor, now: datetime, *, event: int | None = None
) -> None:
    create_library(connection, library, now)
    who = {"id": job_id, "library": library, "actor": actor.id, "begun_event": event}
    insert_new(connection, jobs, [{**who, "created_at": now, "touched_at": now, "complete": False, "cancelled": False}])


def finish(connection: Connection, job_id: str) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(complete=True))


def accept(connection: Connection, job_id: str, batch: Sequence[Acceptance], now: datetime) -> list[AssetRef]:
    library, actor = _open_job(connection, job_id, now)
    handed_in = list(_assets_of(batch, library))
    new = _insert_assets(connection, handed_in, now)
    leaving = _leaving(connection, [asset.ref for asset in handed_in if asset.ref not in new])
    items = [*_items(job_id, batch, new, leaving)]
    if actor == ERASED:
        items = [{**item, "name": ERASED, "reason": item["reason"] and ERASED} for item in items]
    if items:
        connection.execute(insert(job_items), items)
    _remember_files(connection, library, batch, leaving)
    return [asset.ref for asset in handed_in if asset.ref in new]


def _open_job(connection: Connection, job_id: str, now: datetime) -> tuple[str, str]:
    """Library and actor of a job that still takes files."""
    touched = update(jobs).where(jobs.c.id == job_id).values(touched_at=now)
    row = connection.execute(touched.returning(jobs.c.library, jobs.c.actor, jobs.c.cancelled)).one_or_none()
    if row is None:
        raise NotFound(f"there is no job {job_id}")
    if row.cancelled:
        raise Cancelled(f"the job {job_id} was cancelled; hand the files in to a new one, or retry this one")
    return row.library, row.actor


def _leaving(connection: Connection, refs: Sequence[AssetRef]) -> set[AssetRef]:
    """Those of `refs` that are being deleted at this moment."""
    key = assets.c.library, assets.c.asset_id
    found: set[AssetRef] = set()
    for some in in_turn(refs):
        chosen = select(*key).where(named(assets, some), assets.c.state == AssetState.DELETED)
        found |= {ref_of(row) for row in connection.execute(chosen).mappings()}
    return found


def _remember_files(
    connection: Connection, library: str, batch: Sequence[Acceptance], leaving: Collection[AssetRef]
) -> None:
    files = {
        one.fingerprint: one.asset.id
        for one in batch
        if one.fingerprint and one.asset is not None and one.asset.ref not in leaving
    }
    rows = [{"library": library, "fingerprint": key, "asset_id": asset_id} for key, asset_id in sorted(files.items())]
    insert_new(connection, fingerprints, rows)


def known_files(connection: Connection, library: str, wanted: Collection[str]) -> dict[str, AssetId]:
    owned = (fingerprints.c.library == assets.c.library) & (fingerprints.c.asset_id == assets.c.asset_id)
    chosen = select(fingerprints.c.fingerprint, fingerprints.c.asset_id).join(assets, owned)
    known: dict[str, AssetId] = {}
    for some in in_batches(wanted, KEYS_PER_QUERY):
        here = fingerprints.c.library == library, fingerprints.c.fingerprint.in_(some)
        rows = connection.execute(chosen.where(*here, assets.c.state != AssetState.DELETED))
        known |= {row.fingerprint: AssetId(row.asset_id) for row in rows}
    return known


def _assets_of(batch: Sequence[Acceptance], library: str) -> Iterator[Asset]:
    """The assets of a batch, each once."""
    seen = set()
    for acceptance in batch:
        asset = acceptance.asset
        if asset is None or asset.id in seen:
            continue
        if asset.library != library:
            raise ValueError(f"{asset.ref} was handed in to a job of the library {library}")
        seen.add(asset.id)
        yield asset


def _insert_assets(connection: Connection, handed_in: Sequence[Asset], now: datetime) -> set[AssetRef]:
    """Insert those that are not there yet, with all that belongs to them; say which they are."""
    rows = [asset_row(asset, now) for asset in sorted(handed_in, key=lambda asset: asset.id)]
    new = {AssetRef(library, AssetId(asset_id)) for library, asset_id in insert_new(connection, assets, rows)}
    parts: dict[Table, list[Row]] = defaultdict(list)
    for asset in handed_in:
        if asset.ref in new:
            parts[outbox].append({"library": asset.library, "asset_id": asset.id, "added_at": now})
            for table, row in part_rows(asset):
                parts[table].append(row)
    for table, rows in parts.items():
        connection.execute(insert(table), rows)
    return new


def _items(
    job_id: str, batch: Sequence[Acceptance], new: set[AssetRef], leaving: Collection[AssetRef]
) -> Iterator[Row]:
    """One row per file. The first file of a new asset is what made it; any other found it known."""
    unclaimed = set(new)
    for acceptance in batch:
        asset, asset_id, reason = acceptance.asset, acceptance.known, acceptance.reason
        known = asset_id is not None
        if asset is not None and asset.ref in leaving:
            reason = "it is being deleted at this moment; hand it in again"
        elif asset is not None:
            asset_id, known = asset.id, asset.ref not in unclaimed
            unclaimed.discard(asset.ref)
        yield {"job_id": job_id, "name": acceptance.name, "asset_id": asset_id, "reason": reason, "known": known}


def job(connection: Connection, actor: Actor, job_id: str) -> Job:
    found = connection.execute(select(jobs).where(jobs.c.id == job_id, readable_by(actor, jobs.c.library)))
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no job {job_id}")
    state, known = state_now(), func.sum(case((job_items.c.known, 1), else_=0))
    counts = connection.execute(
        select(state.label("state"), func.count().label("files"), known.label("known"))
        .select_from(items_with_assets())
        .where(job_items.c.job_id == job_id)
        .group_by(state)
    ).all()
    return _job_of(
        row, {AssetState(found.state): found.files for found in counts}, sum(found.known for found in counts)
    )


def newest(connection: Connection, actor: Actor, library: str | None, limit: int) -> list[Job]:
    chosen = select(jobs.c.id).where(readable_by(actor, jobs.c.library))
    if library is not None:
        chosen = chosen.where(jobs.c.library == library)
    ids = connection.execute(chosen.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)).scalars().all()
    return [job(connection, actor, job_id) for job_id in ids]


def cancel(connection: Connection, actor: Actor, job_id: str) -> list[AssetRef]:
    """Close the job, and name the assets that came with it."""
    job(connection, actor, job_id)
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(complete=True, cancelled=True))
    return assets_of(connection, job_id)


def assets_of(connection: Connection, job_id: str) -> list[AssetRef]:
    """The assets that were new in a job; what the library had before does not belong to it."""
    own = job_items.c.job_id == job_id, job_items.c.asset_id.is_not(None), ~job_items.c.known
    chosen = select(jobs.c.library, job_items.c.asset_id).join(jobs, jobs.c.id == job_items.c.job_id).where(*own)
    return [ref_of(row) for row in connection.execute(chosen).mappings()]


def failed_assets_of(connection: Connection, actor: Actor, job_id: str) -> list[AssetRef]:
    job(connection, actor, job_id)
    failed = state_now().in_([AssetState.SKIPPED, AssetState.QUARANTINED])
    chosen = select(jobs.c.library, job_items.c.asset_id).select_from(items_with_assets()).distinct()
    rows = connection.execute(chosen.where(job_items.c.job_id == job_id, assets.c.asset_id.is_not(None), failed))
    return [ref_of(row) for row in rows.mappings()]


def close_abandoned(connection: Connection, untouched_since: datetime) -> int:
    abandoned = update(jobs).where(~jobs.c.complete, jobs.c.touched_at < untouched_since).values(complete=True)
    return int(connection.execute(abandoned).rowcount)


def _job_of(row: RowMapping, counts: Mapping[AssetState, int], known: int) -> Job:
    return Job(
        id=row["id"],
        library=row["library"],
        actor=row["actor"],
        created_at=row["created_at"],
        complete=row["complete"],
        cancelled=row["cancelled"],
        counts=counts,
        known=known,
    )


def items(
    connection: Connection, actor: Actor, job_id: str, *, states: Collection[AssetState], limit: int, after: int
) -> list[JobItem]:
    job(connection, actor, job_id)
    gone = assets.c.asset_id.is_(None) | (assets.c.state == AssetState.DELETED)
    shown = or_(gone, visible_to(actor))
    chosen = (
        select(job_items, state_now().label("state"), assets.c.reason.label("asset_reason"))
        .select_from(items_with_assets())
        .where(job_items.c.job_id == job_id, job_items.c.id > after, shown)
        .order_by(job_items.c.id)
        .limit(limit)
    )
    if states:
        chosen = chosen.where(state_now().in_(list(states)))
    return [_item_of(row) for row in connection.execute(chosen).mappings()]


def _item_of(row: RowMapping) -> JobItem:
    return JobItem(
        name=row["name"],
        state=AssetState(row["state"]),
        asset_id=None if row["asset_id"] == ERASED else row["asset_id"],
        reason=row["asset_reason"] or row["reason"],
        known=row["known"],
        number=row["id"],
    )


def items_with_assets() -> FromClause:
    asset = and_(assets.c.library == jobs.c.library, assets.c.asset_id == job_items.c.asset_id)
    return job_items.join(jobs, jobs.c.id == job_items.c.job_id).outerjoin(assets, asset)


def state_now() -> ColumnElement[str]:
    """A file stands where its asset stands; one that was turned away at the door is skipped."""
    turned_away = job_items.c.asset_id.is_(None)
    without = case((turned_away, literal(AssetState.SKIPPED.value)), else_=literal(AssetState.DELETED.value))
    return func.coalesce(assets.c.state, without)
