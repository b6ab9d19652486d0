"""Candidates with all their scores -> the order that people see, and how relevant each of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel
from rag.ports import SparseVector
from rag.retrieval.calibration import CHANNELS, Calibration, specificity
from rag.retrieval.fusion import Candidate
from rag.retrieval.logistic import probabilities

Scores = Mapping[Channel, float]

LEAD, BASE = "lead", "base"
"""Beside the channels, what adds to a logit: how far before the others, and what is believed without any score."""


@dataclass(frozen=True, slots=True)
class QueryShape:
    """What a ranker knows of a query.

    Attributes:
        libraries: those that are searched.
        terms: of the wanted texts; empty where the query has no words.
        channels: the lists that candidates came from; a word that nobody looked for is not missing.
        read: dense scores of a candidate as those of a plain question, where the query is composed.
    """

    libraries: tuple[str, ...] = ()
    terms: SparseVector = field(default_factory=SparseVector)
    channels: tuple[Channel, ...] = CHANNELS
    read: Callable[[Scores], Scores] | None = None

    @property
    def worded(self) -> bool:
        return bool(self.terms.indices) and Channel.BM25 in self.channels


class Ranker:
    """Orders candidates by calibrated relevance, each read by the calibration of its own library.

    Args:
        calibration_of: the present one of a library; the encoder's prior where there is no fit.
    """

    def __init__(self, calibration_of: Callable[[str], Calibration]) -> None:
        self._calibration_of = calibration_of

    def rank(self, candidates: Sequence[Candidate], query: QueryShape) -> list[Candidate]:
        """`candidates` with `relevance` and `reasons`, best first; ties by fused rank, then id."""
        for library, some in self._by_library(candidates, query).items():
            _weigh(some, self._calibration_of(library), query)
        if not self.by_relevance(candidates, query):
            return sorted(candidates, key=lambda one: (-one.fused, one.id))
        return sorted(candidates, key=lambda one: (-one.relevance, -one.fused, one.id))

    def by_relevance(self, candidates: Sequence[Candidate], query: QueryShape) -> bool:
        """Whether `rank` orders by relevance: a library of theirs has a fit, and none a fit that fused ranks beat.

        Else the order stays that of the fused ranks: an encoder's prior knows nothing of
        words, and fused ranks do.
        """
        read_by = [self._calibration_of(library) for library in self._by_library(candidates, query)]
        return any(one.fitted for one in read_by) and all(one.orders for one in read_by)

    def used(self, query: QueryShape) -> dict[str, str]:
        """The id of the calibration that each searched library is read by: for the ledger."""
        return {library: self._calibration_of(library).id for library in query.libraries}

    def _by_library(self, candidates: Sequence[Candidate], query: QueryShape) -> Mapping[str, list[Candidate]]:
        alone = query.libraries[0] if len(query.libraries) == 1 else ""
        found: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            found.setdefault(alone or candidate.library, []).append(candidate)
        return found


def _weigh(candidates: Sequence[Candidate], calibration: Calibration, query: QueryShape) -> None:
    parts = calibration.parts(_scores(candidates, calibration, query), specificity(len(query.terms.indices)))
    relevance = probabilities(parts.sum(axis=1)).tolist()
    names = (*CHANNELS, LEAD, BASE)
    for candidate, probability, row in zip(candidates, relevance, parts.tolist(), strict=True):
        candidate.relevance = probability
        candidate.reasons = {name: part for name, part in zip(names, row, strict=True) if part or name == BASE}


def _scores(candidates: Sequence[Candidate], calibration: Calibration, query: QueryShape) -> NDArray[np.float64]:
    """Shape (n, 3), in the order of `CHANNELS`; NaN where a score is not known.

    A visual that the search by words did not bring says little of the question, so its
    share counts as 0: exact where the list was not full, and nearly so where it was.
    """
    most = calibration.words.most(query.terms) if calibration.fitted and query.worded else 0.0
    rows = []
    for candidate in candidates:
        dense = query.read(candidate.scores) if query.read else candidate.scores
        share = candidate.scores.get(Channel.BM25, 0.0) / most if most else np.nan
        rows.append((dense.get(Channel.IMAGE, np.nan), dense.get(Channel.CAPTION, np.nan), share))
    return np.array(rows, dtype=np.float64).reshape(-1, len(CHANNELS))
