"""Approved texts into files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from rag.captions.export import ExportFormat, ExportWish, as_csv, as_jsonl, as_sidecars, export
from rag.errors import BadSource
from rag.model import Actor
from rag.ports import Services
from rag.terminal.text import errors
from rag.terminal.words import count


def write_export(
    services: Services, actor: Actor, wish: ExportWish, what: ExportFormat, to: Path | None, *, overwrite: bool = False
) -> None:
    """Rows to a file or stdout, sidecars into a folder.

    Raises:
        BadSource: no folder for sidecars, what cannot be written, or what is there already and not to be replaced:
            sidecars of other programs hold their edits.
    """
    if what is ExportFormat.XMP and to is None:
        raise BadSource("sidecars are files: name a folder with --to")
    rows = export(services, actor, wish, what, door="cli")
    try:
        if what is ExportFormat.XMP:
            assert to is not None
            told = count(_write_sidecars(to, as_sidecars(rows), overwrite), "sidecar")
        else:
            _require_free(to, overwrite)
            lines = (as_csv if what is ExportFormat.CSV else as_jsonl)(rows)
            told = count(_write_lines(to, lines) - (what is ExportFormat.CSV), "text")
    except OSError as error:
        raise BadSource(f"{to} cannot be written: {error.strerror}") from error
    errors.print(f"{told} given out{f' to {to}' if to else ''}.", highlight=False, markup=False)


def _require_free(path: Path | None, overwrite: bool) -> None:
    if path is not None and path.exists() and not overwrite:
        raise BadSource(f"{path} is there already: give another place, or --overwrite")


def _write_sidecars(folder: Path, sidecars: Iterable[tuple[str, bytes]], overwrite: bool) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, content in sidecars:
        _require_free(folder / name, overwrite)
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
        written += 1
    return written


def _write_lines(to: Path | None, lines: Iterable[str]) -> int:
    written = 0
    if to is None:
        for line in lines:
            sys.stdout.write(line)
            written += 1
        return written
    with to.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
            written += 1
    return written
