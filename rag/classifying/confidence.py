"""Cosines between pictures and labels -> the probability of each label, and of "none of these".

Softmax alone must give the whole probability to some label, so it is surest of itself
where it should not be: on pictures that none of the labels fits. Here two questions
are asked, and their answers multiplied:

    x    = log( mean_j exp(scale · s_j) ) / scale     the soft maximum of the cosines
    P(some label fits) = sigmoid( fits.slope · (x - fits.midpoint) )        Platt 1999
    P(j | some label fits) = softmax_j( scale · s_j )           Guo et al. 2017, temperature 1/scale

The mean inside x, where a sum would do for one set of labels, keeps P(some label fits)
from growing with the number of labels: were each label's odds independent and one of them
true, the odds of "some" would be the mean of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel
from rag.ports import Sigmoid

Floats = NDArray[np.float64]

ASKED_SHARE = 1 / 50
"""At which priors are meant: about one candidate of a search in fifty is relevant."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How cosines read as probabilities.

    Attributes:
        scale: inverse temperature between labels; larger is surer.
        fits: P(some label fits) over the soft maximum, in cosines; at a share of 1/2.
        basis: what it rests on, in words for people.
    """

    scale: float
    fits: Sigmoid
    basis: str


def default_calibration(priors: Mapping[Channel, Sigmoid], share: float = ASKED_SHARE) -> Calibration:
    """What follows from an encoder's prior for single texts, when nothing was measured for labels.

    If label j is true with the odds o_j that the prior gives at a share of `share`, and one label
    or none is true, then P(j | some) is o_j / sum o: a softmax with the prior's slope. And the
    odds of some label, at even odds before looking, are mean_j o_j · (1 - share) / share.
    """
    prior = priors[Channel.IMAGE]
    midpoint = prior.midpoint - math.log((1 - share) / share) / prior.slope
    return Calibration(prior.slope, Sigmoid(prior.slope, midpoint), "the encoder's prior; nothing was measured")


def probabilities(cosines: Floats, calibration: Calibration) -> Floats:
    """shape (n, labels + 1): each row sums to 1, its last column is "none of these".

    Args:
        cosines: shape (n, labels); -inf for a label that was not asked about.
    """
    fitting = sigmoid(calibration.fits.slope * (soft_maximum(cosines, calibration.scale) - calibration.fits.midpoint))
    between = softmax(calibration.scale * cosines)
    return np.concatenate([fitting[:, None] * between, 1 - fitting[:, None]], axis=1)


def soft_maximum(cosines: Floats, scale: float) -> Floats:
    """log(mean_j exp(scale · s_j)) / scale over the labels asked about; shape (n,), between mean and maximum."""
    top = cosines.max(axis=1, keepdims=True)
    asked = np.isfinite(cosines).sum(axis=1)
    found: Floats = top[:, 0] + np.log(np.exp(scale * (cosines - top)).sum(axis=1) / asked) / scale
    return found


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


def sigmoid(logits: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -60, 60)))
    return found
