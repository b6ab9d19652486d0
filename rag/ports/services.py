"""All parts together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rag.ports.blobs import Blobs
from rag.ports.catalog import Catalog
from rag.ports.chat import ChatModel
from rag.ports.encoder import Encoder
from rag.ports.ledger import Ledger
from rag.ports.pipeline import Pipeline
from rag.ports.queue import JobQueue
from rag.ports.reranker import Reranker
from rag.ports.vectors import Collections, VectorStore

if TYPE_CHECKING:
    from rag.settings import Settings


class Services(Protocol):
    """The parts that a flow runs on. `rag.wiring` makes one from settings; each part opens when first used."""

    @property
    def settings(self) -> Settings: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def collections(self) -> Collections: ...
    @property
    def store(self) -> VectorStore:
        """The live collection of the configured encoder."""

    @property
    def encoder(self) -> Encoder: ...
    @property
    def chat(self) -> ChatModel: ...
    @property
    def reranker(self) -> Reranker | None:
        """None when reranking is off, as it is by default."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def pipeline(self) -> Pipeline: ...
    @property
    def queue(self) -> JobQueue: ...
