"""What becomes of findings when an asset is checked again. People's decisions come first.

no decision so far                         the new finding counts
decided, under the same version            the decision stands
decided, under another version             whichever shows less: what people hid never comes back by itself
not found any more                         closed, unless people hid it
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rag.model import BY_HAND, VISUAL_NAMESPACE, Action, AssetRef, Check, Entry, EntryState, Hit, Moderation, strictest
from rag.model.moderation import STRICTNESS


def entry_id(ref: AssetRef, category: str) -> str:
    """UUIDv5 of library, asset and category: checking twice makes no second entry."""
    return str(uuid.uuid5(VISUAL_NAMESPACE, f"moderation\x1f{ref.library}\x1f{ref.asset_id}\x1f{category}"))


def settled(existing: Sequence[Entry], check: Check, now: datetime) -> tuple[Entry, ...]:
    """The entries of one asset after a check; those that are as before are the same objects.

    A check that failed learned nothing: what there was stays beside its own finding.
    """
    known = {entry.hit.category: entry for entry in existing}
    found = [_met(known.pop(hit.category, None), _fresh(hit, check, now)) for hit in check.hits]
    left = [entry if not check.rules else _unmet(entry, check) for entry in known.values()]
    return (*found, *left)


def state_of(entries: Sequence[Entry]) -> Moderation:
    """How an asset with these entries is shown."""
    return strictest(entry.shows for entry in entries)


def _fresh(hit: Hit, check: Check, now: datetime) -> Entry:
    return Entry(
        id=entry_id(check.ref, hit.category),
        ref=check.ref,
        hit=hit,
        policy=check.policy,
        policy_hash=check.policy_hash,
        encoder_id=check.encoder_id,
        state=EntryState.OPEN if hit.review else EntryState.AUTOMATIC,
        created_at=now,
        event=check.event,
    )


def _met(entry: Entry | None, fresh: Entry) -> Entry:
    if entry is None:
        return fresh
    if entry.state is EntryState.DECIDED:
        shows_less = STRICTNESS[fresh.shows] > STRICTNESS[entry.shows]
        if entry.policy == fresh.policy or not shows_less:
            return entry
    elif _same(entry, fresh):
        return entry
    fresh = replace(fresh, version=entry.version + 1)
    if entry.state is EntryState.OPEN and fresh.state is EntryState.OPEN:
        return replace(fresh, created_at=entry.created_at, claimed_by=entry.claimed_by, claimed_at=entry.claimed_at)
    return fresh


def _same(entry: Entry, fresh: Entry) -> bool:
    alike = entry.state is fresh.state and entry.policy_hash == fresh.policy_hash
    return alike and entry.encoder_id == fresh.encoder_id and entry.hit == fresh.hit


def _unmet(entry: Entry, check: Check) -> Entry:
    if entry.state is EntryState.CLOSED or entry.hit.category == BY_HAND:
        return entry
    if entry.state is EntryState.DECIDED and (entry.policy == check.policy or entry.decision is not Action.ALLOW):
        return entry
    return replace(entry, state=EntryState.CLOSED, version=entry.version + 1, event=check.event)
