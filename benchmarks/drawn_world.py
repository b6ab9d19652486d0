"""Drawn scenes with the demo encoder's vectors, kept between runs: drawing 20,000 takes five minutes of a core."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.ports import Encoder, Matrix
from rag.scenes import Scene, captions, draw
from rag.scenes.sampling import sample_scene

SEED = 2_711
SIDE = 192
"""Pixels of a drawn picture: twice what the encoder sees, as a decoder would give it."""

CHUNK = 500


@dataclass(frozen=True)
class World:
    """Scenes, and beside them their vectors.

    Attributes:
        images: shape (n, dim).
        captions: shape (n, dim): of each scene's first caption.
    """

    scenes: Sequence[Scene]
    images: Matrix
    captions: Matrix

    def first(self, count: int) -> World:
        return World(self.scenes[:count], self.images[:count], self.captions[:count])


def drawn_world(count: int, encoder: Encoder) -> World:
    """`count` random scenes, always the same."""
    rng = random.Random(SEED)
    scenes = [sample_scene(rng) for _ in range(count)]
    folder = Path(tempfile.gettempdir()) / "picturedesk-drawn" / encoder.id
    folder.mkdir(parents=True, exist_ok=True)
    chunks = list(_chunks(scenes, encoder, folder))
    return World(
        scenes, *(np.concatenate([chunk[name] for chunk in chunks])[:count] for name in ("images", "captions"))
    )


def _chunks(scenes: Sequence[Scene], encoder: Encoder, folder: Path) -> Iterator[dict[str, Matrix]]:
    for start in range(0, len(scenes), CHUNK):
        some = scenes[start : start + CHUNK]
        yield _kept(folder / f"{SEED}-{start}-{len(some)}.npz", lambda some=some: encoded(some, encoder))  # type: ignore[misc]


def encoded(scenes: Sequence[Scene], encoder: Encoder, batch: int = 64) -> dict[str, Matrix]:
    """`images` and `captions`, shape (n, dim) each."""
    shares = [scenes[at : at + batch] for at in range(0, len(scenes), batch)]
    images = [encoder.images([draw(scene, SIDE) for scene in share]) for share in shares]
    texts = [encoder.texts([captions(scene)[0] for scene in share]) for share in shares]
    return {"images": np.concatenate(images), "captions": np.concatenate(texts)}


def _kept(path: Path, make: Callable[[], dict[str, Matrix]]) -> dict[str, Matrix]:
    if not path.exists():
        part = path.with_suffix(".part.npz")
        np.savez(part, **make())  # type: ignore[arg-type]
        part.replace(path)
    with np.load(path) as kept:
        return dict(kept)
