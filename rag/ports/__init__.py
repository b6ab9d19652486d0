"""What the flows need from the outside, as Protocols.

Each says what a caller needs and nothing about how. One contract suite per port,
in `tests/contract/`, runs over every adapter. `rag.wiring` picks the adapters.
"""

from rag.ports.auditing import AuditIndex
from rag.ports.blobs import Blobs
from rag.ports.catalog import Acceptance, Catalog
from rag.ports.chat import ChatModel
from rag.ports.conversations import Conversations
from rag.ports.drafts import CaptionDrafts
from rag.ports.encoder import Encoder, Pixels, Sigmoid
from rag.ports.generations import Generations, Serving
from rag.ports.ledger import ConsistencyProof, Draft, Hold, InclusionProof, Ledger, LedgerState, Verification
from rag.ports.moderation import Moderator, Reviews, Subject
from rag.ports.pipeline import Glance, Pipeline
from rag.ports.queue import JobQueue
from rag.ports.reranker import Reranked, Reranker
from rag.ports.services import Services
from rag.ports.traces import ERASED, Traced, Traces
from rag.ports.vectors import Captioned, Collections, Matrix, Nearest, Point, Scored, SparseVector, Vector, VectorStore

__all__ = [
    "ERASED",
    "Acceptance",
    "AuditIndex",
    "Blobs",
    "CaptionDrafts",
    "Captioned",
    "Catalog",
    "ChatModel",
    "Collections",
    "ConsistencyProof",
    "Conversations",
    "Draft",
    "Encoder",
    "Generations",
    "Glance",
    "Hold",
    "InclusionProof",
    "JobQueue",
    "Ledger",
    "LedgerState",
    "Matrix",
    "Moderator",
    "Nearest",
    "Pipeline",
    "Pixels",
    "Point",
    "Reranked",
    "Reranker",
    "Reviews",
    "Scored",
    "Services",
    "Serving",
    "Sigmoid",
    "SparseVector",
    "Subject",
    "Traced",
    "Traces",
    "Vector",
    "VectorStore",
    "Verification",
]
