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
from rag.model import LOCAL_OWNER, Actor, AssetRef
from rag.pipeline.filling import remove_points_of
from rag.ports import Services

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
    for path in _folder(services).glob(f"*/{ABOUT}"):
        if path.parent.name != MAKING:
            follow_deletions(services, _read(path.parent))


def follow_deletions(services: Services, pin: Pin) -> Pin:
    """Take what was deleted since out of a pin. Calling twice is harmless; stopped, it goes on where it was."""
    newest = services.ledger.events(LOCAL_OWNER, kind=DELETION, limit=1)
    if not newest or newest[0].seq <= pin.seen:
        return pin
    gone = _deleted_since(services, pin.seen)
    folder = _folder(services) / pin.name
    with services.beside(folder, **pin.settings) as pinned:
        for ref in gone:
            for store in pinned.collections.every():
                remove_points_of(store, ref)
        pinned.catalog.begin_deletion(LOCAL_OWNER, gone)
        pinned.catalog.finish_deletion(gone)
    pin = replace(pin, seen=newest[0].seq)
    _write(folder, pin)
    return pin


def _deleted_since(services: Services, seen: int) -> list[AssetRef]:
    refs: list[AssetRef] = []
    before: int | None = None
    while events := services.ledger.events(LOCAL_OWNER, kind=DELETION, before=before, limit=EVENTS_AT_A_TIME):
        for event in events:
            if event.seq <= seen:
                return refs
            refs += [AssetRef.parse(name) for name in event.body.get("assets", ()) if "/" in name]
        before = events[-1].seq
    return refs


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
