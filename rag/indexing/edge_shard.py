"""How a collection looks in Qdrant Edge: its configuration, and our points in Edge's classes and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge

from rag.disk import says_full
from rag.errors import DiskFull, PictureDeskError, Rejected, Unavailable
from rag.indexing import graphs
from rag.indexing.checks import stored_point, vectors_of
from rag.indexing.edge_filters import edge_filter
from rag.indexing.schema import GRAPHED, INDEXED, TENANT, FieldType
from rag.model import Channel, VisualId
from rag.ports import Nearest, Point, SparseVector, Vector

IndexParams = edge.KeywordIndexParams | edge.IntegerIndexParams | edge.DatetimeIndexParams

ROOM_A_POINT = 16 * 1024
"""Bytes for its payload and for what the payload's indexes take."""


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


def create_shard(folder: Path, dim: int, *, on_disk: bool = False) -> edge.EdgeShard:
    folder.mkdir(parents=True)
    return edge.EdgeShard.create(str(folder), _config(dim, on_disk))


def load_shard(folder: Path, dim: int, *, on_disk: bool = False) -> edge.EdgeShard:
    """Also of a folder written without quantisation or with other graphs: it is searched as it is until optimised."""
    return edge.EdgeShard.load(str(folder), _config(dim, on_disk))


def _config(dim: int, on_disk: bool) -> edge.EdgeConfig:
    max_sim = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim)
    return edge.EdgeConfig(
        vectors={
            Channel.IMAGE.value: _dense(dim, on_disk),
            Channel.CAPTION.value: _dense(dim, on_disk, max_sim),
        },
        sparse_vectors={Channel.BM25.value: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=graphs.kilobytes(graphs.WORTH_INDEXING, dim)),
    )


def _dense(dim: int, on_disk: bool, many: edge.MultiVectorConfig | None = None) -> edge.EdgeVectorParams:
    return edge.EdgeVectorParams(
        dim,
        edge.Distance.Cosine,
        multivector_config=many,
        memory=edge.Memory.Cold if on_disk else edge.Memory.Cached,
        quantization_config=edge.ScalarQuantizationConfig(
            edge.ScalarType.Int8, quantile=graphs.QUANTILE, memory=edge.Memory.Pinned
        ),
        hnsw_config=edge.HnswIndexConfig(
            m=graphs.LINKS,
            ef_construct=graphs.CONSTRUCTION_EFFORT,
            full_scan_threshold=graphs.kilobytes(graphs.COMPARED_ONE_BY_ONE, dim),
        ),
    )


def create_missing_indexes(shard: edge.EdgeShard) -> None:
    """Also for folders written before a field came into the schema, or when each had graphs of its own."""
    present = shard.info().payload_schema
    for field, kind in INDEXED.items():
        wanted = _index(field, kind)
        if field in present and not _same_graphs(present[field], wanted):
            shard.update(edge.UpdateOperation.delete_field_index(field))
        elif field in present:
            continue
        shard.update(edge.UpdateOperation.create_field_index(field, wanted))


def _index(field: str, kind: FieldType) -> IndexParams:
    graphed = field in GRAPHED
    match kind:
        case FieldType.KEYWORD:
            return edge.KeywordIndexParams(is_tenant=field == TENANT, enable_hnsw=graphed)
        case FieldType.INTEGER:
            return edge.IntegerIndexParams(enable_hnsw=graphed)
        case FieldType.DATETIME:
            return edge.DatetimeIndexParams(enable_hnsw=graphed)


def _same_graphs(present: edge.PayloadIndexInfo, wanted: IndexParams) -> bool:
    """Indexes have graphs unless their parameters say otherwise."""
    graphed = getattr(present.params, "enable_hnsw", None)
    return (graphed is not False) == wanted.enable_hnsw


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
        params=None if isinstance(vector, SparseVector) else _dense_search(request.limit),
        with_payload=False,
    )


def _dense_search(limit: int) -> edge.SearchParams:
    rescoring = edge.QuantizationSearchParams(rescore=True, oversampling=graphs.oversampling(limit))
    return edge.SearchParams(hnsw_ef=graphs.SEARCH_EFFORT, quantization=rescoring)


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
