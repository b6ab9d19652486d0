"""Rows -> the weights of a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel
from rag.ports import Sigmoid
from rag.retrieval.calibration import (
    AS_IT_IS,
    Calibration,
    Known,
    calibration_from,
    counted_leads,
    design,
    settling_design,
)
from rag.retrieval.fitting.pairs import Rows
from rag.retrieval.logistic import fit_logistic
from rag.retrieval.words import Words

Floats = NDArray[np.float64]

BELIEF = 4.0
"""How firmly the encoder's prior is believed: the strength of every coefficient's prior. A fit on thirty captioned
visuals stays close to it; one on five hundred hardly feels it."""

SHOWN = 8
"""Candidates of a question that people are shown: there, relevance must be right."""

NOT_SHOWN = 0.1
"""Weight of the other rows when the fit is made a probability: they keep it from forgetting what is far away."""


def fit(rows: Rows, words: Words, priors: Mapping[Channel, Sigmoid]) -> Calibration:
    """A calibration from the rows that are in the fit's part; deterministic.

    The order is fitted on all that was found, the probability mostly on what that order
    shows: this is chosen by the fit itself, and chosen high, so it would promise too much.
    """
    rows = rows.part(~rows.held_out)
    usable = rows.known & ~rows.mixed
    found = Calibration(priors, words=words)
    if usable.any():
        found = replace(found, weights=_all_sets(rows, found, np.where(usable, 1.0, 0.0)), settling=AS_IT_IS)
        fits, lead = fits_and_leads(found, rows)
        weights = np.where(usable, np.where(shown_of(rows, fits), 1.0, NOT_SHOWN), 0.0)
        found = replace(found, settling=_settled(rows, fits, lead, weights))
    return calibration_from(found.as_json(), priors)


def fits_and_leads(calibration: Calibration, rows: Rows) -> tuple[Floats, Floats]:
    """Of each row, its fit, and its lead among the rows of its group: shape (n,) each."""
    fits = calibration.fit_parts(rows.scores, rows.specific).sum(axis=1)
    lead = np.zeros(len(fits))
    for places in rows.groups():
        lead[places] = counted_leads(fits[places])
    return fits, lead


def shown_of(rows: Rows, fits: Floats) -> NDArray[np.bool_]:
    """Which rows are among the first `SHOWN` of their group."""
    shown = np.zeros(len(fits), dtype=np.bool_)
    for places in rows.groups():
        shown[places[np.argsort(-fits[places], kind="stable")[:SHOWN]]] = True
    return shown


def _all_sets(rows: Rows, start: Calibration, weights: Floats) -> dict[Known, tuple[float, ...]]:
    captioned = ~np.isnan(rows.scores[:, 1])
    return {
        (True, captions, terms): _one_set(
            rows.part(captioned == captions), start, weights[captioned == captions], terms
        )
        for captions in (False, True)
        for terms in (False, True)
        if (captioned == captions).any()
    }


def _one_set(rows: Rows, start: Calibration, weights: Floats, terms: bool) -> tuple[float, ...]:
    scores = rows.scores.copy()
    if not terms:
        scores[:, 2] = np.nan
    slopes, biases = design(start.scaled(scores), rows.specific)
    prior = np.zeros(slopes.shape[1] + biases.shape[1])
    prior[0] = 1.0
    return _fitted(slopes, biases, rows, weights, prior)


def _settled(rows: Rows, fits: Floats, lead: Floats, weights: Floats) -> tuple[float, ...]:
    slopes, biases = settling_design(fits, lead, rows.specific)
    return _fitted(slopes, biases, rows, weights, np.array(AS_IT_IS))


def _fitted(slopes: Floats, biases: Floats, rows: Rows, weights: Floats, prior: Floats) -> tuple[float, ...]:
    labels = rows.relevant.astype(np.float64)
    beta = fit_logistic(slopes, biases, labels, weights=weights, prior=prior, strength=np.full(len(prior), BELIEF))
    return tuple(round(float(value), 6) for value in beta)
