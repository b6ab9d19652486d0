"""What is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.model.ids import VisualId
from rag.model.library import Caption, Coverage, Visual
from rag.model.query import Channel, Query


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved visual, numbered as the prompt and the answer show it.

    Attributes:
        number: 1, 2, …; shown as `[1]`, `[2]`, …; given by our retrieval, never by the LLM.
        caption: the caption shown and prompted; None when the visual has none.
        relevance: calibrated probability in [0, 1] that the visual answers the query.
        scores: raw score per channel that found it.
        ranks: 1-based rank per channel that found it.
    """

    number: int
    visual: Visual
    caption: Caption | None
    relevance: float
    scores: Mapping[Channel, float]
    ranks: Mapping[Channel, int]
    fused: float = 0.0
    tags: tuple[str, ...] = ()
    generated_tags: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    captured_at: str = ""
    name: str = ""
    media_type: str = ""

    @property
    def label(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that did not become evidence, and why."""

    visual_id: VisualId
    reason: str
    scores: Mapping[Channel, float]
    relevance: float = 0.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything one search found, kept and dropped.

    Attributes:
        query: as asked, with the libraries that were searched.
        calibrations: of each library searched, the id of what its scores were read by; `prior` without a fit.
        timings: milliseconds by step.
        event: the ledger's number for it, once it is recorded.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    dropped: tuple[Dropped, ...]
    coverage: Coverage
    encoder_id: str
    collection: str
    calibrations: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    event: int | None = None
