"""What refusing to answer spares and costs, at one threshold and at the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Abstention:
    """What one threshold does: of the unanswerable, how many are refused; of the answerable, how many are lost."""

    threshold: float
    refused: float
    lost: float


def abstention(answerable: Sequence[float], unanswerable: Sequence[float], threshold: float) -> Abstention:
    """A question is refused when its best relevance is below `threshold`. Raises ValueError where one side is empty."""
    if not len(answerable) or not len(unanswerable):
        raise ValueError("abstention needs questions of both kinds")
    return Abstention(
        threshold,
        float(np.mean(np.asarray(unanswerable) < threshold)),
        float(np.mean(np.asarray(answerable) < threshold)),
    )


def best_threshold(answerable: Sequence[float], unanswerable: Sequence[float], *, most_lost: float) -> Abstention:
    """The abstention that refuses most of the unanswerable while losing at most `most_lost` of the answerable."""
    levels = sorted({0.0, *answerable, *(float(np.nextafter(value, 2.0)) for value in unanswerable)})
    found = [abstention(answerable, unanswerable, level) for level in levels]
    return max((one for one in found if one.lost <= most_lost), key=lambda one: (one.refused, -one.threshold))
