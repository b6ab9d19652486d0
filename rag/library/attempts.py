"""Attempts at indexing: the outbox, and what becomes of assets. Each function takes a transaction's connection.

Whoever changes assets locks their rows first, in order of their keys, so that workers
with the same assets take turns and none overwrites what another wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from rag.library.rows import in_turn, load_assets, named, ref_of
from rag.library.tables import assets, outbox, visuals
from rag.library.transactions import Row, insert_new
from rag.model import Asset, AssetRef, AssetState, Outcome, Visual

FAILED = (AssetState.SKIPPED, AssetState.QUARANTINED)
NO_REASON = "the worker died or raised"


def unsent(connection: Connection, limit: int, sent_before: datetime, tried: int) -> list[AssetRef]:
    waiting = select(outbox).where(or_(outbox.c.sent_at.is_(None), outbox.c.sent_at <= sent_before))
    if tried:
        waiting = waiting.join(assets).where(assets.c.attempts >= tried)
    oldest_first = outbox.c.added_at, outbox.c.library, outbox.c.asset_id
    found = connection.execute(waiting.order_by(*oldest_first).limit(limit))
    return [ref_of(row) for row in found.mappings()]


def mark_sent(connection: Connection, refs: Sequence[AssetRef], now: datetime) -> None:
    for some in in_turn(refs):
        _lock(connection, some)
        connection.execute(update(outbox).where(named(outbox, some)).values(sent_at=now))


def begin(connection: Connection, refs: Sequence[AssetRef], attempts_allowed: int) -> list[Asset]:
    begun = [asset for some in in_turn(refs) for asset in _begin(connection, some, attempts_allowed)]
    by_ref = {asset.ref: asset for asset in begun}
    return [by_ref[ref] for ref in dict.fromkeys(refs) if ref in by_ref]


def _begin(connection: Connection, refs: Sequence[AssetRef], attempts_allowed: int) -> list[Asset]:
    waiting = [row for row in _lock(connection, refs).values() if row["state"] == AssetState.ACCEPTED]
    spent = [row for row in waiting if row["attempts"] >= attempts_allowed]
    going = [ref_of(row) for row in waiting if row["attempts"] < attempts_allowed]
    _write(connection, {ref_of(row): _given_up(row) for row in spent})
    _leave_outbox(connection, [ref_of(row) for row in spent])
    if not going:
        return []
    connection.execute(update(assets).where(named(assets, going)).values(attempts=assets.c.attempts + 1))
    return load_assets(connection, select(assets).where(named(assets, going)))


def _given_up(row: RowMapping) -> Change:
    times, last = row["attempts"], row["reason"] or NO_REASON
    reason = f"indexing failed {times} time{'' if times == 1 else 's'}; last: {last}"
    return Change(AssetState.QUARANTINED, reason, times)


def release(connection: Connection, refs: Sequence[AssetRef]) -> None:
    for some in in_turn(refs):
        _lock(connection, some)
        counted = named(assets, some) & (assets.c.state == AssetState.ACCEPTED) & (assets.c.attempts > 0)
        connection.execute(update(assets).where(counted).values(attempts=assets.c.attempts - 1))
        connection.execute(update(outbox).where(named(outbox, some)).values(sent_at=None))


def conclude(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    by_ref = {outcome.ref: outcome for outcome in outcomes}
    for some in in_turn([*by_ref]):
        found = _lock(connection, some)
        told = [by_ref[ref] for ref, row in found.items() if _replaces(by_ref[ref].state, AssetState(row["state"]))]
        _write(connection, {outcome.ref: _concluded(found[outcome.ref], outcome) for outcome in told})
        _leave_outbox(connection, [outcome.ref for outcome in told if outcome.state is not AssetState.ACCEPTED])
        _replace_visuals(connection, [outcome for outcome in told if outcome.state is AssetState.INDEXED])


def _replaces(new: AssetState, old: AssetState) -> bool:
    """Nothing final is reopened; and what is indexed stays so when a duplicate of its task fails later."""
    if new is AssetState.ACCEPTED:
        return old is AssetState.ACCEPTED
    return new is AssetState.INDEXED or old is not AssetState.INDEXED


def _concluded(row: RowMapping, outcome: Outcome) -> Change:
    shown = len(outcome.visuals) if outcome.state is AssetState.INDEXED else 0
    return Change(outcome.state, outcome.reason, row["attempts"], shown)


def _replace_visuals(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    connection.execute(delete(visuals).where(named(visuals, [outcome.ref for outcome in outcomes])))
    if rows := [_visual_row(visual) for outcome in outcomes for visual in outcome.visuals]:
        connection.execute(insert(visuals), rows)


def _visual_row(visual: Visual) -> Row:
    return {
        "id": visual.id,
        "library": visual.library,
        "asset_id": visual.asset_id,
        "locator": visual.locator,
        "width": visual.width,
        "height": visual.height,
        "perceptual_hash": visual.perceptual_hash,
    }


def retry(connection: Connection, refs: Sequence[AssetRef], now: datetime) -> None:
    for some in in_turn(refs):
        failed = [row for row in _lock(connection, some).values() if row["state"] in FAILED]
        _write(connection, {ref_of(row): Change(AssetState.ACCEPTED, "", attempts=0) for row in failed})
        again = [{"library": row["library"], "asset_id": row["asset_id"], "added_at": now} for row in failed]
        insert_new(connection, outbox, again)


def _lock(connection: Connection, refs: Sequence[AssetRef]) -> dict[AssetRef, RowMapping]:
    """The rows of `refs` that exist, held until the transaction ends. (On SQLite it holds the whole database.)"""
    key = assets.c.library, assets.c.asset_id
    wanted = select(*key, assets.c.state, assets.c.reason, assets.c.attempts).where(named(assets, refs))
    rows = connection.execute(wanted.order_by(*key).with_for_update()).mappings()
    return {ref_of(row): row for row in rows}


@dataclass(frozen=True, slots=True)
class Change:
    """New values of an asset's row. Assets with the same change are written by one statement."""

    state: AssetState
    reason: str
    attempts: int
    visual_count: int = 0


def _write(connection: Connection, changes: Mapping[AssetRef, Change]) -> None:
    alike: dict[Change, list[AssetRef]] = defaultdict(list)
    for ref, change in changes.items():
        alike[change].append(ref)
    for change, refs in alike.items():
        connection.execute(update(assets).where(named(assets, refs)).values(**asdict(change)))


def _leave_outbox(connection: Connection, refs: Iterable[AssetRef]) -> None:
    if some := list(refs):
        connection.execute(delete(outbox).where(named(outbox, some)))
