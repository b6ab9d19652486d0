"""Results -> figures with intervals, curves, and the questions that went most wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.evaluation.abstention import best_threshold
from rag.evaluation.cases import FUSED, Case, Result
from rag.evaluation.metrics import bootstrap, mean_interval, ndcg_at_k, recall_at_k, reciprocal_rank
from rag.evaluation.report import Figure, Risk
from rag.model import VisualId
from rag.retrieval.calibration_error import BINS, Bin, coverage_risk, expected_calibration_error, reliability

CUTS = (1, 5, 10)
SHOWN = 8
"""Hits of each question whose relevance is held to be a probability: as many as a page shows."""

MOST_LOST = 0.05
LEAST_REFUSED = 0.95
LARGEST_ECE = 0.05
CALIBRATION_RESAMPLES = 200
CURVE = 60

Score = Callable[[Sequence[VisualId], Case], float]
Pairs = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""Of some hits, what was promised and what was true; shape (n,) each."""


def retrieval_figures(results: Sequence[Result], *, gain: float = 0.0) -> list[Figure]:
    """Recall, MRR and nDCG of every channel that offered anything, and of what they are fused to.

    Args:
        results: of answerable questions; others are left out.
        gain: what fusion is to add to the best channel.
    """
    asked = answerable(results)
    if not asked:
        return []
    named = channels_of(asked)
    return [
        *(figure for channel in named for figure in _channel_figures(channel, asked)),
        *_gain(asked, named[1:], gain),
    ]


def answerable(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.answerable]


def channels_of(results: Sequence[Result]) -> list[str]:
    """Fused first, then the channels that offered something for any question, by name."""
    offered = {channel for result in results for channel in result.ranked} - {FUSED}
    return [FUSED, *sorted(offered, key=["image", "caption", "bm25"].index)]


def recall(k: int) -> Score:
    return lambda ranked, case: recall_at_k(ranked, set(case.grades), k)


def mrr(ranked: Sequence[VisualId], case: Case) -> float:
    return reciprocal_rank(ranked, set(case.grades))


def ndcg(ranked: Sequence[VisualId], case: Case) -> float:
    return ndcg_at_k(ranked, case.grades, 10)


def scores(results: Sequence[Result], channel: str, score: Score) -> NDArray[np.float64]:
    """shape (n,): of each question, in order."""
    return np.array([score(result.ranked.get(channel, ()), result.case) for result in results])


def mean_figure(name: str, values: Sequence[float] | NDArray[Any], *, main: bool = False, note: str = "") -> Figure:
    """The mean of one value per question, with its interval. Raises ValueError on none."""
    return Figure(name, *mean_interval(values), n=len(values), main=main, note=note)


def by_group(results: Sequence[Result], channel: str = FUSED, k: int = 5) -> list[Figure]:
    """Recall of each group of questions by itself, in order of appearance."""
    groups = dict.fromkeys(result.case.group for result in results if result.case.group)
    return [
        mean_figure(
            f"{channel} recall@{k}, {group}", scores([r for r in results if r.case.group == group], channel, recall(k))
        )
        for group in groups
    ]


def calibration(results: Sequence[Result], *, promised: bool = True) -> tuple[list[Figure], tuple[Bin, ...]]:
    """ECE of the relevance of the first hits of answerable questions, and its diagram; nothing where they are few.

    Args:
        promised: hold it against the project's target.
    """
    asked = answerable(results)
    pairs = [_promised(result) for result in asked]
    hits = sum(len(confidence) for confidence, _ in pairs)
    if hits < 2 * BINS:
        return [], ()

    def error(rows: NDArray[np.intp]) -> float:
        return expected_calibration_error(*_joined([pairs[row] for row in rows]))

    confidence, correct = _joined(pairs)
    low, high = bootstrap(len(pairs), error, resamples=CALIBRATION_RESAMPLES)
    value = expected_calibration_error(confidence, correct)
    target = LARGEST_ECE if promised else None
    low, high = min(low, value), max(high, value)  # a resampled ECE is larger: repeated questions look surer
    figure = Figure("ECE", value, low, high, hits, better="lower", target=target, main=True)
    return [figure], tuple(reliability(confidence, correct))


def risks(results: Sequence[Result]) -> tuple[Risk, ...]:
    """At most `CURVE` points of the coverage-risk curve over all questions, those included that nothing answers."""
    if not results:
        return ()
    confidence = np.array([result.confidence for result in results])
    curve = coverage_risk(confidence, np.array([result.first_is_right for result in results]))
    chosen = sorted({round(place) for place in np.linspace(0, len(curve.risk) - 1, CURVE)})
    return tuple(Risk(float(curve.threshold[i]), float(curve.coverage[i]), float(curve.risk[i])) for i in chosen)


def abstention_figures(results: Sequence[Result], threshold: float) -> list[Figure]:
    """What the threshold set does, and the best that any threshold could do while losing 5 % at most.

    Nothing unless there are questions of both kinds.
    """
    lost = np.array([r.confidence for r in results if r.case.answerable])
    refused = np.array([r.confidence for r in results if not r.case.answerable])
    if not len(lost) or not len(refused):
        return []
    best = best_threshold(list(lost), list(refused), most_lost=MOST_LOST)
    told = f"nothing reaches {threshold:g}"
    at_best = f"at {best.threshold:.3f}, which loses {best.lost:.3f} of the answerable"
    abstained = mean_figure("unanswerable abstained", refused < threshold, main=True, note=told)
    gone = mean_figure("answerable lost", lost < threshold, main=True, note=told)
    auroc = Figure(
        "AUROC of abstention", *_auroc(lost, refused), n=len(results), note="a right question above a wrong one"
    )
    return [
        replace(abstained, target=LEAST_REFUSED),
        replace(gone, better="lower", target=MOST_LOST),
        mean_figure("unanswerable abstained, best threshold", refused < best.threshold, note=at_best),
        auroc,
    ]


def worst(results: Sequence[Result], most: int) -> list[tuple[Result, int | None]]:
    """The questions whose first right hit comes latest, with its rank; those answered at once are left out."""
    ranks = [(result, rank_of(result)) for result in answerable(results)]
    wrong = [pair for pair in ranks if pair[1] != 1]
    return sorted(wrong, key=lambda pair: -(pair[1] or 10**6))[:most]


def rank_of(result: Result, channel: str = FUSED) -> int | None:
    """1-based, of the first right one."""
    ranked = result.ranked.get(channel, ())
    return next((rank for rank, one in enumerate(ranked, start=1) if one in result.case.grades), None)


def _channel_figures(channel: str, results: Sequence[Result]) -> list[Figure]:
    measures: Mapping[str, Score] = {f"recall@{k}": recall(k) for k in CUTS} | {"MRR": mrr, "nDCG@10": ndcg}
    return [
        mean_figure(f"{channel} {name}", scores(results, channel, score), main=name == "recall@5")
        for name, score in measures.items()
    ]


def _gain(results: Sequence[Result], channels: Sequence[str], target: float) -> list[Figure]:
    """What fusion adds to the best channel by itself, question by question."""
    if not channels:
        return []
    alone = {channel: scores(results, channel, recall(5)) for channel in channels}
    best = max(alone, key=lambda channel: float(alone[channel].mean()))
    gained = scores(results, FUSED, recall(5)) - alone[best]
    value, low, high = mean_interval(gained)
    return [
        Figure(
            "fused recall@5 beyond the best channel", value, low, high, len(gained), target=target, note=f"best: {best}"
        )
    ]


def _promised(result: Result) -> Pairs:
    hits = result.ranked[FUSED][:SHOWN]
    return np.array(result.relevance[:SHOWN]), np.array([hit in result.case.grades for hit in hits], dtype=np.bool_)


def _joined(pairs: Sequence[Pairs]) -> Pairs:
    return np.concatenate([one for one, _ in pairs]), np.concatenate([true for _, true in pairs])


def _auroc(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> tuple[float, float, float]:
    """Share of pairs in the right order, ties half (Mann and Whitney 1947), with its bootstrap interval."""

    def share(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        difference = one[:, None] - other[None, :]
        return float((difference > 0).mean() + (difference == 0).mean() / 2)

    rng = np.random.default_rng(0)
    drawn = [share(rng.choice(right, len(right)), rng.choice(wrong, len(wrong))) for _ in range(CALIBRATION_RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return share(right, wrong), float(low), float(high)
