"""Pins: what searches read at one moment, kept so that what was asked then can be asked again and finds the same.

    data/pins/NAME/pin.json          what it is of, and by which settings
                   catalog.sqlite    what searches read of the catalog: no personal metadata, no ledger
                   vectors/…         a copy of the live collection, as Qdrant Edge keeps it

A pin is an installation of its own, asked through the same code; nothing is ever added to it. What is deleted from the
library goes from its pins as well: a pin proves what was found, and is no way round a deletion.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rag.audit.deeds import DELETION
from rag.auditing.recording import audit_draft, require_auditor
from rag.errors import BadRequest, NotAllowed, NotFound
from rag.migration.openings import live_of
from rag.model import LOCAL_OWNER, Actor, AssetId, AssetRef, AssetState
from rag.pipeline.filling import remove_points_of
from rag.ports import ERASED, Services

FOLDER, ABOUT, MAKING = "pins", "pin.json", ".making"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
KEPT_SETTINGS = ("candidates", "max_question", "min_relevance")
EVENTS_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Pin:
    """Attributes:
    event: the ledger's number of its making: what was asked just before it is found again as it was.
    seen: up to which event deletions were followed.
    searched, pending: visuals that it holds, and assets that were not indexed yet at that moment.
    """

    name: str
    at: str
    by: str
    event: int
    seen: int
    encoder: str
    collection: str
    searched: int
    pending: int
    settings: dict[str, Any]


def make(services: Services, actor: Actor, name: str, *, door: str) -> Pin:
    """Keep this moment. Writes to the index wait for as long as copying it takes.

    Raises:
        NotAllowed: a pin holds every library, whoever may see it: it takes the owner.
        BadRequest: the name is no name, or is taken.
        Rejected: the vectors are on a Qdrant server.
        StoreLocked: another process has them: ask it, over HTTP.
        DiskFull, LedgerUnavailable: nothing is kept.
    """
    _require_owner(actor)
    if not NAME.fullmatch(name):
        raise BadRequest(f"{name!r} cannot name a pin; use letters, digits, - and _")
    folder = _folder(services) / name
    if folder.exists():
        raise BadRequest(f"there is a pin {name!r} already; picturedesk audit unpin {name} removes it")
    making = folder.with_name(MAKING)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        about = _copied(services, making)
        event = services.ledger.append(audit_draft(actor, door, "pin", {"name": name, **about}))
        said = {key: about[key] for key in ("encoder", "collection", "searched", "pending", "settings")}
        pin = Pin(name, event.at.isoformat(), actor.id, event.seq, event.seq, **said)
        _write(making, pin)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return pin


def every(services: Services, actor: Actor) -> list[Pin]:
    """In the order that they were made. Raises NotAllowed."""
    require_auditor(actor)
    found = [_read(path.parent) for path in _folder(services).glob(f"*/{ABOUT}") if path.parent.name != MAKING]
    return sorted(found, key=lambda pin: pin.event)


def remove(services: Services, actor: Actor, name: str, *, door: str) -> None:
    """Raises NotAllowed, NotFound, LedgerUnavailable."""
    _require_owner(actor)
    get(services, name)
    services.ledger.append(audit_draft(actor, door, "unpin", {"name": name}))
    shutil.rmtree(_folder(services) / name)


def get(services: Services, name: str) -> Pin:
    """Raises NotFound."""
    folder = _folder(services) / name
    if not NAME.fullmatch(name) or not (folder / ABOUT).is_file():
        raise NotFound(f"there is no pin {name!r}; picturedesk audit pins shows them")
    return _read(folder)


@contextmanager
def opened(services: Services, name: str) -> Iterator[tuple[Pin, Services]]:
    """A pin, and the installation that it is, with the settings of its moment. Raises NotFound, StoreLocked."""
    pin = follow_deletions(services, get(services, name))
    with services.beside(_folder(services) / name, **pin.settings) as pinned:
        yield pin, pinned


def keep_clean(services: Services) -> None:
    """Take out of every pin what was deleted since. Cheap where nothing was."""
    for pin in _pins(services):
        follow_deletions(services, pin)


def follow_deletions(services: Services, pin: Pin) -> Pin:
    """Take what was deleted since out of a pin. Calling twice is harmless; stopped, it goes on where it was."""
    newest = services.ledger.events(LOCAL_OWNER, kind=DELETION, limit=1)
    if not newest or newest[0].seq <= pin.seen:
        return pin
    gone, erased = _deleted_since(services, pin.seen)
    folder = _folder(services) / pin.name
    with services.beside(folder, **pin.settings) as pinned:
        if erased:
            gone += _missing(services, pinned)
        _take_out(pinned, gone, overwrite=erased)
    pin = replace(pin, seen=newest[0].seq)
    _write(folder, pin)
    return pin


def made_by(services: Services, name: str) -> int:
    """How many pins a person made."""
    return sum(pin.by == name for pin in _pins(services))


def forget_person(services: Services, name: str) -> None:
    """Put ERASED where pins name a person. Calling twice is harmless."""
    for pin in _pins(services):
        if pin.by == name:
            _write(_folder(services) / pin.name, replace(pin, by=ERASED))


def with_asset(services: Services, asset_id: AssetId) -> int:
    """How many pins hold an asset."""
    return sum(bool(_refs_in(services, pin, asset_id)) for pin in _pins(services))


def forget_asset(services: Services, asset_id: AssetId) -> None:
    """Take an erased asset out of every pin, and leave nothing of it in their files. Calling twice is harmless.

    Raises:
        StoreLocked: a pin is being asked in another process.
    """
    for pin in _pins(services):
        with services.beside(_folder(services) / pin.name, **pin.settings) as pinned:
            _take_out(pinned, _of_asset(pinned, asset_id), overwrite=True)


def _pins(services: Services) -> list[Pin]:
    return [_read(path.parent) for path in _folder(services).glob(f"*/{ABOUT}") if path.parent.name != MAKING]


def _refs_in(services: Services, pin: Pin, asset_id: AssetId) -> list[AssetRef]:
    with services.beside(_folder(services) / pin.name, **pin.settings) as pinned:
        return _of_asset(pinned, asset_id)


def _of_asset(pinned: Services, asset_id: AssetId) -> list[AssetRef]:
    return list(pinned.catalog.states([AssetRef(name, asset_id) for name in pinned.catalog.libraries(LOCAL_OWNER)]))


def _missing(services: Services, pinned: Services) -> list[AssetRef]:
    """What the library has no more: an erasure names nothing."""
    gone: list[AssetRef] = []
    after: AssetRef | None = None
    while page := pinned.catalog.every_asset(limit=EVENTS_AT_A_TIME, after=after):
        after = page[-1].ref
        here = services.catalog.states([asset.ref for asset in page])
        gone += [asset.ref for asset in page if here.get(asset.ref, AssetState.DELETED) is AssetState.DELETED]
    return gone


def _take_out(pinned: Services, gone: list[AssetRef], *, overwrite: bool) -> None:
    for store in pinned.collections.every():
        for ref in gone:
            remove_points_of(store, ref)
        if overwrite:
            store.rewrite()
    pinned.catalog.begin_deletion(LOCAL_OWNER, gone)
    pinned.catalog.finish_deletion(gone)
    if overwrite:
        pinned.traces.overwrite()


def _deleted_since(services: Services, seen: int) -> tuple[list[AssetRef], bool]:
    """Assets by their names, and whether some were erased, which have none."""
    refs: list[AssetRef] = []
    erased = False
    before: int | None = None
    while events := services.ledger.events(LOCAL_OWNER, kind=DELETION, before=before, limit=EVENTS_AT_A_TIME):
        for event in events:
            if event.seq <= seen:
                return refs, erased
            refs += [AssetRef.parse(name) for name in event.body.get("assets", ()) if "/" in name]
            erased = erased or event.erased_at is not None or "event" in event.body
        before = events[-1].seq
    return refs, erased


def _copied(services: Services, making: Path) -> dict[str, Any]:
    serving = services.serving()
    live = live_of(services.generations.every())
    services.collections.copy_to(serving.store.name, making / "vectors")
    services.catalog.copy_to(making / "catalog.sqlite")
    coverage = services.catalog.coverage(LOCAL_OWNER, services.catalog.libraries(LOCAL_OWNER))
    return {
        "generation": live.number if live else serving.number,
        "encoder": serving.encoder.id,
        "collection": serving.store.name,
        "searched": coverage.searched,
        "pending": coverage.pending,
        "settings": {name: getattr(services.settings, name) for name in KEPT_SETTINGS},
    }


def _folder(services: Services) -> Path:
    return Path(services.settings.data) / FOLDER


def _require_owner(actor: Actor) -> None:
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not make or remove pins: that takes the role owner")


def _read(folder: Path) -> Pin:
    return Pin(**json.loads((folder / ABOUT).read_text("utf-8")))


def _write(folder: Path, pin: Pin) -> None:
    fresh = folder / f"{ABOUT}.new"
    fresh.write_text(json.dumps(asdict(pin), indent=1), "utf-8")
    fresh.replace(folder / ABOUT)
