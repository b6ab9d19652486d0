"""Collections on a Qdrant server or cluster, over REST."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

from qdrant_client import QdrantClient, models

from rag.errors import BadSettings, DimensionMismatch, NotFound, PictureDeskError, Rejected
from rag.indexing import graphs
from rag.indexing.schema import GRAPHED, INDEXED, TENANT, FieldType
from rag.indexing.server_errors import translating
from rag.indexing.server_store import ServerStore
from rag.model import Channel
from rag.ports import VectorStore

TIMEOUT_S = 30
QUANTISED = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=graphs.QUANTILE, always_ram=True)
)
log = logging.getLogger(__name__)


def connect(url: str, key: str | None = None) -> QdrantClient:
    """A client that has not asked the server anything yet.

    Raises:
        BadSettings: the URL cannot be read.
    """
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        try:
            client = QdrantClient(url=url, api_key=key, timeout=TIMEOUT_S, check_compatibility=False)
        except ValueError as error:
            raise BadSettings("the URL of the Qdrant server cannot be read; use http(s)://host:port") from error
    for warning in raised:
        log.warning("Qdrant client: %s", warning.message)
    return client


class ServerCollections:
    """`Collections` through a Qdrant client. Safe to use from several threads and processes."""

    exclusive = False

    def __init__(self, client: QdrantClient, *, on_disk: bool = False) -> None:
        self._client = client
        self._on_disk = on_disk

    def open(self, name: str, dim: int) -> VectorStore:
        with translating():
            if not self._client.collection_exists(name):
                self._create(name, dim)
            info = self._client.get_collection(name)
            _check_dim(name, info, dim)
            self._create_missing_indexes(name, info)
            self._quantise(name, info)
        return ServerStore(self._client, name, dim)

    def every(self) -> list[VectorStore]:
        """Those that hold visuals; a server may hold other programs' collections as well."""
        found: list[VectorStore] = []
        for name in self.names():
            with translating():
                image = _image_vector(self._client.get_collection(name))
            if image is not None:
                found.append(ServerStore(self._client, name, image.size))
        return found

    def names(self) -> list[str]:
        with translating():
            return sorted(one.name for one in self._client.get_collections().collections)

    def point(self, alias: str, name: str) -> None:
        with translating():
            if not self._client.collection_exists(name):
                raise NotFound(f"there is no collection {name} to point {alias} at")
            change: list[models.AliasOperations] = [
                models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name=alias))
            ]
            if self.live(alias) is not None:
                change.insert(0, models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
            self._client.update_collection_aliases(change)

    def live(self, alias: str) -> str | None:
        with translating():
            found = self._client.get_aliases().aliases
        return next((one.collection_name for one in found if one.alias_name == alias), None)

    def drop(self, name: str) -> None:
        with translating():
            self._client.delete_collection(name)

    def copy_to(self, name: str, folder: Path) -> None:
        raise Rejected("a Qdrant server keeps its own files: take a snapshot of its collection instead")

    def ping(self) -> None:
        with translating():
            self._client.get_collections()

    def require_room(self) -> None:
        """The server says so itself when it is asked to store more."""

    def close(self) -> None:
        self._client.close()

    def _create(self, name: str, dim: int) -> None:
        max_sim = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        try:
            with translating():
                self._client.create_collection(
                    name,
                    vectors_config={
                        Channel.IMAGE.value: _dense(dim, self._on_disk),
                        Channel.CAPTION.value: _dense(dim, self._on_disk, max_sim),
                    },
                    sparse_vectors_config={Channel.BM25.value: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                    optimizers_config=models.OptimizersConfigDiff(
                        indexing_threshold=graphs.kilobytes(graphs.WORTH_INDEXING, dim)
                    ),
                )
        except PictureDeskError:
            if not self._client.collection_exists(name):  # else another process was faster
                raise

    def _quantise(self, name: str, info: models.CollectionInfo) -> None:
        """A collection made unquantised is rebuilt by the server, which answers from what it has meanwhile."""
        image = _image_vector(info)
        if image is None or image.quantization_config is not None:
            return
        change = models.VectorParamsDiff(quantization_config=QUANTISED, hnsw_config=_graph(image.size))
        self._client.update_collection(
            name, vectors_config={channel.value: change for channel in (Channel.IMAGE, Channel.CAPTION)}
        )

    def _create_missing_indexes(self, name: str, info: models.CollectionInfo) -> None:
        for field, kind in INDEXED.items():
            if field not in info.payload_schema:
                self._client.create_payload_index(name, field, field_schema=_index(field, kind), wait=True)


def _dense(dim: int, on_disk: bool, many: models.MultiVectorConfig | None = None) -> models.VectorParams:
    return models.VectorParams(
        size=dim,
        distance=models.Distance.COSINE,
        multivector_config=many,
        on_disk=on_disk,
        quantization_config=QUANTISED,
        hnsw_config=_graph(dim),
    )


def _graph(dim: int) -> models.HnswConfigDiff:
    return models.HnswConfigDiff(
        m=graphs.LINKS,
        ef_construct=graphs.CONSTRUCTION_EFFORT,
        full_scan_threshold=graphs.kilobytes(graphs.COMPARED_ONE_BY_ONE, dim),
    )


def _index(field: str, kind: FieldType) -> models.PayloadSchemaParams:
    graphed = field in GRAPHED
    match kind:
        case FieldType.KEYWORD:
            return models.KeywordIndexParams(
                type=models.KeywordIndexType.KEYWORD, is_tenant=field == TENANT, enable_hnsw=graphed
            )
        case FieldType.INTEGER:
            return models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, enable_hnsw=graphed)
        case FieldType.DATETIME:
            return models.DatetimeIndexParams(type=models.DatetimeIndexType.DATETIME, enable_hnsw=graphed)


def _check_dim(name: str, info: models.CollectionInfo, dim: int) -> None:
    image = _image_vector(info)
    if image is None or image.size != dim:
        raise DimensionMismatch(
            f"the collection {name} holds vectors of length {image.size if image else 'unknown'}; "
            f"this encoder gives {dim}"
        )


def _image_vector(info: models.CollectionInfo) -> models.VectorParams | None:
    vectors = info.config.params.vectors
    return vectors.get(Channel.IMAGE.value) if isinstance(vectors, dict) else None
