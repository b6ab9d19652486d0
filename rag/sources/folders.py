"""A folder of pictures as entries: every file below it, with what its sidecars say."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from rag.errors import BadSource, UnsupportedMedia
from rag.sources.entry import Entry, fingerprint, unreadable
from rag.sources.files import SPECIAL, file_reader, read_regular
from rag.sources.sidecars import LONGEST_SIDECAR, said_by, sidecars_of

IGNORED = {"Thumbs.db", "desktop.ini"}
LINKED_FOLDER = "it is a link to a folder, and links to folders are not followed; take that folder in itself"


def folder_entries(folder: Path, *, max_bytes: int) -> Iterator[Entry]:
    """Every file below `folder`, in order of its path; only the names of one folder at a time are held.

    Hidden files are left out. A link to a file counts when it stays inside; links to folders are not followed, so
    no loop can form. What cannot be taken, a folder that cannot be read among it, is skipped with the reason.

    Raises:
        BadSource: it is missing, no folder, cannot be read, or holds no file.
    """
    entries = below(folder, max_bytes=max_bytes)
    first = next(entries, None)
    if first is None:
        raise BadSource(f"{folder} holds no files; give a folder of pictures, or a manifest (.jsonl)")
    return chain([first], entries)


def below(
    folder: Path, *, max_bytes: int, start: Path | None = None, take: Callable[[Path], bool] = lambda path: True
) -> Iterator[Entry]:
    """As `folder_entries`, but a folder without files is fine.

    Args:
        start: a folder below `folder` to begin in; names stay relative to `folder`.
        take: asked for each file before it is looked at; a file that it turns down is left out.
    """
    root = folder.resolve()
    pending = [start or folder]
    while pending:
        where = pending.pop()
        try:
            listing = listed(where)
        except OSError as error:
            if where == folder:
                raise BadSource(f"the folder {folder} cannot be read: {error.strerror}") from error
            yield unreadable(shown(where, folder), f"the folder cannot be read: {error.strerror}")
            continue
        for name in listing.links:
            yield unreadable(shown(where / name, folder), LINKED_FOLDER)
        for name in listing.files:
            if take(where / name):
                yield file_entry(folder, where / name, listing.sidecars.get(name, ()), root=root, max_bytes=max_bytes)
        pending += [where / name for name in reversed(listing.folders)]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one folder holds, each sorted by name."""

    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    sidecars: Mapping[str, list[str]] = field(default_factory=dict)


def listed(where: Path) -> Listing:
    """The visible names in one folder. Raises OSError when it cannot be read."""
    folders: list[str] = []
    links: list[str] = []
    names: list[str] = []
    with os.scandir(where) as found:
        for one in found:
            if one.name.startswith(".") or one.name in IGNORED:
                continue
            kind = links if one.is_symlink() else folders
            (kind if _is_folder(one) else names).append(one.name)
    files, sidecars = sidecars_of(sorted(names))
    return Listing(sorted(folders), sorted(links), files, sidecars)


def _is_folder(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_dir()
    except OSError:  # a link to itself
        return False


def file_entry(folder: Path, path: Path, sidecars: Iterable[str], *, root: Path, max_bytes: int) -> Entry:
    """The entry of one file below `folder`.

    Args:
        sidecars: names beside it that describe it.
        root: `folder`, resolved.
    """
    name = shown(path, folder)
    try:
        status = path.lstat()
        linked = stat.S_ISLNK(status.st_mode)
        if linked:
            status = path.stat()
    except OSError as error:
        return unreadable(name, f"it cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return unreadable(name, SPECIAL)
    said = said_by(sidecars, lambda sidecar: _sidecar(path.with_name(sidecar), root))
    return Entry(
        name,
        file_reader(path, max_bytes, inside=root if linked else None),
        captions=said.captions,
        tags=said.tags,
        fingerprint=fingerprint("file", path.absolute(), status.st_size, status.st_mtime_ns),
    )


def shown(path: Path, folder: Path) -> str:
    """The path below the folder, as it may be shown."""
    return os.fsencode(path.relative_to(folder)).decode(errors="replace")


def _sidecar(path: Path, root: Path) -> bytes:
    """A sidecar that cannot be read, or is a link out of the folder, is as good as empty."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            return b""
        return read_regular(path, LONGEST_SIDECAR)
    except (OSError, RuntimeError, UnsupportedMedia):  # RuntimeError: links in a circle
        return b""
