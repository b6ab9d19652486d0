"""Parquet files as rows. One batch of rows is held at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from rag.errors import BadSource
from rag.sources.entry import Entry, unreadable
from rag.sources.limits import SourceLimits
from rag.sources.row_files import RowReader
from rag.sources.rows import is_used, names_files

ROWS_AT_A_TIME = 1_024
PICTURES_AT_A_TIME = 16
"""Rows held where the rows hold the pictures themselves."""


def parquet_entries(manifest: Path, limits: SourceLimits) -> Iterator[Entry]:
    """The entries of a Parquet file; columns that mean nothing here are not read.

    A row group that is broken is one entry skipped with the reason; the next one goes on.

    Raises:
        BadSource: the file cannot be read, or has no column for paths, URLs or pictures.
    """
    rows = RowReader([manifest.parent], limits)
    with opened(manifest) as file:
        columns = [name for name in file.schema_arrow.names if is_used(name)]
        if not names_files(columns):
            raise BadSource(
                f"{manifest} has no column path or url; its columns are {', '.join(file.schema_arrow.names)}"
            )
        number = 0
        for group in range(file.num_row_groups):
            try:
                for cells in _rows(file, group, columns):
                    number += 1
                    yield rows.entry(f"{manifest.name}:{number}", cells)
            except (pa.ArrowException, OSError) as error:
                yield unreadable(f"{manifest.name}, row group {group}", f"it is broken: {one_line(error)}")


def row_count(manifest: Path) -> int:
    """Rows of a Parquet file, from its footer. Raises BadSource."""
    with opened(manifest) as file:
        return int(file.metadata.num_rows)


@contextmanager
def opened(manifest: Path) -> Iterator[Any]:
    """A Parquet file, read without holding more than it must. Raises BadSource when it is none."""
    try:
        file = parquet.ParquetFile(manifest, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise BadSource(f"{manifest} cannot be read as Parquet: {one_line(error)}") from error
    with file:
        yield file


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _rows(file: Any, group: int, columns: list[str]) -> Iterator[dict[str, object]]:
    at_a_time = PICTURES_AT_A_TIME if _holds_pictures(file.schema_arrow, columns) else ROWS_AT_A_TIME
    for batch in file.iter_batches(at_a_time, row_groups=[group], columns=columns):
        yield from batch.to_pylist()


def _holds_pictures(schema: Any, columns: list[str]) -> bool:
    types = [schema.field(name).type for name in columns]
    return any(pa.types.is_struct(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind) for kind in types)
