"""The second stage: prepared pictures of whatever assets, batched, to points."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from rag.errors import Retryable
from rag.indexing.points import point_for, searchable_captions
from rag.model import AssetState
from rag.pipeline.work import Prepared, Work
from rag.ports import Matrix, Point, Services

log = logging.getLogger(__name__)


class EncodeStage:
    """Encodes batches. When one fails, each picture is tried alone, so that one harms no other."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def encode(self, batch: Sequence[Prepared]) -> list[Work]:
        """Encode a batch; gives the assets of which nothing is missing any more."""
        wanted = [item for item in batch if not item.work.over]
        if not wanted:
            return []
        try:
            vectors = self._services.encoder.images([item.pixels for item in wanted])  # (n, dim)
        except Retryable as error:
            for item in wanted:
                item.work.fail(error)
            return []
        except Exception as error:
            if len(wanted) > 1:
                return [work for item in wanted for work in self.encode([item])]
            give_back(wanted[0].work, error)
            return []
        return [
            item.work for item, vector in zip(wanted, vectors, strict=True) if item.work.encoded(item.place, vector)
        ]

    def points(self, works: Sequence[Work]) -> list[tuple[Work, list[Point]]]:
        """The points of complete assets, their captions encoded together."""
        try:
            return self._points(works)
        except Exception as error:
            if len(works) > 1:
                return [pair for work in works for pair in self.points([work])]
            give_back(works[0], error)
            return []

    def _points(self, works: Sequence[Work]) -> list[tuple[Work, list[Point]]]:
        texts = [
            [caption.text for caption in searchable_captions(work.asset, visual)]
            for work in works
            for visual in work.visuals
        ]
        rows = iter(self._encoded(texts))
        return [(work, [self._point(work, place, next(rows)) for place in range(len(work.visuals))]) for work in works]

    def _point(self, work: Work, place: int, captions: Matrix) -> Point:
        vector = work.vectors[place]
        assert vector is not None, "an asset is complete when each of its pictures has a vector"
        return point_for(work.asset, work.visuals[place], vector, captions)

    def _encoded(self, groups: Sequence[Sequence[str]]) -> list[Matrix]:
        """One matrix a group, shape (texts, dim); each text is encoded once, however often it stands there."""
        encoder = self._services.encoder
        distinct = list(dict.fromkeys(text for group in groups for text in group))
        rows = encoder.texts(distinct) if distinct else np.zeros((0, encoder.dim), dtype=np.float32)
        places = {text: place for place, text in enumerate(distinct)}
        return [rows[[places[text] for text in group]] for group in groups]


def give_back(work: Work, error: Exception) -> None:
    """End this attempt at an asset: by what a part that did not answer says, or by its own failure."""
    if isinstance(error, Retryable):
        work.fail(error)
        return
    log.error("indexing %s failed; it is tried again", work.asset.ref, exc_info=error)
    work.refuse(AssetState.ACCEPTED, f"{type(error).__name__}: {error}")
