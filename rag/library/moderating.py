"""Entries, checks and decisions in tables. Each function takes the connection of a transaction.

Whoever changes entries locks the rows of their assets first, as `rag.library.attempts` does,
so that a check, a decision and an end of indexing take turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from rag.errors import Conflict
from rag.library.rows import in_turn, named, ref_of
from rag.library.settling import settled, state_of
from rag.library.tables import assets, moderation_checks, moderation_decisions, moderation_entries
from rag.library.transactions import Row
from rag.model import (
    Action,
    Actor,
    AssetRef,
    AssetState,
    Check,
    Decision,
    Entry,
    EntryState,
    Hit,
    Moderation,
    Severity,
    VisualId,
)

CLAIM_LASTS = timedelta(minutes=30)
"""Then somebody else may look at it: whoever claimed it went home."""


def entries_of(connection: Connection, refs: Sequence[AssetRef]) -> dict[AssetRef, tuple[Entry, ...]]:
    found: dict[AssetRef, list[Entry]] = defaultdict(list)
    for some in in_turn(refs):
        rows = connection.execute(select(moderation_entries).where(named(moderation_entries, some))).mappings()
        for row in rows:
            found[ref_of(row)].append(entry_of(row))
    return {ref: tuple(entries) for ref, entries in found.items()}


def lock(connection: Connection, refs: Sequence[AssetRef]) -> dict[AssetRef, Moderation]:
    """How assets that exist are shown; their rows are held until the transaction ends."""
    key = assets.c.library, assets.c.asset_id
    wanted = select(*key, assets.c.moderation).where(named(assets, refs), assets.c.state != AssetState.DELETED)
    rows = connection.execute(wanted.order_by(*key).with_for_update()).mappings()
    return {ref_of(row): Moderation(row["moderation"]) for row in rows}


def record(connection: Connection, checks: Sequence[Check], now: datetime) -> list[AssetRef]:
    """Record checks; those whose assets are shown in another way now. Assets that are gone are left out."""
    by_ref = {check.ref: check for check in checks}
    changed: list[AssetRef] = []
    for some in in_turn(list(by_ref)):
        there = lock(connection, some)
        standing = entries_of(connection, list(there))
        for ref, before in there.items():
            old = standing.get(ref, ())
            new = settled(old, by_ref[ref], now)
            _replace(connection, old, new)
            if _show(connection, ref, before, new) is not before:
                changed.append(ref)
        _keep_checks(connection, [by_ref[ref] for ref in there], now)
    return changed


def _checked_row(check: Check, now: datetime) -> Row:
    return {
        "library": check.ref.library,
        "asset_id": check.ref.asset_id,
        "rules": check.rules,
        "policy": check.policy,
        "policy_hash": check.policy_hash,
        "encoder_id": check.encoder_id,
        "checked_at": now,
    }


def claim(connection: Connection, actor: Actor, entry: Entry, version: int, now: datetime) -> None:
    lock(connection, [entry.ref])
    entry = current(connection, entry)
    if entry.claimed_by == actor.id and entry.state is EntryState.OPEN:
        return
    require_unchanged(entry, version)
    require_free(entry, actor.id, now)
    if entry.state is not EntryState.OPEN:
        raise Conflict(f"entry {entry.id} waits for nobody: it is {entry.state}")
    _change(connection, entry, claimed_by=actor.id, claimed_at=now)


def decide(connection: Connection, entry: Entry, decision: Decision, now: datetime) -> Moderation:
    """How its asset is shown from now on."""
    before = lock(connection, [entry.ref])
    entry = current(connection, entry)
    require_unchanged(entry, decision.version)
    require_free(entry, decision.actor, now)
    connection.execute(insert(moderation_decisions).values(**_decision_row(entry, decision, now)))
    _change(
        connection,
        entry,
        state=EntryState.DECIDED,
        claimed_by="",
        claimed_at=None,
        decision=decision.action,
        decided_by=decision.actor,
        decided_at=now,
        comment=decision.comment,
        event=decision.event,
    )
    entries = entries_of(connection, [entry.ref])[entry.ref]
    return _show(connection, entry.ref, before.get(entry.ref), entries)


def require_unchanged(entry: Entry, version: int) -> None:
    if entry.version != version:
        who = f" by {entry.decided_by}" if entry.state is EntryState.DECIDED else ""
        raise Conflict(f"entry {entry.id} was changed meanwhile{who}: it is {entry.state} now; look at it again")


def require_free(entry: Entry, actor: str, now: datetime) -> None:
    if entry.claimed_by in ("", actor) or entry.claimed_at is None or now - entry.claimed_at > CLAIM_LASTS:
        return
    raise Conflict(f"{entry.claimed_by} is looking at entry {entry.id} at this moment; take another one")


def current(connection: Connection, entry: Entry) -> Entry:
    row = connection.execute(select(moderation_entries).where(moderation_entries.c.id == entry.id)).mappings().first()
    if row is None:
        raise Conflict(f"entry {entry.id} is gone: its asset was deleted meanwhile")
    return entry_of(row)


def add(connection: Connection, entry: Entry) -> None:
    connection.execute(insert(moderation_entries).values(**entry_row(entry)))


def _change(connection: Connection, entry: Entry, **values: Any) -> None:
    changed = update(moderation_entries).where(moderation_entries.c.id == entry.id)
    connection.execute(changed.values(version=entry.version + 1, **values))


def _replace(connection: Connection, old: Sequence[Entry], new: Sequence[Entry]) -> None:
    changed = [entry for entry in new if not any(entry is one for one in old)]
    if changed:
        ids = [entry.id for entry in changed]
        connection.execute(delete(moderation_entries).where(moderation_entries.c.id.in_(ids)))
        connection.execute(insert(moderation_entries), [entry_row(entry) for entry in changed])


def _show(connection: Connection, ref: AssetRef, before: Moderation | None, entries: Sequence[Entry]) -> Moderation:
    state = state_of(entries)
    if state is not before:
        connection.execute(update(assets).where(named(assets, [ref])).values(moderation=state))
    return state


def _keep_checks(connection: Connection, checks: Sequence[Check], now: datetime) -> None:
    if checks:
        refs = [check.ref for check in checks]
        connection.execute(delete(moderation_checks).where(named(moderation_checks, refs)))
        connection.execute(insert(moderation_checks), [_checked_row(check, now) for check in checks])


def _decision_row(entry: Entry, decision: Decision, now: datetime) -> Row:
    return {
        "entry": entry.id,
        "library": entry.ref.library,
        "asset_id": entry.ref.asset_id,
        "category": entry.hit.category,
        "score": entry.hit.score,
        "automatic": entry.hit.action,
        "before": entry.shows,
        "decision": decision.action,
        "decided_by": decision.actor,
        "decided_at": now,
        "comment": decision.comment,
        "policy_hash": entry.policy_hash,
        "encoder_id": entry.encoder_id,
        "event": decision.event,
    }


OF_A_HIT = ("category", "visual", "locator", "score", "margin", "action", "review", "meanwhile", "reason", "scores")


def entry_row(entry: Entry) -> Row:
    hit = asdict(entry.hit)
    own = {name: value for name, value in asdict(entry).items() if name not in ("ref", "hit")}
    key = {"library": entry.ref.library, "asset_id": entry.ref.asset_id}
    return {**own, **key, **{name: hit[name] for name in OF_A_HIT}, "severity": entry.hit.severity.rank}


def entry_of(row: RowMapping | Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        ref=AssetRef(row["library"], row["asset_id"]),
        hit=hit_of(row),
        policy=row["policy"],
        policy_hash=row["policy_hash"],
        encoder_id=row["encoder_id"],
        state=EntryState(row["state"]),
        created_at=row["created_at"],
        version=row["version"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        decision=Action(row["decision"]) if row["decision"] else None,
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        comment=row["comment"],
        event=row["event"],
    )


def hit_of(row: RowMapping | Mapping[str, Any]) -> Hit:
    return Hit(
        category=row["category"],
        visual=VisualId(row["visual"]),
        locator=row["locator"],
        score=row["score"],
        margin=row["margin"],
        action=Action(row["action"]),
        severity=list(Severity)[row["severity"]],
        review=row["review"],
        meanwhile=Moderation(row["meanwhile"]),
        reason=row["reason"],
        scores=row["scores"],
    )
