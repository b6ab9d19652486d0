"""Embeddings made by clip-retrieval: its pictures with the vectors that it has computed.

    img_emb/img_emb_0.npy              shape (n, dim), float16 or float32
    metadata/metadata_0.parquet        n rows: image_path, caption, and what else was known (url, …)

The numbers may be padded with zeros. Made from files, `image_path` is the path that clip-retrieval was given; made
from WebDataset, it is a key that names no file, and the picture comes from `url`. Which model made the vectors is not
written anywhere: whoever takes them in has to compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rag.errors import BadSource
from rag.ports import Vector
from rag.sources import parquet
from rag.sources.entry import Entry
from rag.sources.limits import SourceLimits
from rag.sources.row_files import RowReader
from rag.sources.rows import is_used

VECTORS = re.compile(r"img_emb_([0-9]+)\.npy")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of vectors, and the file of metadata that goes with it."""

    vectors: Path
    metadata: Path
    rows: int


def looks_like_embeddings(folder: Path) -> bool:
    """Whether clip-retrieval has written this folder."""
    return (folder / "img_emb").is_dir() and (folder / "metadata").is_dir()


def read_parts(folder: Path) -> list[Part]:
    """The parts, by number.

    Raises:
        BadSource: there is none; one cannot be read; or vectors and rows of metadata do not agree.
    """
    found = [(match, path) for path in (folder / "img_emb").iterdir() if (match := VECTORS.fullmatch(path.name))]
    found.sort(key=lambda pair: int(pair[0][1]))
    parts = [_part(path, folder / "metadata" / f"metadata_{match[1]}.parquet") for match, path in found]
    if not parts:
        raise BadSource(f"{folder / 'img_emb'} holds no img_emb_0.npy; point to what clip-retrieval inference wrote")
    if len({_matrix(part.vectors).shape[1] for part in parts}) > 1:
        raise BadSource(f"the vectors in {folder / 'img_emb'} are of different lengths; they are of different models")
    return parts


def embedding_entries(
    folder: Path, parts: Sequence[Part], limits: SourceLimits, pictures: Path | None
) -> Iterator[Entry]:
    """One entry a row, with its vector. A vector without a direction (zeros, NaN) is left out; the picture stays.

    Args:
        pictures: the folder that `image_path` is relative to, and does not lead out of. None: relative paths are
            looked for beside `folder` and in it, and absolute ones are taken as they are.
    """
    folders = [pictures] if pictures is not None else [folder.absolute().parent, folder]
    rows = RowReader(folders, limits, anywhere=pictures is None)
    for part in parts:
        matrix = _matrix(part.vectors)
        for number, cells in enumerate(_cells(part.metadata)):
            entry = rows.entry(f"{part.metadata.name}:{number + 1}", cells)
            yield replace(entry, vector=_unit(matrix[number]))


def _part(vectors: Path, metadata: Path) -> Part:
    rows, vector_count = parquet.row_count(metadata), len(_matrix(vectors))
    if rows != vector_count:
        raise BadSource(f"{vectors} has {vector_count:,} vectors and {metadata.name} {rows:,} rows; make them again")
    return Part(vectors, metadata, rows)


def _matrix(path: Path) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """shape (n, dim), float16 or float32; stays on disk. Raises BadSource."""
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadSource(f"{path} cannot be read as a numpy array: {parquet.one_line(error)}") from error
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise BadSource(f"{path} holds no vectors: its array should be of floats, with one row a picture")
    return matrix


def _cells(metadata: Path) -> Iterator[dict[str, object]]:
    with parquet.opened(metadata) as file:
        columns = [name for name in file.schema_arrow.names if is_used(name)]
        try:
            for batch in file.iter_batches(parquet.ROWS_AT_A_TIME, columns=columns):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise BadSource(f"{metadata} is broken: {parquet.one_line(error)}") from error


def _unit(row: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> Vector | None:
    vector = np.asarray(row, dtype=np.float32)
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if np.isfinite(length) and length > 0 else None
