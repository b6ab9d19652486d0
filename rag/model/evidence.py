"""What is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.model.ids import VisualId
from rag.model.library import Caption, Coverage, Moderation, Visual
from rag.model.query import Channel, Query
from rag.model.reranking import RankChange


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a filter, as it was found at one visual.

    Attributes:
        words: the condition in the short form: `tags:beach`.
        held: whether it is true of the visual; under `not` and `or` it need not be.
        found: what the visual has in that field.
    """

    words: str
    held: bool
    found: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved visual, numbered as the prompt and the answer show it.

    Attributes:
        number: 1, 2, …; shown as `[1]`, `[2]`, …; given by our retrieval, never by the LLM.
        caption: the caption shown and prompted; None when the visual has none.
        relevance: calibrated probability in [0, 1] that the visual answers the query.
        scores: raw score per channel; cosines of the composed query for the dense ones.
        ranks: 1-based rank per channel that found it.
        fused: the score of rank fusion; comparable within one query only.
        reasons: what adds to the logit of `relevance`: by channel, `lead` over the others, `base` without any score.
        matched: the caption that came closest; None where the captions were not compared.
        unlike: probability in [0, 1] that it shows something unwanted; `relevance` is lowered by it.
        conditions: how it stands with each condition of the filter.
        moderation: how its asset is shown to readers.
        change: what a reranker did to it; None where none ran.
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
    reasons: Mapping[str, float] = field(default_factory=dict)
    matched: Caption | None = None
    unlike: float = 0.0
    conditions: tuple[Condition, ...] = ()
    change: RankChange | None = None
    moderation: Moderation = Moderation.ALLOWED

    @property
    def label(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that did not become evidence, and why.

    Attributes:
        position: 1-based place in the final order, from which a further page goes on; None when it has none.
        relevance, ranks, fused, unlike: as in `Evidence`.
    """

    visual_id: VisualId
    reason: str
    scores: Mapping[Channel, float]
    relevance: float = 0.0
    position: int | None = None
    ranks: Mapping[Channel, int] = field(default_factory=dict)
    fused: float = 0.0
    unlike: float = 0.0


@dataclass(frozen=True, slots=True)
class PageOf:
    """What a further page continues.

    Attributes:
        event: the ledger's number for the search whose order it follows.
        after: positions of that order that came before.
    """

    event: int
    after: int


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything one search found, kept and dropped.

    Attributes:
        query: as asked, with the libraries that were searched.
        calibrations: of each library searched, the id of what its scores were read by; `prior` without a fit.
        timings: milliseconds by step.
        event: the ledger's number for it, once it is recorded.
        page: set on every page but the first.
        next_page: token of the next page, once this one is recorded; empty on the last one.
        reranked_by: id of the reranker that had the last word; empty where none had.
        notices: what the reader must know.
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
    page: PageOf | None = None
    next_page: str = ""
    reranked_by: str = ""
    notices: tuple[str, ...] = ()
