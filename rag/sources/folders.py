"""A folder of pictures as entries: every file below it, with its sidecar text as caption."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rag.errors import BadSource
from rag.model import Caption
from rag.sources.entry import LONGEST_CAPTION, Entry, file_reader

SIDECAR = ".txt"
IGNORED = {"Thumbs.db", "desktop.ini"}


def folder_entries(folder: Path, *, max_bytes: int) -> Iterator[Entry]:
    """Every file below `folder`, in order of its path; links are not followed out of it.

    `beach.jpg` takes its caption from `beach.txt` or `beach.jpg.txt`. Hidden files are left out.

    Raises:
        BadSource: it is missing, no folder, or holds no file.
    """
    files = _files(folder)
    first = next(files, None)
    if first is None:
        raise BadSource(f"{folder} holds no files; give a folder of pictures, or a manifest (.jsonl)")
    yield _entry(folder, first, max_bytes)
    for path in files:
        yield _entry(folder, path, max_bytes)


def _files(folder: Path) -> Iterator[Path]:
    if not folder.exists():
        raise BadSource(f"there is no folder {folder}")
    if not folder.is_dir():
        raise BadSource(f"{folder} is no folder; give a folder of pictures, or a manifest (.jsonl)")
    for where, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name not in IGNORED and not _is_sidecar(name, names):
                yield Path(where, name)


def _refuse(error: OSError) -> None:
    raise BadSource(f"{error.filename} cannot be read: {error.strerror}") from error


def _is_sidecar(name: str, names: list[str]) -> bool:
    """A text file counts as a sidecar only beside the picture it describes."""
    if not name.endswith(SIDECAR):
        return False
    stem = name.removesuffix(SIDECAR)
    return stem in names or any(other != name and Path(other).stem == stem for other in names)


def _entry(folder: Path, path: Path, max_bytes: int) -> Entry:
    name = os.fsencode(path.relative_to(folder)).decode(errors="replace")
    return Entry(name, file_reader(path, max_bytes), captions=_sidecar_captions(path))


def _sidecar_captions(path: Path) -> tuple[Caption, ...]:
    for sidecar in (path.with_suffix(SIDECAR), path.with_name(path.name + SIDECAR)):
        if sidecar != path and sidecar.is_file():
            text = sidecar.read_bytes()[:LONGEST_CAPTION].decode(errors="replace").strip()
            return (Caption(text),) if text else ()
    return ()
