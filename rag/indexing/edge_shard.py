"""How a collection looks in Qdrant Edge: its configuration, and our points in Edge's classes and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge

from rag.disk import says_full
from rag.errors import DiskFull, PictureDeskError, Rejected, Unavailable
from rag.indexing.checks import stored_point, vectors_of
from rag.indexing.edge_filters import edge_filter
from rag.indexing.schema import INDEXED, TENANT, FieldType
from rag.model import Channel, VisualId
from rag.ports import Nearest, Point, SparseVector, Vector

WORTH_INDEXING = 20_000
"""Visuals from which a graph beats comparing with all of them, which takes about 0.1 ms per thousand and is exact."""

ROOM_A_POINT = 16 * 1024
"""Bytes for its payload and for what the payload's indexes take."""

INDEX_TYPES = {
    FieldType.KEYWORD: edge.PayloadSchemaType.Keyword,
    FieldType.INTEGER: edge.PayloadSchemaType.Integer,
    FieldType.DATETIME: edge.PayloadSchemaType.Datetime,
}


@contextmanager
def translating() -> Iterator[None]:
    """Edge raises ValueError for what it cannot read, and bare Exception for everything else."""
    try:
        yield
    except PictureDeskError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise Rejected(f"Qdrant Edge refused the request: {_line(error)}") from error
    except Exception as error:
        if says_full(error):
            raise DiskFull("Qdrant Edge could not write: the disk is full; free some space") from error
        raise Unavailable(f"Qdrant Edge failed: {_line(error)}") from error


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def create_shard(folder: Path, dim: int) -> edge.EdgeShard:
    folder.mkdir(parents=True)
    return edge.EdgeShard.create(str(folder), _config(dim))


def _config(dim: int) -> edge.EdgeConfig:
    max_sim = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim)
    threshold_kb = WORTH_INDEXING * dim * 4 // 1024
    return edge.EdgeConfig(
        vectors={
            Channel.IMAGE.value: edge.EdgeVectorParams(dim, edge.Distance.Cosine),
            Channel.CAPTION.value: edge.EdgeVectorParams(dim, edge.Distance.Cosine, multivector_config=max_sim),
        },
        sparse_vectors={Channel.BM25.value: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=threshold_kb),
    )


def create_missing_indexes(shard: edge.EdgeShard) -> None:
    """Also for folders written before a field came into the schema."""
    present = shard.info().payload_schema
    for field, kind in INDEXED.items():
        if field not in present:
            index = edge.KeywordIndexParams(is_tenant=True) if field == TENANT else INDEX_TYPES[kind]
            shard.update(edge.UpdateOperation.create_field_index(field, index))


def edge_point(point: Point) -> edge.Point:
    image, captions, terms = vectors_of(point)
    vectors: dict[str, edge.NamedVector] = {Channel.IMAGE.value: image}
    if captions:
        vectors[Channel.CAPTION.value] = captions
    if terms.indices:
        vectors[Channel.BM25.value] = _sparse(terms)
    return edge.Point(point.id, vectors, point.payload)


def size_of(point: Point) -> int:
    """Bytes that writing a point may take: its vectors and texts once in the log and once in the shard, rounded up."""
    return ROOM_A_POINT + 4 * (point.image.nbytes + point.captions.nbytes)


def our_point(record: edge.Record, dim: int) -> Point:
    vectors = record.vector
    assert isinstance(vectors, dict)
    terms = vectors.pop(Channel.BM25.value, None)
    ours = SparseVector(tuple(terms.indices), tuple(terms.values)) if isinstance(terms, edge.SparseVector) else None
    return stored_point(str(record.id), vectors, ours or SparseVector(), record.payload, dim)


def edge_query(request: Nearest) -> edge.QueryRequest:
    vector = request.vector
    numbers = _sparse(vector) if isinstance(vector, SparseVector) else vector.tolist()
    return edge.QueryRequest(
        limit=request.limit,
        query=edge.Query.Nearest(numbers, using=request.channel.value),
        filter=edge_filter(request.where),
        with_payload=False,
    )


def edge_scores_query(channel: Channel, vector: Vector, ids: Sequence[VisualId]) -> edge.QueryRequest:
    """Compare these points and no others, with their full vectors."""
    return edge.QueryRequest(
        limit=len(ids),
        query=edge.Query.Nearest(vector.tolist(), using=channel.value),
        filter=edge.Filter(must=[edge.HasIdCondition(set(ids))]),
        params=edge.SearchParams(exact=True),
        with_payload=False,
    )


def _sparse(terms: SparseVector) -> edge.SparseVector:
    return edge.SparseVector(list(terms.indices), list(terms.values))
