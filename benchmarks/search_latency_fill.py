"""Fills a folder for `benchmarks.search_latency`: `python -m benchmarks.search_latency_fill VISUALS FOLDER`.

FOLDER/desk     what an installation has: catalog and optimised vectors
FOLDER/*.npy    the same vectors, for exact comparison; row n is visual n
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, insert

from benchmarks.clustered_visuals import DIM, LIBRARIES, Clusters, Drawn, drawn
from benchmarks.figure import seconds
from rag.indexing.edge import EdgeCollections
from rag.indexing.points import point_for
from rag.library.database import migrate, open_database
from rag.library.rows import asset_row, part_rows
from rag.library.tables import asset_groups, asset_tags, assets, captions, libraries, visuals
from rag.library.transactions import writing
from rag.model import AssetState
from rag.ports import Matrix, VectorStore

CHUNK = 2_000
COLLECTION = "visuals_bench"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Chunk = tuple[list[Drawn], Matrix, Matrix]


def main(count: int, folder: Path) -> None:
    desk = folder / "desk"
    desk.mkdir(parents=True)
    engine = open_database(f"sqlite:///{desk}/catalog.sqlite")
    migrate(engine)
    collections = EdgeCollections(desk / "vectors")
    store = collections.open(COLLECTION, DIM)
    filling = seconds(lambda: _fill(engine, store, folder, count))
    optimizing = seconds(store.optimize)
    collections.close()
    engine.dispose()
    print(json.dumps({"fill_seconds": filling, "optimize_seconds": optimizing}))


def _fill(engine: Engine, store: VectorStore, folder: Path, count: int) -> None:
    kept = [
        np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.float32, shape=(count, DIM))
        for name in ("images", "captions")
    ]
    with writing(engine) as connection:
        connection.execute(insert(libraries), [{"name": name, "created_at": NOW} for name in LIBRARIES])
    start = 0
    for some, images, texts in _chunks(count):
        for matrix, rows in zip(kept, (images, texts), strict=True):
            matrix[start : start + len(some)] = rows
        start += len(some)
        with writing(engine) as connection:
            _insert(connection, some)
        store.upsert([point_for(one.asset, one.visual, images[at], texts[at : at + 1]) for at, one in enumerate(some)])


def _chunks(count: int) -> Iterator[Chunk]:
    clusters = Clusters(seed=1)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        yield list(drawn(start, size)), *clusters.pairs(size)


def _insert(connection: Connection, some: list[Drawn]) -> None:
    """As an ingest leaves it: `SqlCatalog.accept` and `conclude` say the same more slowly."""
    shown = {"state": AssetState.INDEXED, "attempts": 1, "visual_count": 1}
    connection.execute(insert(assets), [{**asset_row(one.asset, NOW), **shown} for one in some])
    parts = [part for one in some for part in part_rows(one.asset)]
    for table in (captions, asset_tags, asset_groups):
        connection.execute(insert(table), [row for of, row in parts if of is table])
    names = visuals.columns.keys()
    connection.execute(insert(visuals), [{name: getattr(one.visual, name) for name in names} for one in some])


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
