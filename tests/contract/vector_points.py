"""Points and collections for the vector stores' contract tests."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from qdrant_client import QdrantClient

from rag.indexing import open_collections
from rag.indexing.bm25 import document_vector
from rag.indexing.edge import EdgeCollections
from rag.indexing.server import ServerCollections
from rag.model import Channel, Filter, Json, VisualId, visual_id
from rag.ports import Collections, Matrix, Nearest, Point, SparseVector, Vector

DIM = 16
COLLECTION = "visuals_contract"
WORDS = "red blue dress beach dog boat sunset city car snow child tree".split()  # noqa: SIM905


def edge(folder: Path) -> EdgeCollections:
    return EdgeCollections(folder / "vectors")


def edge_template(folder: Path) -> Path:
    """A folder with an empty collection `COLLECTION`, to copy: making one costs a second of forced writes."""
    collections = edge(folder)
    collections.open(COLLECTION, DIM)
    collections.close()
    return folder / "vectors"


def edge_like(template: Path, folder: Path) -> EdgeCollections:
    """A copy of `template`, in `folder`."""
    subprocess.run(["cp", "-r", "--sparse=always", template, folder / "vectors"], check=True)
    return edge(folder)


def in_process_client() -> Collections:
    return ServerCollections(QdrantClient(":memory:"))


def over_http(url: str) -> Collections:
    return open_collections(url)


def unit(row: Vector) -> Vector:
    result: Vector = (row / np.linalg.norm(row)).astype(np.float32)
    return result


def some_vector(seed: int = 0, dim: int = DIM) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(dim).astype(np.float32))


def no_captions(dim: int = DIM) -> Matrix:
    return np.zeros((0, dim), dtype=np.float32)


def point(
    number: int,
    *,
    caption_rows: Sequence[Vector] = (),
    text: str = "",
    dim: int = DIM,
    image: Vector | None = None,
    **payload: Any,
) -> Point:
    """Visual `number`; its image is `some_vector(number)` unless given."""
    return Point(
        id=identity(number),
        image=some_vector(number, dim) if image is None else image,
        captions=np.stack(caption_rows) if caption_rows else no_captions(dim),
        bm25=document_vector(text),
        payload={"library": "main", "asset_id": f"{number:064x}", **payload},
    )


def identity(number: int) -> VisualId:
    return visual_id("main", f"{number:064x}")


def points(count: int, **payload: Callable[[int], Any]) -> list[Point]:
    return [point(number, **{name: value(number) for name, value in payload.items()}) for number in range(count)]


def random_points(count: int, seed: int = 7) -> list[Point]:
    """Points with all the fields and channels, some of them missing here and there."""
    rng = np.random.default_rng(seed)
    return [_random_point(number, rng) for number in range(count)]


def _random_point(number: int, rng: np.random.Generator) -> Point:
    captions = [unit(row) for row in rng.standard_normal((int(rng.integers(0, 4)), DIM)).astype(np.float32)]
    text = " ".join(rng.choice(WORDS, size=int(rng.integers(1, 12)))) if captions else ""
    payload: Json = {
        "library": f"library-{rng.integers(3)}",
        "tags": [str(tag) for tag in rng.choice(WORDS, size=int(rng.integers(0, 4)), replace=False)],
        "width": int(rng.integers(1, 4000)),
        "captured_at": f"20{rng.integers(10, 25)}-05-01T10:00:00+00:00" if rng.random() < 0.7 else None,
        "moderation": str(rng.choice(["allowed", "review", "blocked"])),
    }
    if rng.random() < 0.6:
        payload["access_groups"] = [
            str(group) for group in rng.choice(["press", "legal"], size=int(rng.integers(0, 3)), replace=False)
        ]
    return point(number, caption_rows=captions, text=text, **payload)


def every_channel(seed: int, terms: SparseVector, *, limit: int, where: Filter | None = None) -> list[Nearest]:
    vector = some_vector(seed)
    return [
        Nearest(Channel.IMAGE, vector, limit, where),
        Nearest(Channel.CAPTION, vector, limit, where),
        Nearest(Channel.BM25, terms, limit, where),
    ]
