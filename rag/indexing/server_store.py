"""One collection on a Qdrant server."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from qdrant_client import QdrantClient, models

from rag.indexing import graphs
from rag.indexing.checks import (
    captioned,
    check_request,
    check_vectors,
    checked,
    compared,
    ordered,
    page_after,
    stored_point,
    vectors_of,
)
from rag.indexing.schema import STORED
from rag.indexing.server_errors import translating
from rag.indexing.server_filters import server_filter
from rag.model import Channel, Filter, Json, VisualId
from rag.ports import Captioned, Nearest, Point, Scored, SparseVector, Vector
from rag.ports.vectors import NOTHING

BODY_BYTES = 24 * 1024 * 1024
"""Qdrant refuses bodies over 32 MB, and the client shows that as a timeout."""

NUMBER_BYTES = 23
"""A float32 in JSON, as the double it becomes, with its comma: at most this many characters."""


class ServerStore:
    """A `VectorStore` through a Qdrant client. Writes wait until the server's log has them."""

    def __init__(self, client: QdrantClient, name: str, dim: int) -> None:
        self.name = name
        self.dim = dim
        self._client = client

    def upsert(self, points: Sequence[Point]) -> None:
        for batch in batches(checked(points, self.dim), BODY_BYTES):
            with translating():
                self._client.upsert(self.name, [_struct(point) for point in batch], wait=True)

    def delete(self, ids: Sequence[VisualId]) -> None:
        if ids:
            with translating():
                self._client.delete(self.name, models.PointIdsList(points=list(ids)), wait=True)

    def search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        for request in requests:
            check_request(request, self.dim)
        return ordered(self._search, requests)

    def scores(
        self,
        ids: Sequence[VisualId],
        vectors: Mapping[Channel, Vector],
        *,
        known: Mapping[Channel, Collection[VisualId]] = NOTHING,
    ) -> dict[Channel, dict[VisualId, float]]:
        check_vectors(vectors, self.dim)

        def compare(asked: Mapping[Channel, Sequence[VisualId]]) -> list[list[Scored]]:
            return self._query([_scores_query(one, vectors[one], some) for one, some in asked.items()])

        return compared(compare, ids, vectors, known)

    def captions(self, ids: Sequence[VisualId]) -> dict[VisualId, Captioned]:
        if not ids:
            return {}
        with translating():
            records = self._client.retrieve(
                self.name, list(ids), with_payload=STORED, with_vectors=[Channel.CAPTION.value]
            )
        return {VisualId(str(one.id)): captioned(one.vector, one.payload, self.dim) for one in records}

    def fetch(self, ids: Sequence[VisualId]) -> dict[VisualId, Point]:
        if not ids:
            return {}
        with translating():
            records = self._client.retrieve(self.name, list(ids), with_payload=True, with_vectors=True)
        points = (_point(record, self.dim) for record in records)
        return {point.id: point for point in points}

    def present(self, ids: Sequence[VisualId]) -> set[VisualId]:
        if not ids:
            return set()
        with translating():
            records = self._client.retrieve(self.name, list(ids), with_payload=False, with_vectors=False)
        return {VisualId(str(record.id)) for record in records}

    def count(self, where: Filter | None = None) -> int:
        with translating():
            return self._client.count(self.name, count_filter=server_filter(where), exact=True).count

    def ids(self, where: Filter | None = None, *, limit: int = 1000, after: VisualId | None = None) -> list[VisualId]:
        with translating():
            records, _ = self._client.scroll(
                self.name,
                scroll_filter=server_filter(where),
                limit=limit + 1,
                offset=after,
                with_payload=False,
                with_vectors=False,
            )
        return page_after([str(record.id) for record in records], after, limit)

    def optimize(self) -> None:
        """Nothing: a server optimises on its own."""

    def rewrite(self) -> None:
        """Nothing: a server clears away what was deleted on its own, once it is a fifth of a segment."""

    def _search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        return self._query([_query(request) for request in requests])

    def _query(self, requests: list[models.QueryRequest]) -> list[list[Scored]]:
        with translating():
            responses = self._client.query_batch_points(self.name, requests)
        return [[Scored(VisualId(str(hit.id)), hit.score) for hit in response.points] for response in responses]


def batches(points: Sequence[Point], most_bytes: int) -> Iterator[list[Point]]:
    """Runs of points whose JSON surely stays under `most_bytes`; a point beyond that goes alone."""
    batch: list[Point] = []
    total = 0
    for point in points:
        size = _json_bytes(point)
        if batch and total + size > most_bytes:
            yield batch
            batch, total = [], 0
        batch.append(point)
        total += size
    if batch:
        yield batch


def _json_bytes(point: Point) -> int:
    numbers = point.image.size + point.captions.size + 2 * len(point.bm25.indices)
    return numbers * NUMBER_BYTES + len(json.dumps(point.payload, default=str)) + 200


def _struct(point: Point) -> models.PointStruct:
    image, captions, terms = vectors_of(point)
    vectors: Json = {Channel.IMAGE.value: image}
    if captions:
        vectors[Channel.CAPTION.value] = captions
    if terms.indices:
        vectors[Channel.BM25.value] = _sparse(terms)
    return models.PointStruct(id=point.id, vector=vectors, payload=point.payload)


def _point(record: models.Record, dim: int) -> Point:
    vectors: Json = dict(record.vector) if isinstance(record.vector, dict) else {}
    terms = vectors.pop(Channel.BM25.value, None)
    ours = SparseVector(tuple(terms.indices), tuple(terms.values)) if terms else SparseVector()
    return stored_point(str(record.id), vectors, ours, record.payload, dim)


def _query(request: Nearest) -> models.QueryRequest:
    vector = request.vector
    return models.QueryRequest(
        query=_sparse(vector) if isinstance(vector, SparseVector) else _dense(request.channel, vector),
        using=request.channel.value,
        filter=server_filter(request.where),
        limit=request.limit,
        params=None if isinstance(vector, SparseVector) else _dense_search(request.limit),
        with_payload=False,
    )


def _dense_search(limit: int) -> models.SearchParams:
    rescoring = models.QuantizationSearchParams(rescore=True, oversampling=graphs.oversampling(limit))
    return models.SearchParams(hnsw_ef=graphs.SEARCH_EFFORT, quantization=rescoring)


def _scores_query(channel: Channel, vector: Vector, ids: Sequence[VisualId]) -> models.QueryRequest:
    """Compare these points and no others, with their full vectors."""
    return models.QueryRequest(
        query=_dense(channel, vector),
        using=channel.value,
        filter=models.Filter(must=[models.HasIdCondition(has_id=list(ids))]),
        params=models.SearchParams(exact=True),
        limit=len(ids),
        with_payload=False,
    )


def _dense(channel: Channel, vector: Vector) -> list[float] | list[list[float]]:
    """A multivector of one row asks for MaxSim with one vector; the in-process client takes it in no other form."""
    return [vector.tolist()] if channel is Channel.CAPTION else vector.tolist()


def _sparse(terms: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(terms.indices), values=list(terms.values))
