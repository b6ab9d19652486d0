"""Deletions are followed into pins: what goes from the library goes from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from rag.audit.deeds import DELETION
from rag.auditing import pin_folder
from rag.auditing.pin_folder import Pin, folder_of
from rag.errors import NotFound
from rag.model import LOCAL_OWNER, AssetRef, Event
from rag.pipeline.filling import remove_points_of
from rag.ports import Services

EVENTS_AT_A_TIME = 200

UNDER_WAY = timedelta(hours=1)
"""A deletion is recorded first, and hides its assets next: one that was recorded for so long has done so, or died."""


def follow_deletions(services: Services, pin: Pin) -> Pin:
    """Take what was deleted since out of a pin. Calling twice is harmless; stopped, it goes on where it was."""
    newest = newest_deletion(services)
    if newest <= pin.seen:
        return pin
    gone = _deleted_since(services, pin.seen)
    folder = folder_of(services) / pin.name
    with services.beside(folder, **pin.settings) as pinned:
        leaving = [ref for ref, at in gone if _was_there(pinned, ref, at)] + pinned.catalog.deletions(limit=len(gone))
        stores = pinned.collections.every()
        for ref in leaving:
            for store in stores:
                remove_points_of(store, ref)
        pinned.catalog.begin_deletion(LOCAL_OWNER, leaving)
        pinned.catalog.finish_deletion(leaving)
        pin = replace(pin, seen=newest, points=sum(store.count() for store in stores))
    pin_folder.write(folder, pin)
    return pin


def newest_deletion(services: Services) -> int:
    newest = services.ledger.events(LOCAL_OWNER, kind=DELETION, limit=1)
    return newest[0].seq if newest else -1


def settled_deletions(services: Services, before: datetime) -> int:
    """Up to which event whatever was deleted is surely gone from a catalog that is copied now."""
    return next((event.seq for event in _deletions(services) if event.at < before), -1)


def _deleted_since(services: Services, seen: int) -> list[tuple[AssetRef, datetime]]:
    found: list[tuple[AssetRef, datetime]] = []
    for event in _deletions(services):
        if event.seq <= seen:
            break
        found += [(AssetRef.parse(name), event.at) for name in event.body.get("assets", ()) if "/" in name]
    return found


def _deletions(services: Services) -> Iterator[Event]:
    """Newest first."""
    before: int | None = None
    while events := services.ledger.events(LOCAL_OWNER, kind=DELETION, before=before, limit=EVENTS_AT_A_TIME):
        yield from events
        before = events[-1].seq


def _was_there(pinned: Services, ref: AssetRef, at: datetime) -> bool:
    """Whether a pin has what was deleted at that time; not what came in again afterwards, before the pin was made."""
    with suppress(NotFound):
        accepted = pinned.catalog.asset(LOCAL_OWNER, ref).accepted_at
        return accepted is None or accepted <= at
    return False
