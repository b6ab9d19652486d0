"""Pins: what searches read at one moment, kept so that what was asked then can be asked again and finds the same.

    catalog as of one moment  ->  points of its visuals (a copy of the folder, or page by page from a server),
    each as that catalog has it  ->  the latest questions asked of both  ->  event written, durable  ->  there

A pin is an installation of its own, asked through the same code; nothing is ever added to it. What is deleted from the
library goes from its pins as well: a pin proves what was found, and is no way round a deletion. How it lies on disk:
`rag.auditing.pin_folder`.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rag.auditing import pin_folder
from rag.auditing.pin_deletions import follow_deletions, newest_deletion
from rag.auditing.pin_folder import MAKING, Kept, Making, Pin, folder_of, kept, on_its_way
from rag.auditing.pin_making import Progress, made
from rag.auditing.recording import audit_draft, require_auditor
from rag.disk import says_full
from rag.errors import (
    BadRequest,
    BadSettings,
    Conflict,
    DiskFull,
    EncoderBroken,
    NotAllowed,
    NotFound,
    PictureDeskError,
    StoreLocked,
    Unavailable,
)
from rag.model import LOCAL_OWNER, Actor
from rag.ports import Services

__all__ = [
    "Kept",
    "Making",
    "Pin",
    "every",
    "faults",
    "folder_of",
    "follow_deletions",
    "get",
    "keep_clean",
    "kept",
    "make",
    "on_its_way",
    "opened",
    "remove",
]

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def make(
    services: Services,
    actor: Actor,
    name: str,
    *,
    encoder: str = "",
    progress: Progress = lambda done, total: None,
    door: str,
) -> Pin:
    """Keep this moment. Writes to the index go on; those to a folder of Qdrant Edge wait while it is copied.

    Killed, it leaves nothing that counts as a pin; what it had copied is removed by whoever comes next.

    Args:
        encoder: the name, id or number of a complete generation; the live one where none is given.

    Raises:
        NotAllowed: a pin holds every library, whoever may see it: it takes the owner.
        BadRequest: the name is no name, or is taken.
        NotFound: there is no such generation.
        Conflict: another pin is being made.
        StoreLocked: another process has the vectors: ask it, over HTTP.
        DiskFull, Unavailable, LedgerUnavailable: nothing is kept.
    """
    _require_owner(actor)
    if not NAME.fullmatch(name):
        raise BadRequest(f"{name!r} cannot name a pin; use letters, digits, - and _")
    folder = folder_of(services) / name
    if folder.exists():
        raise BadRequest(f"there is a pin {name!r} already; picturedesk audit unpin {name} removes it")
    with pin_folder.turn(folder.parent):
        pin_folder.remove_remains(folder.parent)
        making = folder.with_name(MAKING)
        try:
            making.mkdir()
            pin = made(services, actor, making, name, encoder=encoder, progress=progress, door=door)
            making.rename(folder)
        except OSError as error:
            shutil.rmtree(making, ignore_errors=True)
            kind = DiskFull if says_full(error) else Unavailable
            raise kind(f"the pin {name} cannot be written to {folder.parent}: {error.strerror}") from error
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
    return follow_deletions(services, pin)


def every(services: Services, actor: Actor) -> list[Kept]:
    """In the order that they were made, damaged ones last. Raises NotAllowed."""
    require_auditor(actor)
    found = [pin_folder.kept(services, name) for name in pin_folder.names(services)]
    return sorted(found, key=lambda one: (one.pin is None, one.pin.event if one.pin else 0))


def remove(services: Services, actor: Actor, name: str, *, door: str) -> None:
    """Also one that is damaged. Raises NotAllowed, NotFound, LedgerUnavailable."""
    _require_owner(actor)
    if not NAME.fullmatch(name) or not (folder_of(services) / name).is_dir():
        raise NotFound(f"there is no pin {name!r}; picturedesk audit pins shows them")
    services.ledger.append(audit_draft(actor, door, "unpin", {"name": name}))
    shutil.rmtree(folder_of(services) / name)


def get(services: Services, name: str) -> Pin:
    """Raises NotFound, or Conflict when it is damaged."""
    if not NAME.fullmatch(name):
        raise NotFound(f"there is no pin {name!r}; picturedesk audit pins shows them")
    found = pin_folder.kept(services, name)
    if found.pin is None or found.fault:
        raise Conflict(f"the pin {name} is damaged: {found.fault}")
    return found.pin


@contextmanager
def opened(services: Services, name: str) -> Iterator[tuple[Pin, Services]]:
    """A pin, and the installation that it is, with the settings of its moment.

    Raises:
        NotFound, Conflict: see `get`.
        EncoderBroken: its encoder is not to be had any more.
        StoreLocked: another process asks it at this moment.
    """
    pin = follow_deletions(services, get(services, name))
    with services.beside(folder_of(services) / name, **pin.settings) as pinned:
        try:
            pinned.serving()
        except (EncoderBroken, BadSettings) as error:
            raise EncoderBroken(
                f"the pin {name} is of the encoder {pin.encoder}, which cannot be loaded: {error}; "
                "a pin holds no weights: bring them back"
            ) from error
        yield pin, pinned


def keep_clean(services: Services) -> None:
    """Take out of every pin what was deleted since, and remove what a maker that died left. Cheap where nothing is."""
    folder = folder_of(services)
    if (folder / MAKING).exists():
        with suppress(Conflict), pin_folder.turn(folder):
            if pin_folder.remove_remains(folder):
                log.warning("a pin was cut off while it was made, and is removed")
    for name in pin_folder.names(services):
        try:
            follow_deletions(services, get(services, name))
        except PictureDeskError as error:  # the doctor tells, and the next one may be sound
            log.warning("deletions do not reach the pin %s: %s", name, error)


def faults(services: Services) -> Iterator[str]:
    """What is wrong with pins, a line each. Opens every one of them; a sound one that somebody asks now is left alone.

    Raises:
        LedgerUnavailable, Unavailable: it cannot be told.
    """
    newest = newest_deletion(services)
    for name in pin_folder.names(services):
        found = pin_folder.kept(services, name)
        if found.pin is None or found.fault:
            yield f"{name}: {found.fault}"
            continue
        if found.pin.seen < newest:
            yield f"{name}: what was deleted since event {found.pin.seen} is still in it; picturedesk doctor --fix"
        try:
            with services.beside(folder_of(services) / name, **found.pin.settings) as pinned:
                points = sum(store.count() for store in pinned.collections.every())
                pinned.catalog.coverage(LOCAL_OWNER, [])
        except StoreLocked:  # somebody asks it now, or deletions are being followed
            continue
        except PictureDeskError as error:
            yield f"{name}: {error}"
        else:
            if found.pin.points not in (-1, points):
                yield f"{name}: it had {found.pin.points} points, and has {points}; picturedesk audit unpin {name}"


def _require_owner(actor: Actor) -> None:
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not make or remove pins: that takes the role owner")
