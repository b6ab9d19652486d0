"""From a row of a manifest to the file that it names: on this machine, in the row itself, or on the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import UnsupportedMedia
from rag.sources.addresses import WebFiles, address_entry
from rag.sources.entry import Entry, moment, unreadable
from rag.sources.files import file_fingerprint, file_reader
from rag.sources.limits import SourceLimits
from rag.sources.rows import Cells, Row, row_of


class RowReader:
    """Turns the rows of one manifest into entries.

    Args:
        folders: where the files are looked for, the likeliest first. No path may lead out of the one it is in: a
            manifest may come from anywhere, and must not choose among all the files of this machine.
        anywhere: absolute paths are taken as they are. Only for what a program of the user's own has written.
    """

    def __init__(self, folders: Sequence[Path], limits: SourceLimits, *, anywhere: bool = False) -> None:
        self._folders = [(folder, folder.resolve()) for folder in folders]
        self._anywhere = anywhere
        self._max_bytes = limits.max_bytes
        self._web = WebFiles(limits)

    def entry(self, name: str, cells: Cells) -> Entry:
        """The file that a row names; a broken row is skipped under `name` with the reason."""
        try:
            row = row_of(cells)
        except UnsupportedMedia as error:
            return unreadable(name, str(error))
        return with_said(self._file(name, row), row)

    def _file(self, name: str, row: Row) -> Entry:
        if row.content is not None:
            return held_entry(row.path or name, row.content, self._max_bytes)
        reasons = []
        for folder, root in self._folders if row.path else ():
            path = folder / row.path
            inside = None if self._anywhere and Path(row.path).is_absolute() else root
            if inside is not None and not _leads_into(path, inside):
                reasons.append("the path leads out of the manifest's folder")
            elif known := file_fingerprint(path):
                return Entry(row.path, file_reader(path, self._max_bytes, inside=inside), fingerprint=known)
            else:
                reasons.append(_missing(path, self._max_bytes))
        return address_entry(row.url, self._web) if row.url else unreadable(row.path, reasons[0])


def with_said(entry: Entry, row: Row) -> Entry:
    """The entry, with all that a row says of it."""
    return replace(
        entry,
        captions=row.captions(),
        tags=tuple(row.tags),
        source=row.source,
        licence=row.licence,
        captured_at=moment(row.captured_at) if row.captured_at else None,
        access_groups=tuple(row.access_groups),
    )


def held_entry(name: str, content: bytes, max_bytes: int, fingerprint: str = "") -> Entry:
    """A file whose bytes are here already."""
    if len(content) > max_bytes:
        return unreadable(name, f"{len(content):,} bytes are over the limit of {max_bytes:,}")
    return Entry(name, lambda: content, fingerprint=fingerprint)


def _leads_into(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, ValueError, RuntimeError):  # links in a circle
        return False


def _missing(path: Path, max_bytes: int) -> str:
    """Why there is no regular file at `path`."""
    try:
        file_reader(path, max_bytes)()
    except UnsupportedMedia as error:
        return str(error)
    return "it was not there a moment ago; try it again"
