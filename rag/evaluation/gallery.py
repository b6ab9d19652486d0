"""Hangs drawn pictures into an installation in bulk: catalog rows and points, as ingest leaves them.

What is left out is what a drawing needs none of: bytes in the blob store, and decoder
processes. Vectors come from the same encoder, points from the same function.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from rag.evaluation.asking import Progress, quietly
from rag.indexing.points import point_for
from rag.model import LOCAL_OWNER, Asset, AssetId, AssetState, Caption, Outcome, Visual, VisualId, visual_id
from rag.ports import Acceptance, Matrix, Point, Services

if TYPE_CHECKING:
    from PIL.Image import Image

    from rag.evaluation.suites.material import Shown

AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Hung:
    """Pictures of one library, in the order given."""

    library: str
    ids: tuple[VisualId, ...]


def hang(services: Services, library: str, shown: Sequence[Shown], progress: Progress = quietly) -> Hung:
    """Draw, encode and store pictures in a library, which is made.

    Raises:
        Unavailable: catalog or store did not answer.
    """
    job = str(uuid.uuid4())
    services.catalog.start_job(job, library, LOCAL_OWNER)
    ids: list[VisualId] = []
    for at in range(0, len(shown), AT_ONCE):
        progress(f"draw and index {library}", at, len(shown))
        ids += _hang(services, job, library, shown[at : at + AT_ONCE], at)
    services.catalog.finish_job(job)
    services.store.optimize()
    progress(f"draw and index {library}", len(shown), len(shown))
    return Hung(library, tuple(ids))


def _hang(services: Services, job: str, library: str, shown: Sequence[Shown], first: int) -> list[VisualId]:
    pictures = [one.picture() for one in shown]
    assets = [
        _asset(library, one, picture, first + i) for i, (one, picture) in enumerate(zip(shown, pictures, strict=True))
    ]
    visuals = [
        Visual(visual_id(library, asset.id), library, asset.id, picture.width, picture.height)
        for asset, picture in zip(assets, pictures, strict=True)
    ]
    services.catalog.accept(job, [Acceptance(asset.name, asset) for asset in assets])
    services.catalog.begin([asset.ref for asset in assets], attempts_allowed=services.settings.attempts)
    services.store.upsert(_points(services, assets, visuals, pictures))
    services.catalog.conclude(
        [
            Outcome(asset.ref, AssetState.INDEXED, visuals=(visual,))
            for asset, visual in zip(assets, visuals, strict=True)
        ]
    )
    return [visual.id for visual in visuals]


def _asset(library: str, shown: Shown, picture: Image, number: int) -> Asset:
    """Its id is the hash of its pixels and its place, so that two pictures which look alike are two assets."""
    digest = sha256(picture.tobytes() + str(number).encode()).hexdigest()
    return Asset(
        library=library,
        id=AssetId(digest),
        name=f"{number:05d}.png",
        media_type="image/png",
        size=picture.width * picture.height * 3,
        captions=tuple(Caption(text, language="en") for text in shown.captions),
        tags=shown.tags,
    )


def _points(
    services: Services, assets: Sequence[Asset], visuals: Sequence[Visual], pictures: Sequence[Image]
) -> list[Point]:
    encoder = services.encoder
    vectors = [encoder.images(pictures[at : at + encoder.batch]) for at in range(0, len(pictures), encoder.batch)]
    texts = [caption.text for asset in assets for caption in asset.captions]
    rows = iter(encoder.texts(texts) if texts else ())
    return [
        point_for(asset, visual, image, _rows([next(rows) for _ in asset.captions], encoder.dim))
        for asset, visual, image in zip(assets, visuals, np.concatenate(vectors), strict=True)
    ]


def _rows(rows: list[Matrix], dim: int) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, dim), dtype=np.float32)
