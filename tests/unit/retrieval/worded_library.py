"""A library whose vectors can be worked out by hand: a picture's or text's vector counts its words.

Pictures see every word, with a little noise; texts are as they stand. The store is Qdrant
Edge and the catalog SQLite, as in the product.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.indexing.points import point_for
from rag.model import (
    LOCAL_OWNER,
    Asset,
    AssetId,
    AssetState,
    Caption,
    CaptionOrigin,
    CaptionStatus,
    Channel,
    Outcome,
    Visual,
    VisualId,
    visual_id,
)
from rag.ports import Acceptance, Matrix, Sigmoid, Vector
from rag.settings import Settings
from rag.wiring import WiredServices

KINDS = ["dog", "cat", "car", "house", "tree", "boat", "bird", "chair", "lamp", "clock", "drum", "kite"]
COLOURS = ["red", "blue", "green", "white", "black", "yellow"]
PLACES = ["beach", "forest", "street", "desert", "meadow", "harbour", "park", "farm"]
VOCABULARY = (*KINDS, *COLOURS, *PLACES)
LIBRARY = "worded"
NOISE = 0.25


class WordEncoder:
    """Texts and pictures by their words. Unknown words point nowhere in particular."""

    id = "words@1"
    dim = len(VOCABULARY) + 8
    input_size = 32
    batch = 64
    description = "counts words"
    demo = False
    priors: Mapping[Channel, Sigmoid] = {Channel.IMAGE: Sigmoid(20.0, 0.6), Channel.CAPTION: Sigmoid(20.0, 0.8)}

    def texts(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self._vector(text) for text in texts])

    def picture(self, words: str) -> Vector:
        rng = np.random.default_rng(int.from_bytes(sha256(words.encode()).digest()[:4], "big"))
        return _unit(self._vector(words) + NOISE * _unit(rng.normal(size=self.dim)))

    def _vector(self, text: str) -> Vector:
        counts = np.zeros(self.dim)
        for word in text.lower().rstrip("?.").split():
            if word in VOCABULARY:
                counts[VOCABULARY.index(word)] += 1
            else:
                counts[len(VOCABULARY) + sha256(word.encode()).digest()[0] % 8] += 0.3
        return _unit(counts)


@contextmanager
def worded_services(folder: Path) -> Iterator[WiredServices]:
    """Services with the word encoder; everything else is what the product runs on."""
    services = WiredServices(Settings(data=folder))
    # In place of one that takes seconds to load; no picture is encoded here.
    services.openings._encoders[services.settings.encoder] = WordEncoder()  # type: ignore[assignment]
    try:
        yield services
    finally:
        services.close()


def put(services: WiredServices, sentences: Sequence[str], *, captioned: int, start: int = 0) -> list[VisualId]:
    """Pictures of `sentences`, the first `captioned` of them with the sentence as caption."""
    encoder = WordEncoder()
    assets = [_asset(start + at, text, captioned=at < captioned) for at, text in enumerate(sentences)]
    visuals = [Visual(visual_id(LIBRARY, asset.id, ""), LIBRARY, asset.id, 32, 32) for asset in assets]
    job = f"job-{start}"
    services.catalog.start_job(job, LIBRARY, LOCAL_OWNER)
    services.catalog.accept(job, [Acceptance(asset.name, asset) for asset in assets])
    services.catalog.begin([asset.ref for asset in assets], attempts_allowed=3)
    pairs = list(zip(assets, visuals, strict=True))
    services.catalog.conclude([Outcome(asset.ref, AssetState.INDEXED, "", (one,)) for asset, one in pairs])
    points = []
    for (asset, visual), text in zip(pairs, sentences, strict=True):
        said = encoder.texts([text]) if asset.captions else np.zeros((0, encoder.dim), np.float32)
        points.append(point_for(asset, visual, encoder.picture(f"{text} {asset.name}"), said))
    services.store.upsert(points)
    return [visual.id for visual in visuals]


def sentences(count: int, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [f"a {rng.choice(COLOURS)} {rng.choice(KINDS)} on a {rng.choice(PLACES)}" for _ in range(count)]


def _asset(number: int, text: str, *, captioned: bool) -> Asset:
    caption = Caption(text, CaptionOrigin.HUMAN, CaptionStatus.APPROVED, "en")
    content = AssetId(sha256(f"{number} {text}".encode()).hexdigest())
    return Asset(LIBRARY, content, f"{number}.jpg", "image/jpeg", 1, captions=(caption,) if captioned else ())


def _unit(vector: NDArray[np.float64]) -> Vector:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else np.eye(1, len(vector))[0], dtype=np.float32)
