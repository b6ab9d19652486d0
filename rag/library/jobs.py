"""Jobs: what was handed in, and how far it is. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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

from rag.errors import NotFound
from rag.library.rights import readable_by, visible_to
from rag.library.rows import asset_row, part_rows
from rag.library.tables import assets, job_items, jobs, libraries, outbox
from rag.library.transactions import Row, insert_new
from rag.model import Actor, Asset, AssetId, AssetRef, AssetState, Job, JobItem
from rag.ports import Acceptance


def create_library(connection: Connection, name: str, now: datetime) -> None:
    insert_new(connection, libraries, [{"name": name, "created_at": now}])


def start(connection: Connection, job_id: str, library: str, actor: Actor, now: datetime) -> None:
    create_library(connection, library, now)
    job = {"id": job_id, "library": library, "actor": actor.id, "created_at": now, "complete": False}
    insert_new(connection, jobs, [job])


def finish(connection: Connection, job_id: str) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(complete=True))


def accept(connection: Connection, job_id: str, batch: Sequence[Acceptance], now: datetime) -> list[AssetRef]:
    library = connection.execute(select(jobs.c.library).where(jobs.c.id == job_id)).scalar()
    if library is None:
        raise NotFound(f"there is no job {job_id}")
    handed_in = list(_assets_of(batch, library))
    new = _insert_assets(connection, handed_in, now)
    if items := list(_items(job_id, batch, new)):
        connection.execute(insert(job_items), items)
    return [asset.ref for asset in handed_in if asset.ref in new]


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


def _items(job_id: str, batch: Sequence[Acceptance], new: set[AssetRef]) -> Iterator[Row]:
    """One row per file. The first file of a new asset is what made it; any other found it known."""
    unclaimed = set(new)
    for acceptance in batch:
        asset = acceptance.asset
        known = asset is not None and asset.ref not in unclaimed
        if asset is not None:
            unclaimed.discard(asset.ref)
        asset_id = asset.id if asset else None
        yield {
            "job_id": job_id,
            "name": acceptance.name,
            "asset_id": asset_id,
            "reason": acceptance.reason,
            "known": known,
        }


def job(connection: Connection, actor: Actor, job_id: str) -> Job:
    found = connection.execute(select(jobs).where(jobs.c.id == job_id, readable_by(actor, jobs.c.library)))
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no job {job_id}")
    state, known = _state_now(), func.sum(case((job_items.c.known, 1), else_=0))
    counts = connection.execute(
        select(state.label("state"), func.count().label("files"), known.label("known"))
        .select_from(_items_with_assets())
        .where(job_items.c.job_id == job_id)
        .group_by(state)
    ).all()
    return _job_of(
        row, {AssetState(found.state): found.files for found in counts}, sum(found.known for found in counts)
    )


def _job_of(row: RowMapping, counts: Mapping[AssetState, int], known: int) -> Job:
    return Job(
        id=row["id"],
        library=row["library"],
        actor=row["actor"],
        created_at=row["created_at"],
        complete=row["complete"],
        counts=counts,
        known=known,
    )


def items(connection: Connection, actor: Actor, job_id: str, state: AssetState | None) -> list[JobItem]:
    job(connection, actor, job_id)
    shown = or_(job_items.c.asset_id.is_(None), visible_to(actor))
    chosen = (
        select(job_items, _state_now().label("state"), assets.c.reason.label("asset_reason"))
        .select_from(_items_with_assets())
        .where(job_items.c.job_id == job_id, shown)
        .order_by(job_items.c.id)
    )
    if state is not None:
        chosen = chosen.where(_state_now() == state)
    return [_item_of(row) for row in connection.execute(chosen).mappings()]


def _item_of(row: RowMapping) -> JobItem:
    return JobItem(
        name=row["name"],
        state=AssetState(row["state"]),
        asset_id=row["asset_id"],
        reason=row["asset_reason"] or row["reason"],
        known=row["known"],
    )


def _items_with_assets() -> FromClause:
    asset = and_(assets.c.library == jobs.c.library, assets.c.asset_id == job_items.c.asset_id)
    return job_items.join(jobs, jobs.c.id == job_items.c.job_id).outerjoin(assets, asset)


def _state_now() -> ColumnElement[str]:
    """A file stands where its asset stands; one that was turned away at the door is skipped."""
    return func.coalesce(assets.c.state, literal(AssetState.SKIPPED.value))
