"""The second stage: prepared pictures of whatever assets, batched, to points."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.errors import Retryable
from rag.indexing.points import point_for, searchable_captions
from rag.model import AssetState
from rag.pipeline.moderating import moderate
from rag.pipeline.work import Prepared, Work
from rag.ports import Encoder, Matrix, Moderator, Point, Serving

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A complete asset with its points, for each generation that it goes into."""

    work: Work
    points: tuple[tuple[Serving, list[Point]], ...]


class EncodeStage:
    """Encodes batches. When one fails, each picture is tried alone, so that one harms no other.

    What goes into a collection was checked before: no search ever sees what the policy hides.
    """

    def __init__(self, moderator: Moderator | None = None) -> None:
        self._moderator = moderator

    def encode(self, batch: Sequence[Prepared]) -> list[Work]:
        """Encode a batch; gives the assets of which nothing is missing any more."""
        wanted = [item for item in batch if not item.work.over]
        complete: list[Work] = []
        for encoder in {id(item.encoder): item.encoder for item in wanted}.values():
            complete += self._encode(encoder, [item for item in wanted if item.encoder is encoder])
        return complete

    def _encode(self, encoder: Encoder, wanted: Sequence[Prepared]) -> list[Work]:
        try:
            vectors = encoder.images([item.pixels for item in wanted])  # (n, dim)
        except Retryable as error:
            for item in wanted:
                item.work.fail(error)
            return []
        except Exception as error:
            if len(wanted) > 1:
                return [work for item in wanted for work in self._encode(encoder, [item])]
            return _without(wanted[0], error)
        return [
            item.work
            for item, vector in zip(wanted, vectors, strict=True)
            if item.work.encoded(item.place, item.target, vector)
        ]

    def points(self, works: Sequence[Work]) -> list[Ready]:
        """The points of complete assets, their captions encoded together."""
        try:
            return self._points(works)
        except Exception as error:
            if len(works) > 1:
                return [ready for work in works for ready in self.points([work])]
            give_back(works[0], error)
            return []

    def _points(self, works: Sequence[Work]) -> list[Ready]:
        texts = [
            [[caption.text for caption in searchable_captions(work.asset, visual)] for visual in work.visuals]
            for work in works
        ]
        rows = _Rows(works, texts)
        if self._moderator is not None:
            moderate(self._moderator, works, texts, rows.of)
        return [
            Ready(
                work,
                tuple(
                    (target, _points_of(work, place, [rows.of(target.encoder, group) for group in groups]))
                    for place, target in rows.targets(work)
                ),
            )
            for work, groups in zip(works, texts, strict=True)
        ]


class _Rows:
    """The captions of some assets as each of their encoders has them; each text is encoded once by each."""

    def __init__(self, works: Sequence[Work], texts: Sequence[Sequence[Sequence[str]]]) -> None:
        self._rows: dict[int, dict[str, Matrix]] = {}
        wanted: dict[int, dict[str, None]] = {}
        encoders: dict[int, Encoder] = {}
        for work, groups in zip(works, texts, strict=True):
            for _, target in work.kept_targets:
                encoders[id(target.encoder)] = target.encoder
                some = wanted.setdefault(id(target.encoder), {})
                some.update(dict.fromkeys(text for group in groups for text in group))
        first = {id(work.targets[0].encoder) for work in works}
        for key, encoder in encoders.items():
            try:
                self._rows[key] = _encoded(encoder, list(wanted[key]))
            except Retryable:
                raise
            except Exception as error:
                if key in first:
                    raise
                log.error("a coming encoder failed at captions; they are left for later", exc_info=error)

    def targets(self, work: Work) -> list[tuple[int, Serving]]:
        return [(place, target) for place, target in work.kept_targets if id(target.encoder) in self._rows]

    def of(self, encoder: Encoder, group: Sequence[str]) -> Matrix:
        """One row a text, shape (texts, dim)."""
        rows = self._rows[id(encoder)]
        return np.stack([rows[text] for text in group]) if group else np.zeros((0, encoder.dim), dtype=np.float32)


def _encoded(encoder: Encoder, texts: Sequence[str]) -> dict[str, Matrix]:
    return dict(zip(texts, encoder.texts(texts), strict=True)) if texts else {}


def _points_of(work: Work, target: int, captions: Sequence[Matrix]) -> list[Point]:
    points = []
    for place, rows in enumerate(captions):
        vector = work.vectors[place][target]
        assert vector is not None, "an asset is complete when each of its pictures has its vectors"
        points.append(point_for(work.asset, work.visuals[place], vector, rows))
    return points


def _without(item: Prepared, error: Exception) -> list[Work]:
    """One picture that an encoder fails at ends its asset; a coming encoder only goes without the asset."""
    if not item.target:
        give_back(item.work, error)
        return []
    log.error("a coming encoder failed at %s; it is left for later", item.work.asset.ref, exc_info=error)
    return [item.work] if item.work.encoded(item.place, item.target, None) else []


def give_back(work: Work, error: Exception) -> None:
    """End this attempt at an asset: by what a part that did not answer says, or by its own failure."""
    if isinstance(error, Retryable):
        work.fail(error)
        return
    log.error("indexing %s failed; it is tried again", work.asset.ref, exc_info=error)
    work.refuse(AssetState.ACCEPTED, f"{type(error).__name__}: {error}")
