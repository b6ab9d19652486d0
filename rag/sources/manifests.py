"""Manifests as entries: JSONL, CSV and TSV (gzipped or not), and Parquet. What a row may say is in `rows`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from rag.errors import BadSource
from rag.sources.entry import Entry, unreadable
from rag.sources.limits import SourceLimits
from rag.sources.lines import LONGEST_LINE, bounded_lines
from rag.sources.row_files import RowReader
from rag.sources.rows import names_files


def jsonl_entries(manifest: Path, limits: SourceLimits) -> Iterator[Entry]:
    """The entries of a JSONL manifest: one JSON object a line.

        {"path": "a.jpg", "caption": "A red car", "tags": ["car"], "captured_at": "2024-05-01"}

    Raises:
        BadSource: the manifest is missing, unreadable or has no lines.
    """
    rows = RowReader([manifest.parent], limits)
    found = False
    for number, line in bounded_lines(manifest):
        if line.strip():
            found = True
            yield _line_entry(rows, f"{manifest.name}:{number}", line)
    if not found:
        raise BadSource(f"the manifest {manifest} is empty")


def _line_entry(rows: RowReader, name: str, line: bytes) -> Entry:
    if len(line) > LONGEST_LINE:
        return unreadable(name, f"the line is longer than {LONGEST_LINE:,} bytes")
    try:
        cells = json.loads(line.decode("utf-8-sig", errors="replace"))
    except json.JSONDecodeError as error:
        return unreadable(name, f"the line is no JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets in brackets
        return unreadable(name, "the line is no JSON that can be read")
    if not isinstance(cells, dict):
        return unreadable(name, "the line is no JSON object")
    return rows.entry(name, cells)


def csv_entries(manifest: Path, limits: SourceLimits) -> Iterator[Entry]:
    """The entries of a CSV or TSV file with a header row; cells are divided by tabs, semicolons or commas.

    Raises:
        BadSource: the manifest is missing or unreadable, or its header has no column for paths or URLs.
    """
    rows = RowReader([manifest.parent], limits)
    lines = (line.decode(errors="replace") for _, line in bounded_lines(manifest))
    first = next(lines, "").removeprefix("\ufeff")
    reader = csv.reader(_after(first, lines), delimiter=_delimiter(manifest, first))
    header = _header(manifest, reader)
    while True:
        name = f"{manifest.name}:{reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield unreadable(name, f"the row cannot be read: {error}")
            continue
        if len(cells) > len(header):
            yield unreadable(name, f"the row has {len(cells)} cells and the header {len(header)}")
        elif cells:
            yield rows.entry(name, zip(header, cells, strict=False))


def _header(manifest: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise BadSource(f"the header of {manifest} cannot be read: {error}") from error
    if not names_files(header):
        raise BadSource(f"the first row of {manifest} has no column path or url; write the names of the columns there")
    return header


def _delimiter(manifest: Path, header: str) -> str:
    if ".tsv" in manifest.suffixes[-2:] or "\t" in header:
        return "\t"
    return ";" if header.count(";") > header.count(",") else ","


def _after(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines
