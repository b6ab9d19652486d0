"""What both adapters check before a vector goes into a store, and how both order what comes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np

from rag.errors import BadQuery, DimensionMismatch, Rejected
from rag.model import Channel, Json, VisualId
from rag.ports import Captioned, Matrix, Nearest, Point, Scored, SparseVector, Vector

SCORE_DECIMALS = 5
"""Scores are rounded: what lies below is float32 noise, which differs between engines and between segments."""

WORDS_MARGIN = 50
"""By words, scores are often equal, so lists are asked for that much longer than wanted at once."""

TIE_MARGIN = 250
"""How far past the end of a list its last score is followed, to choose among equals by id."""


def checked(points: Iterable[Point], dim: int) -> list[Point]:
    """The points to store, the last one where an id comes twice.

    Raises:
        DimensionMismatch: a vector is not `dim` long.
        Rejected: a vector holds what is no finite number.
    """
    last = {point.id: point for point in points}
    for point in last.values():
        for vector in (point.image, *point.captions):
            check_vector(vector, dim, f"visual {point.id}")
        if len(point.bm25.indices) != len(point.bm25.values):
            raise Rejected(f"visual {point.id} has {len(point.bm25.indices)} terms and other many weights")
    return list(last.values())


def check_vector(vector: Vector | Matrix, dim: int, owner: str) -> None:
    if np.shape(vector) != (dim,):
        raise DimensionMismatch(f"{owner} has a vector of shape {np.shape(vector)}; this collection takes ({dim},)")
    if not np.isfinite(vector).all():
        raise Rejected(f"{owner} has a vector with values that are not finite; its encoder is broken")


def check_request(request: Nearest, dim: int) -> None:
    """Raises BadQuery or DimensionMismatch."""
    if request.limit < 1:
        raise BadQuery(f"a search for {request.limit} visuals; ask for at least one")
    if not isinstance(request.vector, SparseVector):
        check_vector(request.vector, dim, "the question")


def check_vectors(vectors: Mapping[Channel, Vector], dim: int) -> None:
    """Raises BadQuery or DimensionMismatch."""
    for channel, vector in vectors.items():
        if channel is Channel.BM25:
            raise BadQuery("words have no cosine; ask for the scores of the image or the caption channel")
        check_vector(vector, dim, "the question")


def vectors_of(point: Point) -> tuple[list[float], list[list[float]], SparseVector]:
    """As plain numbers; captions or terms are empty where the visual has none."""
    captions = np.asarray(point.captions, dtype=np.float32)
    return np.asarray(point.image, dtype=np.float32).tolist(), captions.tolist() if captions.size else [], point.bm25


def stored_point(point_id: str, vectors: Json, terms: SparseVector, payload: Json | None, dim: int) -> Point:
    """A point as it came back from a store."""
    return Point(
        id=VisualId(point_id),
        image=np.asarray(vectors["image"], dtype=np.float32),
        captions=_caption_rows(vectors, dim),
        bm25=terms,
        payload=payload or {},
    )


def captioned(vectors: object, payload: Json | None, dim: int) -> Captioned:
    """The captions of a point as they came back from a store, with no other vectors than theirs."""
    said = (payload or {}).get("captions") or []
    return Captioned(said, _caption_rows(vectors if isinstance(vectors, dict) else {}, dim))


def _caption_rows(vectors: Json, dim: int) -> Matrix:
    """Shape (n, dim); n is 0 where there are none."""
    return np.asarray(vectors.get(Channel.CAPTION.value) or [], dtype=np.float32).reshape(-1, dim)


Search = Callable[[Sequence[Nearest]], list[list[Scored]]]


def ordered(search: Search, requests: Sequence[Nearest]) -> list[list[Scored]]:
    """Run `requests` and give each one's hits by falling score, equal ones by id.

    One call of `search`; a second one, for those requests alone, where equal scores
    lie across the end of a list, so that the ids decide which of them are in it.
    """
    asked = [index for index, request in enumerate(requests) if _has_terms(request)]
    found: list[list[Scored]] = [[] for _ in requests]
    for margin in (1, TIE_MARGIN):
        if not asked:
            break
        wider = [_widened(requests[index], margin) for index in asked]
        for index, hits in zip(asked, search(wider), strict=True):
            found[index] = sorted(map(_rounded, hits), key=lambda hit: (-hit.score, hit.id))
        asked = [index for index in asked if _tied_at_end(found[index], requests[index].limit)]
    return [hits[: request.limit] for hits, request in zip(found, requests, strict=True)]


Compare = Callable[[Mapping[Channel, Sequence[VisualId]]], list[list[Scored]]]
"""Asks for the scores of these visuals in each of these channels, one list for each."""


def compared(
    compare: Compare,
    ids: Sequence[VisualId],
    channels: Iterable[Channel],
    known: Mapping[Channel, Collection[VisualId]],
) -> dict[Channel, dict[VisualId, float]]:
    """What `scores` returns, from one call of `compare` for what is not `known`; none where nothing is left."""
    asked = _unknown(ids, channels, known)
    found = dict(zip(asked, compare(asked), strict=True)) if asked else {}
    return {channel: {hit.id: _rounded(hit).score for hit in found.get(channel, ())} for channel in channels}


def _unknown(
    ids: Sequence[VisualId], channels: Iterable[Channel], known: Mapping[Channel, Collection[VisualId]]
) -> dict[Channel, list[VisualId]]:
    """Whose scores are to be asked for, once each; a channel where nothing is left is not in it."""
    once = list(dict.fromkeys(ids))
    left = {channel: [one for one in once if one not in known.get(channel, ())] for channel in channels}
    return {channel: some for channel, some in left.items() if some}


def _has_terms(request: Nearest) -> bool:
    return not isinstance(request.vector, SparseVector) or bool(request.vector.indices)


def _widened(request: Nearest, margin: int) -> Nearest:
    if request.channel is Channel.BM25:
        margin = max(margin, WORDS_MARGIN)
    return Nearest(request.channel, request.vector, request.limit + margin, request.where)


def _rounded(hit: Scored) -> Scored:
    return Scored(hit.id, round(hit.score, SCORE_DECIMALS))


def _tied_at_end(hits: Sequence[Scored], limit: int) -> bool:
    return len(hits) > limit and hits[limit - 1].score == hits[-1].score


def page_after(ids: Sequence[str], after: VisualId | None, limit: int) -> list[VisualId]:
    """Qdrant's pages start with the point they are asked from; ours start behind it."""
    return [VisualId(one) for one in ids if one != after][:limit]
