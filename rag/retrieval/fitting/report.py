"""A calibration on held-out questions: can its probabilities be believed, and does its order beat single channels?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from rag.model import Json
from rag.retrieval.calibration import CHANNELS, Calibration
from rag.retrieval.calibration_error import BINS, coverage_risk, expected_calibration_error
from rag.retrieval.fitting.model import fits_and_leads, shown_of
from rag.retrieval.fitting.pairs import Rows
from rag.retrieval.fusion import RRF_K

Floats = NDArray[np.float64]

FIRST = 5


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures on questions whose visuals the fit never saw.

    Attributes:
        questions: how many; each is met with and without captions.
        ece: expected calibration error over the candidates shown; None with too few of them.
        log_loss: mean over the candidates shown, in nats.
        risk: share of questions whose first candidate is wrong, by the share of questions answered.
        recall: share of questions whose visual is among the first five, by channel, fused ranks and relevance.
        kept: share of questions with an answer that `min_relevance` keeps.
        abstained: share of unrelated questions that it turns away.
    """

    questions: int
    ece: float | None
    log_loss: float
    risk: Mapping[str, float]
    recall: Mapping[str, float]
    kept: float
    abstained: float

    def as_json(self) -> Json:
        return asdict(self)


def held_out_figures(calibration: Calibration, rows: Rows, min_relevance: float) -> HeldOut | None:
    """None where nothing is held out."""
    rows = rows.part(rows.held_out)
    if not len(rows.relevant):
        return None
    fits, lead = fits_and_leads(calibration, rows)
    relevance = calibration.settled(fits, lead, rows.specific)
    groups = rows.groups()
    shown = shown_of(rows, fits) & rows.known
    said, right = relevance[shown], rows.relevant[shown]
    best = np.array([relevance[group].max() for group in groups])
    first = np.array([group[int(np.argmax(relevance[group]))] for group in groups])
    sure = rows.known[first]
    answerable = np.array([bool(rows.relevant[group].any()) for group in groups])
    unrelated = np.array([bool(rows.unrelated[group[0]]) for group in groups])
    return HeldOut(
        questions=len({int(rows.group[group[0]]) // 2 for group in groups}),
        ece=expected_calibration_error(said, right) if len(said) >= BINS else None,
        log_loss=_log_loss(said, right),
        risk=_risks(best[sure], rows.relevant[first][sure]),
        recall=_recalls(rows, relevance, groups),
        kept=float((best[answerable] >= min_relevance).mean()) if answerable.any() else 1.0,
        abstained=float((best[unrelated] < min_relevance).mean()) if unrelated.any() else 1.0,
    )


def _log_loss(said: Floats, right: NDArray[np.bool_]) -> float:
    p = np.clip(said, 1e-9, 1 - 1e-9)
    return float(-np.where(right, np.log(p), np.log(1 - p)).mean())


def _risks(best: Floats, right: NDArray[np.bool_]) -> dict[str, float]:
    if not len(best):
        return {}
    curve = coverage_risk(best, right)
    return {f"{share:.0%}": curve.at(share)[0] for share in (0.5, 0.75, 0.9, 1.0)}


def _recalls(rows: Rows, relevance: Floats, groups: list[NDArray[np.intp]]) -> dict[str, float]:
    """Only where there are captions: without them one channel is all there is."""
    chosen = [group for group in groups if rows.wanted[group].any() and not np.isnan(rows.scores[group, 1]).all()]
    if not chosen:
        return {}
    found: dict[str, list[bool]] = {}
    for group in chosen:
        wanted = int(np.flatnonzero(rows.wanted[group])[0])
        orders = {
            channel.value: _ranks(np.nan_to_num(rows.scores[group, at], nan=-1.0))
            for at, channel in enumerate(CHANNELS)
        }
        orders["rrf"] = _ranks(sum((1.0 / (RRF_K + ranks) for ranks in orders.values()), np.zeros(len(group))))
        orders["relevance"] = _ranks(relevance[group])
        for name, ranks in orders.items():
            found.setdefault(name, []).append(bool(ranks[wanted] <= FIRST))
    return {name: float(np.mean(hits)) for name, hits in found.items()}


def _ranks(scores: Floats) -> Floats:
    """1 for the best; equal scores share the worse place, so that a channel that says nothing finds nothing."""
    return np.array([(scores >= score).sum() for score in scores], dtype=np.float64)
