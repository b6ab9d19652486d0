"""All parts together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.model import Generation
from rag.ports.auditing import AuditIndex
from rag.ports.blobs import Blobs
from rag.ports.catalog import Catalog
from rag.ports.chat import ChatModel
from rag.ports.conversations import Conversations
from rag.ports.drafts import CaptionDrafts
from rag.ports.encoder import Encoder
from rag.ports.generations import Generations, Serving
from rag.ports.ledger import Ledger
from rag.ports.moderation import Moderator, Reviews
from rag.ports.pipeline import Pipeline
from rag.ports.queue import JobQueue
from rag.ports.reranker import Reranker
from rag.ports.traces import Traces
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
    def drafts(self) -> CaptionDrafts: ...
    @property
    def collections(self) -> Collections: ...
    @property
    def generations(self) -> Generations: ...

    def serving(self) -> Serving:
        """The live encoder and its collection. Whoever needs both, or one of them twice, takes this once.

        Costs nothing, but for a look into the catalog once a second. A coming generation is loaded
        beside, and taken when it is live and loaded; until then this stays what it was.

        Raises:
            EncoderBroken, BadSettings: it cannot be loaded.
            Unavailable, StoreLocked: retryable.
        """

    def written(self) -> list[Serving]:
        """Every generation that what is indexed goes into, by the catalog as it is now; the live one first.

        Loads what is not loaded yet. A coming one that cannot be loaded here is left out.
        """

    def opened(self, generation: Generation) -> Serving:
        """Any generation, its encoder loaded and compared with its canary. Raises as `serving`."""

    def encoder_named(self, name: str) -> Encoder:
        """An encoder by its name, as in PICTUREDESK_ENCODER or with an adapter. Raises EncoderBroken, BadSettings."""

    def beside(self, folder: Path, **changes: object) -> AbstractContextManager[Services]:
        """An installation of its own in `folder`: its catalog and vectors, our blobs and loaded encoders.

        Args:
            changes: of settings.
        """

    @property
    def stopping(self) -> bool:
        """Whether this process is about to end: what runs for long stops where it is."""

    @property
    def store(self) -> VectorStore:
        """The collection of the live encoder at this moment; see `serving`."""

    @property
    def encoder(self) -> Encoder:
        """The live encoder at this moment; see `serving`."""

    @property
    def chat(self) -> ChatModel: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def reranker(self) -> Reranker | None:
        """None when reranking is off, as it is by default."""

    @property
    def reviews(self) -> Reviews: ...
    @property
    def moderator(self) -> Moderator | None:
        """None where no policy is set. Raises BadSettings: the policy cannot be read."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def audit_index(self) -> AuditIndex: ...
    @property
    def traces(self) -> Traces: ...
    @property
    def pipeline(self) -> Pipeline: ...
    @property
    def queue(self) -> JobQueue: ...
