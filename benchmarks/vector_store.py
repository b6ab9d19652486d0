"""Qdrant Edge with 10,000 visuals of 256 dimensions: writing them durably, and a question over all three channels."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
import qdrant_edge

from benchmarks.figure import Figure, paired_seconds, seconds
from rag.indexing.bm25 import document_vector, query_vector
from rag.indexing.edge import EdgeCollections
from rag.indexing.edge_shard import create_shard, edge_point
from rag.model import And, AnyOf, Channel, Eq, Filter, Missing, Not, Or, visual_id
from rag.ports import Matrix, Nearest, Point, VectorStore

VISUALS = 10_000
DIM = 256
BATCH = 32
CANDIDATES = 100
WORDS = "red blue dress beach dog boat sunset city car snow child tree river night street market".split()  # noqa: SIM905

RIGHTS: Filter = And(
    (
        AnyOf("library", ("library-0", "library-1")),
        Or((Missing("access_groups"), AnyOf("access_groups", ("press",)))),
        Not(Eq("moderation", "blocked")),
    )
)


def figures() -> list[Figure]:
    points = visuals(VISUALS, DIM)
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder, "vectors")) as store:
        durable = seconds(lambda: _upsert_all(store, points))
        bare = seconds(lambda: _update_all(Path(folder, "bare"), points))
        store.optimize()
        search, exact = _search_seconds(store, points)
    return [
        Figure("vector_store_upserts", VISUALS / durable, "visuals/s", baseline=VISUALS / bare),
        Figure("vector_store_search_p50", 1000 * search, "ms", better="lower", baseline=1000 * exact),
    ]


def visuals(count: int, dim: int) -> list[Point]:
    """Each with one caption of eight words; three libraries, a tenth blocked, a tenth for groups."""
    rng = np.random.default_rng(0)
    images, captions = _unit_rows(rng, count, dim), _unit_rows(rng, count, dim)
    texts = [" ".join(words) for words in rng.choice(WORDS, size=(count, 8))]
    return [
        Point(visual_id("bench", str(at)), images[at], captions[at : at + 1], document_vector(texts[at]), _payload(at))
        for at in range(count)
    ]


def _payload(at: int) -> dict[str, object]:
    return {
        "library": f"library-{at % 3}",
        "asset_id": str(at),
        "tags": [WORDS[at % len(WORDS)]],
        "moderation": "blocked" if at % 10 == 0 else "allowed",
        "access_groups": [["press"], ["legal"]][at % 2] if at % 10 == 1 else [],
        "captured_at": f"20{10 + at % 15}-05-01T10:00:00+00:00",
        "width": 100 + at % 4000,
    }


def _unit_rows(rng: np.random.Generator, count: int, dim: int) -> Matrix:
    rows = rng.standard_normal((count, dim), dtype=np.float32)
    unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@contextmanager
def _opened(folder: Path) -> Iterator[VectorStore]:
    collections = EdgeCollections(folder)
    yield collections.open("visuals_bench", DIM)
    collections.close()


def _upsert_all(store: VectorStore, points: list[Point]) -> None:
    for start in range(0, len(points), BATCH):
        store.upsert(points[start : start + BATCH])


def _update_all(folder: Path, points: list[Point]) -> None:
    """The baseline: Edge alone, without payload indexes, checks, or forcing its log to disk."""
    shard = create_shard(folder, DIM)
    for start in range(0, len(points), BATCH):
        batch = [edge_point(point) for point in points[start : start + BATCH]]
        shard.update(qdrant_edge.UpdateOperation.upsert_points(batch))
    shard.close()


def _search_seconds(store: VectorStore, points: list[Point]) -> tuple[float, float]:
    """Median of a question over three channels with rights, and of numpy comparing two channels without any."""
    questions = cycle(_unit_rows(np.random.default_rng(1), 50, DIM))
    texts = cycle(query_vector(f"a {one} near the {other}") for one in WORDS for other in WORDS[:3])
    images = np.stack([point.image for point in points])
    captions = np.concatenate([point.captions for point in points])

    def search() -> object:
        vector = next(questions)
        return store.search(
            [
                Nearest(Channel.IMAGE, vector, CANDIDATES, RIGHTS),
                Nearest(Channel.CAPTION, vector, CANDIDATES, RIGHTS),
                Nearest(Channel.BM25, next(texts), CANDIDATES, RIGHTS),
            ]
        )

    def compare() -> object:
        vector = next(questions)
        return [np.argpartition(-(matrix @ vector), CANDIDATES)[:CANDIDATES] for matrix in (images, captions)]

    return paired_seconds(search, compare, 100)
