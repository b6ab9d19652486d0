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

from rag.library import findings, moderating
from rag.library.rows import in_turn, load_assets, named, ref_of
from rag.library.tables import assets, outbox, visuals
from rag.library.transactions import Row, insert_new
from rag.model import AssetRef, AssetState, Begun, Concluded, Found, Outcome, Visual

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


def begin(connection: Connection, refs: Sequence[AssetRef], attempts_allowed: int) -> Begun:
    parts = [_begin(connection, some, attempts_allowed) for some in in_turn(refs)]
    by_ref = {asset.ref: asset for part in parts for asset in part.assets}
    ordered = tuple(by_ref[ref] for ref in dict.fromkeys(refs) if ref in by_ref)
    return Begun(ordered, tuple(ref for part in parts for ref in part.given_up))


def _begin(connection: Connection, refs: Sequence[AssetRef], attempts_allowed: int) -> Begun:
    waiting = [row for row in _lock(connection, refs).values() if row["state"] == AssetState.ACCEPTED]
    spent = [row for row in waiting if row["attempts"] >= attempts_allowed]
    going = [ref_of(row) for row in waiting if row["attempts"] < attempts_allowed]
    _write(connection, {ref_of(row): _given_up(row) for row in spent})
    _leave_outbox(connection, [ref_of(row) for row in spent])
    given_up = tuple(ref_of(row) for row in spent)
    if not going:
        return Begun(given_up=given_up)
    connection.execute(update(assets).where(named(assets, going)).values(attempts=assets.c.attempts + 1))
    return Begun(tuple(load_assets(connection, select(assets).where(named(assets, going)))), given_up)


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


def conclude(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> Concluded:
    by_ref = {outcome.ref: outcome for outcome in outcomes}
    states: dict[AssetRef, AssetState] = {}
    for some in in_turn([*by_ref]):
        states |= _conclude(connection, [by_ref[ref] for ref in some], now)
    indexed = [outcome.ref for outcome in outcomes if outcome.state is AssetState.INDEXED]
    return Concluded(
        gone=tuple(ref for ref in indexed if states.get(ref, AssetState.DELETED) is AssetState.DELETED),
        reopened=tuple(ref for ref in indexed if states.get(ref) in FAILED),
        restated=_restated(connection, [one for one in outcomes if one.state is AssetState.INDEXED]),
    )


def _restated(connection: Connection, outcomes: Sequence[Outcome]) -> tuple[AssetRef, ...]:
    """Those that are not shown as their points say."""
    stated = {one.ref: one.moderation for one in outcomes if one.moderation is not None}
    found: list[AssetRef] = []
    for some in in_turn(list(stated)):
        shown = moderating.lock(connection, some)
        found += [ref for ref, state in shown.items() if state is not stated[ref]]
    return tuple(found)


def _conclude(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> dict[AssetRef, AssetState]:
    """Write what these outcomes may change; say where their assets stood before."""
    found = _lock(connection, [outcome.ref for outcome in outcomes])
    states = {ref: AssetState(row["state"]) for ref, row in found.items()}
    told = [one for one in outcomes if one.ref in states and _replaces(one.state, states[one.ref])]
    _write(connection, {outcome.ref: _concluded(found[outcome.ref], outcome) for outcome in told})
    _leave_outbox(connection, [outcome.ref for outcome in told if outcome.state is not AssetState.ACCEPTED])
    indexed = [outcome for outcome in told if outcome.state is AssetState.INDEXED]
    _replace_visuals(connection, indexed)
    moderating.record(connection, [outcome.check for outcome in indexed if outcome.check is not None], now)
    findings.add(connection, {outcome.ref: outcome.found for outcome in indexed if outcome.found != Found()})
    return states


def _replaces(new: AssetState, old: AssetState) -> bool:
    """Nothing final is reopened; and what is indexed stays so when a duplicate of its task fails later."""
    if old is AssetState.DELETED:
        return False
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


def retry(connection: Connection, refs: Sequence[AssetRef], now: datetime, *, indexed: bool = False) -> list[AssetRef]:
    wanted = (*FAILED, AssetState.INDEXED) if indexed else FAILED
    again: list[AssetRef] = []
    for some in in_turn(refs):
        ended = [ref_of(row) for row in _lock(connection, some).values() if row["state"] in wanted]
        _write(connection, dict.fromkeys(ended, Change(AssetState.ACCEPTED, "", attempts=0)))
        list_again(connection, ended, now)
        again += ended
    return again


def skip_unfinished(connection: Connection, refs: Sequence[AssetRef], reason: str) -> int:
    """Skip those of `refs` that are not indexed yet; how many."""
    skipped = 0
    for some in in_turn(refs):
        waiting = {ref: row for ref, row in _lock(connection, some).items() if row["state"] == AssetState.ACCEPTED}
        change = {ref: Change(AssetState.SKIPPED, reason, row["attempts"]) for ref, row in waiting.items()}
        _write(connection, change)
        _leave_outbox(connection, waiting)
        skipped += len(waiting)
    return skipped


def list_again(connection: Connection, refs: Sequence[AssetRef], now: datetime) -> None:
    for some in in_turn(refs):
        rows = [{"library": ref.library, "asset_id": ref.asset_id, "added_at": now} for ref in some]
        insert_new(connection, outbox, rows)


def unlisted(connection: Connection, limit: int) -> list[AssetRef]:
    listed = (
        select(outbox.c.asset_id)
        .where(outbox.c.library == assets.c.library, outbox.c.asset_id == assets.c.asset_id)
        .exists()
    )
    forgotten = select(assets.c.library, assets.c.asset_id).where(assets.c.state == AssetState.ACCEPTED, ~listed)
    return [ref_of(row) for row in connection.execute(forgotten.limit(limit)).mappings()]


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
