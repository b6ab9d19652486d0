"""Pins as they lie on disk.

data/pins/NAME/pin.json          what it is of, and by which settings
               catalog.sqlite    what searches read of the catalog: no personal metadata, no ledger
               vectors/…         the collection of one generation, as Qdrant Edge keeps it
data/pins/.making/…              one that is not complete; removed by whoever comes next, should its maker have died
data/pins/.lock                  flock'ed by whoever makes one
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import Conflict, NotFound, Unavailable
from rag.ports import Services

FOLDER, ABOUT, CATALOG, VECTORS = "pins", "pin.json", "catalog.sqlite", "vectors"
MAKING, LOCK, PROGRESS = ".making", ".lock", "progress.json"


@dataclass(frozen=True, slots=True)
class Pin:
    """Attributes:
    event: the ledger's number of its making: what was asked just before it is found again as it was.
    seen: up to which event deletions were followed.
    searched, pending: visuals that it holds, and assets that were not indexed yet at that moment.
    points: of the visuals, as they were counted last; -1 where a pin is from before that was counted.
    asked, same: how many of the latest questions were asked of it when it was made, and found what the index found.
    exact: compares with every vector, as it was filled point by point; else it has the graph of its moment.
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
    generation: int = 0
    points: int = -1
    asked: int = 0
    same: int = 0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in a pin's folder.

    Attributes:
        size: bytes on disk.
        pin: None where that cannot be told any more.
        fault: why it cannot be asked; empty where nothing is known against it.
    """

    name: str
    size: int
    pin: Pin | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """A pin on its way: visuals that are in it, and that will be."""

    name: str
    done: int
    total: int


def folder_of(services: Services) -> Path:
    return Path(services.settings.data) / FOLDER


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """To make a pin: one at a time, whichever process makes it. Ends with the process, should that die.

    Raises:
        Conflict: another one is being made.
        Unavailable: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise Unavailable(f"the folder {folder} cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict("another pin is being made: picturedesk audit pins shows how far it is") from error
        yield


def remove_remains(folder: Path) -> bool:
    """What a maker that died left behind; needs the turn. Whether there was something."""
    left = (folder / MAKING).exists()
    shutil.rmtree(folder / MAKING, ignore_errors=True)
    return left


def say_progress(making: Path, name: str, done: int, total: int) -> None:
    _replace(making / PROGRESS, {"name": name, "done": done, "total": total})


def on_its_way(services: Services) -> Making | None:
    """The pin that a process is making now."""
    folder = folder_of(services)
    try:
        found = Making(**json.loads((folder / MAKING / PROGRESS).read_text("utf-8")))
        with turn(folder):
            return None  # its maker is gone
    except Conflict:
        return found
    except (OSError, ValueError, TypeError, Unavailable):
        return None


def names(services: Services) -> list[str]:
    """Of all that lie there, damaged ones too."""
    found = folder_of(services).glob("*/")
    return sorted(path.name for path in found if not path.name.startswith("."))


def kept(services: Services, name: str) -> Kept:
    """A look at its folder; nothing of it is opened. Raises NotFound."""
    folder = folder_of(services) / name
    if not folder.is_dir():
        raise NotFound(f"there is no pin {name!r}; picturedesk audit pins shows them")
    size = sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
    try:
        pin = read(folder)
    except (OSError, ValueError, TypeError) as error:
        return Kept(
            name, size, None, f"its {ABOUT} cannot be read ({error}); picturedesk audit unpin {name} removes it"
        )
    needed = folder / CATALOG, folder / VECTORS / pin.collection
    lost = [path.name for path in needed if not path.exists()]
    gone = f"{' and '.join(lost)} are gone; restore them, or picturedesk audit unpin {name}" if lost else ""
    return Kept(name, size, pin, gone)


def read(folder: Path) -> Pin:
    """Raises OSError, ValueError or TypeError."""
    return Pin(**json.loads((folder / ABOUT).read_text("utf-8")))


def write(folder: Path, pin: Pin) -> None:
    _replace(folder / ABOUT, asdict(pin))


def _replace(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(content, indent=1), "utf-8")
    fresh.replace(path)
