"""Deletions and erasures are followed into pins: what goes from the library goes from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from rag.audit.deeds import DELETION
from rag.auditing import pin_folder
from rag.auditing.pin_folder import Pin, folder_of
from rag.errors import NotFound
from rag.model import LOCAL_OWNER, AssetId, AssetRef, AssetState, Event
from rag.pipeline.filling import remove_points_of
from rag.ports import ERASED, Services

EVENTS_AT_A_TIME = 200

UNDER_WAY = timedelta(hours=1)
"""A deletion is recorded first, and hides its assets next: one that was recorded for so long has done so, or died."""


def follow_deletions(services: Services, pin: Pin) -> Pin:
    """Take what was deleted since out of a pin. Calling twice is harmless; stopped, it goes on where it was."""
    newest = newest_deletion(services)
    if newest <= pin.seen:
        return pin
    gone, erased = _deleted_since(services, pin.seen)
    folder = folder_of(services) / pin.name
    with services.beside(folder, **pin.settings) as pinned:
        leaving = [ref for ref, at in gone if _was_there(pinned, ref, at)] + pinned.catalog.deletions(limit=len(gone))
        if erased:
            leaving += _missing(services, pinned)
        pin = replace(pin, seen=newest, points=_take_out(pinned, leaving, overwrite=erased))
    pin_folder.write(folder, pin)
    return pin


def made_by(services: Services, name: str) -> int:
    """How many pins a person made."""
    return sum(pin.by == name for pin in _pins(services))


def forget_person(services: Services, name: str) -> None:
    """Put ERASED where pins name a person. Calling twice is harmless."""
    for pin in _pins(services):
        if pin.by == name:
            pin_folder.write(folder_of(services) / pin.name, replace(pin, by=ERASED))


def with_asset(services: Services, asset_id: AssetId) -> int:
    """How many pins hold an asset. Raises StoreLocked: a pin is being asked in another process."""
    found = 0
    for pin in _pins(services):
        with services.beside(folder_of(services) / pin.name, **pin.settings) as pinned:
            found += bool(_refs_of(pinned, asset_id))
    return found


def forget_asset(services: Services, asset_id: AssetId) -> None:
    """Take an erased asset out of every pin, and leave nothing of it in their files. Calling twice is harmless.

    It follows the erasure's deletion, which is recorded before; a pin that has others to follow is left to those.

    Raises:
        StoreLocked: a pin is being asked in another process.
    """
    newest, before, *_ = [*(event.seq for event in islice(_deletions(services), 2)), -1, -1]
    for pin in _pins(services):
        folder = folder_of(services) / pin.name
        with services.beside(folder, **pin.settings) as pinned:
            points = _take_out(pinned, _refs_of(pinned, asset_id), overwrite=True)
        seen = newest if pin.seen >= before else pin.seen
        pin_folder.write(folder, replace(pin, points=points, seen=seen))


def newest_deletion(services: Services) -> int:
    newest = services.ledger.events(LOCAL_OWNER, kind=DELETION, limit=1)
    return newest[0].seq if newest else -1


def settled_deletions(services: Services, before: datetime) -> int:
    """Up to which event whatever was deleted is surely gone from a catalog that is copied now."""
    return next((event.seq for event in _deletions(services) if event.at < before), -1)


def _pins(services: Services) -> list[Pin]:
    found = [pin_folder.kept(services, name) for name in pin_folder.names(services)]
    return [one.pin for one in found if one.pin is not None and not one.fault]


def _refs_of(pinned: Services, asset_id: AssetId) -> list[AssetRef]:
    return list(pinned.catalog.states([AssetRef(name, asset_id) for name in pinned.catalog.libraries(LOCAL_OWNER)]))


def _take_out(pinned: Services, leaving: list[AssetRef], *, overwrite: bool) -> int:
    """The points that are left; with `overwrite`, nothing of the others is in any file."""
    stores = pinned.collections.every()
    for store in stores:
        for ref in leaving:
            remove_points_of(store, ref)
        if overwrite:
            store.rewrite()
    pinned.catalog.begin_deletion(LOCAL_OWNER, leaving)
    pinned.catalog.finish_deletion(leaving)
    if overwrite:
        pinned.traces.overwrite()
    return sum(store.count() for store in stores)


def _missing(services: Services, pinned: Services) -> list[AssetRef]:
    """What the library has no more: an erasure names nothing."""
    gone: list[AssetRef] = []
    after: AssetRef | None = None
    while page := pinned.catalog.every_asset(limit=EVENTS_AT_A_TIME, after=after):
        after = page[-1].ref
        here = services.catalog.states([asset.ref for asset in page])
        gone += [asset.ref for asset in page if here.get(asset.ref, AssetState.DELETED) is AssetState.DELETED]
    return gone


def _deleted_since(services: Services, seen: int) -> tuple[list[tuple[AssetRef, datetime]], bool]:
    """Assets by their names, each with the time, and whether some were erased, which have no names."""
    found: list[tuple[AssetRef, datetime]] = []
    erased = False
    for event in _deletions(services):
        if event.seq <= seen:
            break
        found += [(AssetRef.parse(name), event.at) for name in event.body.get("assets", ()) if "/" in name]
        erased = erased or event.erased_at is not None or "event" in event.body
    return found, erased


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
