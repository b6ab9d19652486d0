"""Scores of one visual for one question -> the probability that a person would say: yes, this answers it.

First the order, by a logistic model per set of known scores, since most libraries have
captions for some visuals only:

    fit = a * prior + sum over channels c of ((1 - s) * short_c + s * long_c) * x_c + (1 - s) * short + s * long

where x_c is the channel's score on the scale of its prior (slope * (cosine - midpoint)),
`prior` the largest of these, and s how much the question says: 0 for one word, 1 for a
whole sentence. Many pictures answer "dog", and hardly one answers a sentence, so the same
cosine means less there. Then how probable it is, from the fit and the lead: how far it is
before the next one, or behind the best.

    logit = ((1 - s) * a_short + s * a_long) * fit + ((1 - s) * g_short + s * g_long) * lead + (1 - s) * b_short + ...

Every slope is >= 0: a higher score never lowers the probability, and the lead never
changes the order. Before a library has its own fit, the encoder's prior stands by itself.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel, Json
from rag.ports import Sigmoid
from rag.retrieval.logistic import probabilities
from rag.retrieval.words import Words

Floats = NDArray[np.float64]

CHANNELS = (Channel.IMAGE, Channel.CAPTION, Channel.BM25)
"""The order of columns in every array of scores here; BM25 stands there as a share, see `Words`."""

SHARES = Sigmoid(slope=6.0, midpoint=0.6)
"""A scale for shares of words: only that, since no prior says what they mean before a library's fit."""

SENTENCE = 10
"""Different terms after which a question counts as a whole sentence."""

FARTHEST = 12.0
"""Scores are cut where the prior has made up its mind: e^-12 is six in a million."""

HOPELESS = -3.0
"""A fit below this, 1 to 20, is no answer whatever the others are."""

AS_IT_IS = (1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
"""The fit is the logit, and the lead counts for nothing."""

Known = tuple[bool, bool, bool]
"""Which of `CHANNELS` are known of a visual."""


def specificity(terms: int) -> float:
    """s in [0, 1] of a question with so many different terms."""
    return min(max(terms - 1, 0) / (SENTENCE - 1), 1.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores read as probabilities in one library with one encoder.

    Attributes:
        priors: of the encoder's dense channels.
        weights: for each set of known scores, the coefficients of `design`'s columns; a set that is
            missing is read by the prior.
        settling: how a fit and its lead become a logit: factors of the fit, of the lead, and biases, each
            for a short question and a long one.
        words: how often the library says what.
        orders: whether hits are ordered by it; where fused ranks find more on what was held out, those order.
        id: the first 16 hex digits of the hash of all this; `prior` without a fit.
    """

    priors: Mapping[Channel, Sigmoid]
    weights: Mapping[Known, tuple[float, ...]] = field(default_factory=dict)
    settling: tuple[float, ...] = AS_IT_IS
    words: Words = field(default_factory=Words)
    orders: bool = True
    id: str = "prior"

    @property
    def fitted(self) -> bool:
        return bool(self.weights)

    def scaled(self, scores: Floats) -> Floats:
        """Scores on the scale of their priors; shape (n, 3), NaN where a score is not known."""
        scales = [self.priors.get(Channel.IMAGE), self.priors.get(Channel.CAPTION), SHARES]
        slopes = np.array([scale.slope if scale else np.nan for scale in scales])
        midpoints = np.array([scale.midpoint if scale else np.nan for scale in scales])
        scaled: Floats = np.clip(slopes * (scores - midpoints), -FARTHEST, FARTHEST)
        return scaled

    def relevance(self, scores: Floats, specific: float) -> Floats:
        """Probabilities of all candidates of one question, shape (n,).

        Args:
            scores: shape (n, 3), raw cosines and shares of words in the order of `CHANNELS`; NaN where not known.
            specific: s of the question.
        """
        return probabilities(self.parts(scores, specific).sum(axis=1))

    def parts(self, scores: Floats, specific: float) -> Floats:
        """The logits of one question's candidates in parts that add up to them, shape (n, 5).

        What each of `CHANNELS` adds, then the lead, then the bias. The prior's part goes to
        the channel that it comes from.
        """
        s = np.full(len(scores), specific)
        parts = self.fit_parts(scores, s)
        lead = counted_leads(parts.sum(axis=1))
        own, gain, bias = self._settling(s)
        parts *= own[:, None]
        parts[:, -1] += bias
        return np.column_stack([parts[:, :-1], gain * lead, parts[:, -1]])

    def settled(self, fits: Floats, lead: Floats, specific: Floats) -> Floats:
        """Probabilities from fits and leads, shape (n,) each: rows of many questions."""
        own, gain, bias = self._settling(specific)
        return probabilities(own * fits + gain * lead + bias)

    def _settling(self, s: Floats) -> tuple[Floats, Floats, Floats]:
        """Factors of fit and lead, and the bias: shape (n,) each."""
        short, long = np.array(self.settling[::2])[:, None], np.array(self.settling[1::2])[:, None]
        own, gain, bias = (1 - s) * short + s * long
        return own, gain, bias

    def fit_parts(self, scores: Floats, s: Floats) -> Floats:
        """The fit in parts, shape (n, 4): what each of `CHANNELS` adds, then the bias. s: shape (n,)."""
        scaled = self.scaled(scores)
        known = ~np.isnan(scaled)
        parts = np.zeros((len(scores), len(CHANNELS) + 1))
        for image, captions, words in itertools.product((False, True), repeat=len(CHANNELS)):
            rows = np.flatnonzero((known == (image, captions, words)).all(axis=1))
            if len(rows):
                parts[rows] = self._parts(scaled[rows], s[rows], (image, captions, words))
        return parts

    def _parts(self, scaled: Floats, s: Floats, known: Known) -> Floats:
        columns = [at for at, one in enumerate(known) if one]
        parts = np.zeros((len(scaled), len(CHANNELS) + 1))
        prior, source = prior_logit(scaled)
        weights = self.weights.get(known) or _prior_only(len(columns))
        parts[np.arange(len(scaled)), source] = weights[0] * prior
        for place, column in enumerate(columns):
            short, long = weights[1 + 2 * place], weights[2 + 2 * place]
            parts[:, column] += ((1 - s) * short + s * long) * scaled[:, column]
        parts[:, -1] += (1 - s) * weights[-2] + s * weights[-1]
        return parts

    def as_json(self) -> Json:
        """Everything but the priors, which come with the encoder."""
        return {
            "weights": {"".join(map(str, map(int, known))): list(row) for known, row in sorted(self.weights.items())},
            "settling": list(self.settling),
            "orders": self.orders,
            "words": {"visuals": self.words.visuals, "counts": {str(k): n for k, n in self.words.counts.items()}},
        }


def calibration_from(kept: Json, priors: Mapping[Channel, Sigmoid]) -> Calibration:
    """What `as_json` gave, with the id that its content has."""
    weights: dict[Known, tuple[float, ...]] = {}
    for name, row in kept["weights"].items():
        image, caption, words = (flag == "1" for flag in name)
        weights[image, caption, words] = tuple(float(value) for value in row)
    words = Words(int(kept["words"]["visuals"]), {int(k): int(n) for k, n in kept["words"]["counts"].items()})
    settling = tuple(float(value) for value in kept["settling"])
    return Calibration(priors, weights, settling, words, bool(kept["orders"]), content_id(kept))


def content_id(kept: Json) -> str:
    """16 hex digits that name exactly these weights."""
    return sha256(json.dumps(_plain(kept), sort_keys=True).encode()).hexdigest()[:16]


def leads(fits: Floats) -> Floats:
    """How far each candidate of one question is before the next one, or behind the best; shape (n,).

    A question that says much has one answer, which stands out: the lead tells it from
    the best of many that are merely alike. A candidate alone leads nobody: 0.
    """
    if len(fits) < 2:
        return np.zeros(len(fits))
    second, best = np.partition(fits, -2)[-2:]
    leads: Floats = np.where(fits >= best, fits - second, fits - best)
    return leads


def prior_logit(scaled: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The most that a dense channel says, shape (n,), and which one; the least there is where none is known.

    Picture and caption are two views of one visual: one that fits is enough, and adding
    them up as if they were independent would overstate it.
    """
    dense = np.where(np.isnan(scaled[:, :2]), -FARTHEST, scaled[:, :2])
    source = dense.argmax(axis=1)
    return dense[np.arange(len(dense)), source], source


def design(scaled: Floats, specific: Floats) -> tuple[Floats, Floats]:
    """Columns that the weights of one set of known scores belong to: slopes (>= 0), then the two biases.

    Args:
        scaled: shape (n, 3), from `Calibration.scaled`; NaN in the columns that are not known, in all rows.
        specific: shape (n,).

    Returns:
        shape (n, 1 + 2 * known) and shape (n, 2).
    """
    columns = [column for column in scaled.T if not np.isnan(column).any()]
    prior, _ = prior_logit(scaled)
    slopes = [prior, *(part for column in columns for part in ((1 - specific) * column, specific * column))]
    return np.column_stack(slopes), np.column_stack([1 - specific, specific])


def counted_leads(fits: Floats) -> Floats:
    """Leads, as far as the fit itself speaks for a candidate; shape (n,).

    Whatever is asked, something is nearest, and may be so by far: the best of what does
    not fit at all leads nobody.
    """
    return np.asarray(np.minimum(leads(fits), np.maximum(fits - HOPELESS, 0.0)))


def settling_design(fits: Floats, lead: Floats, specific: Floats) -> tuple[Floats, Floats]:
    """Columns that `Calibration.settling` belongs to: shape (n, 4), slopes; shape (n, 2), biases."""
    slopes = [part for column in (fits, lead) for part in ((1 - specific) * column, specific * column)]
    return np.column_stack(slopes), np.column_stack([1 - specific, specific])


def _prior_only(known: int) -> tuple[float, ...]:
    return (1.0, *([0.0] * (2 * known + 2)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
