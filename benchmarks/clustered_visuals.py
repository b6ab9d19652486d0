"""Visuals with vectors that lie as real embeddings do: clusters in few directions, text and pictures far apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from rag.model import Asset, AssetId, AssetState, Caption, Moderation, Visual, visual_id
from rag.ports import Matrix

DIM = 512
CLUSTERS = 1_000
RANK = 128
"""Of so many dimensions; in open_clip's embeddings, too, few directions hold most of the variance."""
WITHIN = 0.6
"""Noise within a cluster, beside 1 between their centres; a caption is half of that again from its picture."""
OWN = 0.35
"""Share of a vector that is noise in all dimensions."""
LIBRARIES = ("library-0", "library-1", "library-2")
TAGS = tuple(f"tag-{number}" for number in range(16))
WORDS, SAID = 10_000, 8
"""Words that captions are made of, by Zipf and Mandelbrot's law, and how many each says."""
FIRST_DAY, DAYS = datetime(2010, 1, 1, tzinfo=UTC), 5_000


class Clusters:
    """Draws unit vectors, float32."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(0)
        self._basis = np.linalg.qr(rng.standard_normal((DIM, RANK)))[0].T.astype(np.float32)
        self._spectrum = (np.arange(1, RANK + 1) ** -0.35).astype(np.float32)
        self._centres = self._normal(rng, CLUSTERS)
        self._gap = unit_rows(rng.standard_normal((2, DIM), dtype=np.float32))
        self._rng = np.random.default_rng((1, seed))

    def pairs(self, count: int) -> tuple[Matrix, Matrix]:
        """Pictures and their captions, shape (count, DIM) each."""
        places = self._places(count)
        near = places + WITHIN * 0.8 * self._normal(self._rng, count)
        return self._embedded(places, 0), self._embedded(near, 1)

    def questions(self, count: int) -> Matrix:
        """Texts like captions, of no picture."""
        return self._embedded(self._places(count), 1)

    def _places(self, count: int) -> Matrix:
        centres = self._centres[self._rng.integers(0, CLUSTERS, count)]
        places: Matrix = centres + WITHIN * self._normal(self._rng, count)
        return places

    def _normal(self, rng: np.random.Generator, count: int) -> Matrix:
        rows: Matrix = rng.standard_normal((count, RANK), dtype=np.float32) * self._spectrum
        return rows

    def _embedded(self, places: Matrix, kind: int) -> Matrix:
        noise = unit_rows(self._rng.standard_normal((len(places), DIM), dtype=np.float32))
        return unit_rows(unit_rows(places @ self._basis) + self._gap[kind] + OWN * noise)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An asset with one visual and one caption."""

    asset: Asset
    visual: Visual


def drawn(start: int, count: int, seed: int = 2) -> Iterator[Drawn]:
    """A tenth blocked; a tenth for press or legal alone; libraries, tags and dates evenly and by chance."""
    rng = np.random.default_rng((seed, start))
    words = _words(rng, count)
    chance = rng.random((count, 5)).tolist()
    for at, (library, tag, day, shown, group) in enumerate(chance):
        one = sha256(str(start + at).encode()).hexdigest()
        name = LIBRARIES[int(len(LIBRARIES) * library)]
        asset = Asset(
            library=name,
            id=AssetId(one),
            name=f"{start + at:08d}.jpg",
            media_type="image/jpeg",
            size=100_000 + at,
            state=AssetState.INDEXED,
            captions=(Caption(" ".join(words[at]), language="en"),),
            tags=(TAGS[int(len(TAGS) * tag)],),
            captured_at=FIRST_DAY + timedelta(days=int(DAYS * day)),
            access_groups=() if shown > 0.2 or shown < 0.1 else (("press", "legal")[group < 0.5],),
            moderation=Moderation.BLOCKED if shown < 0.1 else Moderation.ALLOWED,
        )
        yield Drawn(asset, Visual(visual_id(name, asset.id), name, asset.id, 800, 600, perceptual_hash=one[:16]))


def worded_questions(count: int) -> list[str]:
    """Four words each, as captions say them; all different."""
    rng = np.random.default_rng(3)
    return [f"{' '.join(words[:4])} question{at}" for at, words in enumerate(_words(rng, count))]


def unit_rows(rows: Matrix) -> Matrix:
    unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _words(rng: np.random.Generator, count: int) -> list[list[str]]:
    weights = 1 / (np.arange(WORDS) + 2.7)
    drawn = rng.choice(WORDS, size=(count, SAID), p=weights / weights.sum())
    return [[f"word{number}" for number in row] for row in drawn.tolist()]
